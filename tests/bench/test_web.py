import pytest

from posekit.bench.web import benchmark, report


@pytest.mark.slow
def test_it_measures_everything_and_says_it_in_words():
    result = benchmark(seconds=1, rounds=1)
    assert result["upload"]["page"] > 0
    assert all(each["ratio"] == pytest.approx(each["rate"] / each["bare"]) for each in result["api"].values())
    assert len(result["feed"]) == 3
    assert len(report(result).splitlines()) == 5
