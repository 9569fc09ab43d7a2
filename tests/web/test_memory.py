import gc
import sys

import numpy as np
import psutil
import pytest
from web.waiting import eventually

from posekit.web.memory import Returner, return_memory


def megabytes():
    return psutil.Process().memory_full_info().uss / 2**20


def scattered():
    """300 MB in small pieces, of which every hundredth is kept, so that none of the others is returned by itself."""
    pieces = [np.ones(2000) for _ in range(20_000)]
    return pieces[::100]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others return memory by themselves")
def test_what_is_free_goes_back_to_the_system():
    return_memory()
    before = megabytes()
    kept = scattered()
    gc.collect()
    assert megabytes() - before > 150
    return_memory()
    assert megabytes() - before < 50
    assert len(kept) == 200


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others return memory by themselves")
def test_a_thread_does_it_until_it_is_closed():
    freed = []
    returner = Returner(lambda: freed.append(1), interval=0.01)
    before = megabytes()
    kept = scattered()
    assert eventually(lambda: megabytes() - before < 50)
    returner.close()
    assert len(kept) == 200
    assert freed
