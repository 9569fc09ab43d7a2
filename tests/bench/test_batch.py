import pytest

from posekit.bench import batch

pytest.importorskip("distributed", reason="needs Dask: the extra batch")
pytest.importorskip("pycocotools")


@pytest.mark.slow
def test_each_way_does_the_same_work_and_has_its_ratio():
    found = batch.benchmark(1, 2, rounds=1)
    assert set(found["ratios"]) == set(batch.PAIRS)
    for name, (one, other) in batch.PAIRS.items():
        assert found["ratios"][name] == found["seconds"][one] / found["seconds"][other] > 0
        assert name in batch.report(found)
