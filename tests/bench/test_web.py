import pytest

from posekit.bench.web import benchmark, report


def result(**upload):
    each = {"rate": 90.0, "busy": 1, "bare": 120.0, "ratio": 0.75}
    return {
        "upload": {"decode": 0.25, "page": 0.45, "usual": 0.65} | upload,
        "api": {"1": each, "2": each},
        "feed": [30.0, 29.96, 1.0],
    }


def test_the_report_says_it_in_words():
    assert report(result()).splitlines() == [
        "photo of 12 million pixels: 0.25 s to decode it, then 0.20 s to the finished page",
        "  matplotlib takes 0.40 s from there, 2.0 times as long",
        "API, 8 clients, passes=1: 90 a second, 0.75 of the bare interpreter's 120 (0.75 in looks); 1 answered 503",
        "API, 8 clients, passes=2: 90 a second, 0.75 of the bare interpreter's 120 (1.50 in looks); 1 answered 503",
        "camera, 3 viewers: 30.0, 30.0, 1.0 frames a second",
    ]


@pytest.mark.slow
def test_it_measures_everything():
    measured = benchmark(seconds=1, rounds=1)
    assert measured.keys() == result().keys()
    assert measured["upload"]["page"] > measured["upload"]["decode"] > 0
    assert all(each["rate"] > 0 and each["bare"] > 0 for each in measured["api"].values())
    assert len(measured["feed"]) == 3
