import os
import signal
import subprocess
import sys
import threading

import pytest

from posekit.video.stopping import stopping


def test_ctrl_c_waits_for_the_end_of_the_block():
    done = []

    def work():
        with stopping() as stop:
            assert not stop
            os.kill(os.getpid(), signal.SIGINT)
            assert stop
            done.append("block")
        done.append("after")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["block"]


def test_the_second_ctrl_c_is_meant_at_once():
    def work():
        with stopping():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("it goes on")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_the_block_comes_first():
    def work():
        with stopping():
            signal.raise_signal(signal.SIGINT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_program_ends_by_its_signal_after_the_block(name):
    code = f"""
import signal
from posekit.video.stopping import stopping
with stopping():
    signal.raise_signal(signal.{name})
    print("block", flush=True)
print("after", flush=True)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout == "block\n"
    assert run.returncode == -getattr(signal, name)


def test_what_is_ignored_stays_ignored_as_under_nohup():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stopping() as stop:
            signal.raise_signal(signal.SIGINT)
            assert not stop
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_get_no_signals():
    seen = []

    def work():
        with stopping() as stop:
            seen.append(bool(stop))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
