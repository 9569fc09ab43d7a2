import pytest

from posekit.cli import main

pytest.importorskip("waitress")


def test_its_options_reach_the_server(monkeypatch):
    seen = {}
    monkeypatch.setattr("posekit.web.server.serve", lambda **options: seen.update(options))
    assert main(["serve", "--port", "0", "--name", "a", "--name", "b", "--model", "crowd", "--proxy", "127.0.0.1"]) == 0
    rest = {"host_names": ["a", "b"], "proxy": "127.0.0.1"}
    assert seen == {"host": "127.0.0.1", "port": 0, "model": "crowd", "camera": None, **rest}
