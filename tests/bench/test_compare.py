import json

import pytest

from posekit.bench import compare

pytest.importorskip("pycocotools")
pytest.importorskip("pandas")


@pytest.mark.slow
def test_models_stand_side_by_side_on_the_rendered_clips(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(compare, "STEP", 60)
    result = compare.benchmark(["lightning"], plot=tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert result["pictures"] > 8
    assert result["models"]["lightning"]["ap"] > 0.5
    assert json.loads(json.dumps(result)) == result
    heading, columns, row = compare.report(result).splitlines()
    assert f"{result['pictures']} pictures" in heading
    assert columns.split()[:3] == ["ap", "low", "high"]
    assert row.split()[:2] == ["lightning", f"{result['models']['lightning']['ap']:.3f}"]


def test_our_models_are_added_where_mediapipe_is_the_only_one(monkeypatch):
    """With stand-ins for MediaPipe and for the comparison."""
    closed = []
    monkeypatch.setattr(compare.MediaPipe, "__init__", lambda self: None)
    monkeypatch.setattr(compare.MediaPipe, "close", lambda self: closed.append(self))

    def stop(annotations, images, models):
        assert list(models) == ["lightning", "thunder", "crowd", "mediapipe"]
        assert (annotations, images) == ("people.json", "photos")
        raise KeyboardInterrupt

    monkeypatch.setattr(compare, "compare", stop)
    with pytest.raises(KeyboardInterrupt):
        compare.benchmark(["mediapipe"], "people.json", "photos")
    assert len(closed) == 1
