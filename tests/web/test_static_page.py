import json
import re

import pytest

from posekit.estimate import in_browser
from posekit.frontend import assets
from posekit.web import static_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files():
    return static_page.static_page()


@pytest.mark.parametrize("name", ["index.html", "live.html"])
def test_pages_refer_only_to_files_beside_them(files, name):
    page = files[name].decode()
    links = re.findall(r'(?:href|src)="([^"#]+)', page)
    assert len(links) > 10
    assert {link for link in links if link not in files} == set()
    assert "://" not in re.sub(r'content="default-src[^"]+"', "", page)


def test_what_is_kept_for_offline_is_there_and_leaves_out_the_large_files(files):
    kept = json.loads(files["offline.json"])["files"]
    assert set(kept) - {"./"} <= set(files)
    assert {"./", "index.html", "live.html", "front/host.js", "browser/lightning.json"} <= set(kept)
    assert sum(len(files[name]) for name in kept if name in files) < 300_000


def test_the_first_visit_with_lightning_is_at_most_8_mb(files):
    about = json.loads(files["browser/lightning.json"])
    large = sum(len(files[f"browser/{file['sha256']}"]) for file in about["files"].values())
    assert large == sum(file["bytes"] for file in about["files"].values())
    kept = sum(len(files[name]) for name in json.loads(files["offline.json"])["files"] if name in files)
    assert large + kept < 8_000_000  # even from a host that compresses nothing


@pytest.mark.parametrize("name", ["index.html", "live.html"])
def test_both_pages_say_which_model_finds_several_people(files, name):
    assert "Up to six people." in files[name].decode()


def test_its_rules_are_the_servers_without_a_server():
    assert "'wasm-unsafe-eval'" in static_page.POLICY
    assert "unsafe-inline" not in static_page.POLICY.replace("'wasm-unsafe-eval'", "")
    assert "'unsafe-eval'" not in static_page.POLICY


def test_it_is_written_and_written_again(files, tmp_path, monkeypatch):
    monkeypatch.setattr(static_page, "static_page", lambda: {"a.txt": b"1", "b/c.txt": b"2"})
    (tmp_path / "other").write_text("stays")
    for _ in range(2):
        static_page.write(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == {
        "a.txt",
        "b/c.txt",
        "other",
    }


def test_the_page_has_every_script_of_the_front_end(files):
    wanted = {name for page in ("photo", "host", "install") for name in assets.modules(page)}
    assert {f"front/{name}.js" for name in wanted} <= set(files)
    assert set(in_browser.BROWSER_MODELS) == {"lightning", "thunder", "multipose"}
