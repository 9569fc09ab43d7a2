import pytest

from posekit.cli import main

pytest.importorskip("uvicorn")


def test_its_options_reach_the_server(monkeypatch):
    seen = {}
    monkeypatch.setattr("posekit.web.server.serve", lambda **options: seen.update(options))
    assert main(["serve", "--port", "0", "--name", "a", "--name", "b", "--model", "crowd", "--proxy", "127.0.0.1"]) == 0
    rest = {"live_models": [], "host_names": ["a", "b"], "proxy": "127.0.0.1", "access_code": None}
    rest |= {"https": False, "certificate": None}
    assert seen == {"host": "127.0.0.1", "port": 0, "model": "crowd", "camera": None, **rest}


def test_a_code_is_made_up_where_none_is_named(monkeypatch):
    seen = []
    monkeypatch.setattr("posekit.web.server.serve", lambda **options: seen.append(options["access_code"]))
    assert main(["serve", "--access-code"]) == main(["serve", "--access-code", "sesame"]) == 0
    assert len(seen[0]) == 6
    assert seen[1] == "sesame"
