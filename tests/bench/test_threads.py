import json
import shutil
import sys
from pathlib import Path

import pytest

import posekit
from posekit.bench import threads
from posekit.cli import main


@pytest.mark.slow
def test_each_model_has_a_row_for_each_number_of_threads(tmp_path):
    pytest.importorskip("matplotlib")
    result = threads.benchmark([1, 2], models=["lightning"], rounds=2, plot=tmp_path / "plot.png")
    assert [(run["model"], run["threads"]) for run in result["runs"]] == [("lightning", 1), ("lightning", 2)]
    assert all(0 < run["low"] <= run["ms"] <= run["high"] and run["first"] > 0 for run in result["runs"])
    assert result["runs"][0]["ratio"] == 1
    if sys.platform == "linux":
        assert all(run["megabytes"] > 1 for run in result["runs"]), "and not what the parent has"
    assert result["machine"]["cores"] >= 1
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(json.dumps(result)) == result
    assert len(threads.report(result).splitlines()) == 5


@pytest.mark.slow
def test_a_file_stands_beside_the_names(tmp_path, capsys):
    file = Path(shutil.copy(posekit.models.fetch("lightning"), tmp_path / "a_copy_of_lightning.tflite"))
    main(["bench", "--threads", "1", "--of", "lightning", str(file), "--json"])
    assert [run["model"] for run in json.loads(capsys.readouterr().out)["runs"]] == ["lightning", file.name]


def test_no_threads_and_a_plot_that_cannot_be_written_are_reported(tmp_path):
    with pytest.raises(posekit.PosekitError, match="must be 1 or more"):
        threads.benchmark([0])
    pytest.importorskip("matplotlib")
    run = {"model": "lightning", "threads": 1, "ms": 2.0, "low": 1.0, "high": 3.0}
    with pytest.raises(posekit.PosekitError, match="cannot write the plot"):
        threads.save_plot([run], tmp_path / "nowhere" / "plot.png")
