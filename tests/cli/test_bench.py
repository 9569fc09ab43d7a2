import json

import pytest

from posekit.cli import main


def test_it_takes_models_that_can_be_measured(capsys):
    with pytest.raises(SystemExit):
        main(["bench", "--model", "multipose"])
    assert "choose from" in capsys.readouterr().err


@pytest.mark.parametrize("room", ["core", "live", "web", "compare", "threads"])
def test_each_benchmark_is_printed_as_a_table_or_as_json(room, monkeypatch, capsys):
    pytest.importorskip("av")
    monkeypatch.setattr(f"posekit.bench.{room}.benchmark", lambda *_, **__: {"room": room})
    monkeypatch.setattr(f"posekit.bench.{room}.report", lambda result: f"a table of {result['room']}")
    arguments = [
        "bench",
        *{"core": [], "compare": ["--compare", "mediapipe"], "threads": ["--threads", "1"]}.get(room, [f"--{room}"]),
    ]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"a table of {room}\n"
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"room": room}
