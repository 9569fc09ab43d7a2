"""The live benchmark runs and reports what it measured; the speed of this machine is not tested."""

import json

import pytest
from browser.conftest import find_browser

import posekit
from posekit.bench import live as bench_live
from posekit.cli import main

RESULT = {
    "model": "lightning",
    "far": 0.0,
    "live": {"fps": 29.0, "latency_ms": 32.0, "p95_ms": 60.0, "bytes": 6500.0, "kernel_mb": [170, 171], "tab_mb": [300, 310]},
    "browser": {"fps": 28.0, "latency_ms": 22.0, "p95_ms": 40.0, "bytes": 0.0, "kernel_mb": [171, 172], "tab_mb": [310, 312]},
    "usual": {"fps": 1.0, "latency_ms": 900.0, "p95_ms": 1200.0, "bytes": 114000.0},
    "ratio": 29.0,
}


def test_the_report_has_all_ways_side_by_side():
    text = bench_live.report(RESULT)
    rows = {line[:28].strip(): line.split()[-4:] for line in text.splitlines()[2:5]}
    assert rows == {
        "LivePose, in the kernel": ["29.0", "32.0", "60.0", "6500.0"],
        "LivePose, in the browser": ["28.0", "22.0", "40.0", "0.0"],
        "loop over ImageRecorder": ["1.0", "900.0", "1200.0", "114000.0"],
    }
    assert "model in the kernel: memory of the kernel 170 → 171 MB, of the tab 300 → 310 MB" in text
    assert "model in the browser: memory of the kernel 171 → 172 MB, of the tab 310 → 312 MB" in text
    assert "29.0 times as many" in text


def test_the_report_says_how_far_away_the_server_is():
    assert "in JupyterLab\n" in bench_live.report(RESULT)
    assert "in a JupyterLab 200 ms away\n" in bench_live.report(RESULT | {"far": 200.0})


def test_without_chromium_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(posekit.PosekitError, match="Chromium or Chrome"), bench_live._tab(tmp_path, "about:blank"):
        pass


@pytest.mark.slow
@pytest.mark.browser
def test_it_measures_in_a_real_jupyterlab(capsys):
    find_browser("POSEKIT_CHROMIUM", "chromium", "chromium-browser", "google-chrome")
    assert main(["bench", "--live", "--seconds", "4", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["live"].keys() == RESULT["live"].keys()
    assert result["usual"].keys() == RESULT["usual"].keys()
    assert result["browser"].keys() == RESULT["browser"].keys()
    assert result["browser"]["fps"] > 0
    assert result["ratio"] == pytest.approx(result["live"]["fps"] / result["usual"]["fps"])
    assert 1000 < result["live"]["bytes"] < result["usual"]["bytes"]
    assert len(result["live"]["kernel_mb"]) == len(result["live"]["tab_mb"]) == 2
