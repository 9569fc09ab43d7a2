"""axe-core on a page: what breaks the rules of WCAG 2.2 AA and its own best practices."""

import itertools
import shutil
import subprocess

import pytest


def axe_script(root):
    """The script that package-lock.json pins, fetched first where it is missing; skips where there is no npm."""
    script = root / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm") or pytest.skip("needs axe-core: npm ci")
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=root, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"cannot fetch axe-core: {done.stderr[-200:]}")
    return script.read_text("utf-8")


def violations(page, script):
    """Each rule that is broken, with the elements that break it."""
    page.evaluate(script)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


def violations_everywhere(page, script, states):
    """What is broken in each state that `states` brings the page into, by state, colour scheme and width."""
    found = {}
    for state in states:
        for scheme, width in itertools.product(["light", "dark"], [360, 768, 1400]):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            if broken := violations(page, script):
                found[state, scheme, width] = broken
    return found
