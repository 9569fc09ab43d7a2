"""axe-core on a page: what it finds wrong, by the rules of WCAG 2.2 AA and its own best practices."""

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
