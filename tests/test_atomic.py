import subprocess
import sys
import threading
import time

import pytest

from posekit import atomic


def test_the_new_file_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    atomic.write_bytes(target, b"new")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_leaves_the_old_file_and_no_part(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def write():
        with atomic.replacing(target) as part:
            part.write_text("half")
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        write()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
def test_a_locked_folder_lets_one_in_at_a_time(tmp_path):
    inside, most = [], []

    def count():
        for _ in range(50):
            with atomic.locked(tmp_path):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0)  # lets another thread go on
                inside.pop()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    with pytest.raises(FileNotFoundError), atomic.locked(tmp_path / "gone"):
        pass


def test_two_at_once_leave_one_whole_file(tmp_path):
    target, both = tmp_path / "a.bin", threading.Barrier(2)

    def write(content):
        with atomic.replacing(target) as part:
            part.write_bytes(content)
            both.wait()

    threads = [threading.Thread(target=write, args=[letter * 100_000]) for letter in (b"a", b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(target.read_bytes()) in ({ord("a")}, {ord("b")})
    assert list(tmp_path.iterdir()) == [target]


def test_a_name_as_long_as_file_systems_allow_will_do(tmp_path):
    target = tmp_path / ("x" * 251 + ".csv")
    atomic.write_bytes(target, b"1")
    assert target.read_bytes() == b"1"


@pytest.mark.slow
def test_a_sweep_removes_what_a_killed_program_left_and_nothing_else(tmp_path):
    target = tmp_path / "a.mp4"
    code = f"""
import os, signal
from pathlib import Path
from posekit import atomic
with atomic.reserved(Path({str(target)!r})) as part:
    part.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = tmp_path.iterdir()
    (tmp_path / ".mine.part.mp4").write_text("of somebody else")
    with atomic.reserved(target) as part:
        atomic.sweep(tmp_path)
        assert not left.exists()
        assert part.exists(), "a living program writes to it"
    assert [path.name for path in tmp_path.iterdir()] == [".mine.part.mp4"]


def test_a_sweep_and_new_parts_do_not_get_into_each_other_s_way(tmp_path):
    stop = threading.Event()

    def sweep():
        while not stop.is_set():
            atomic.sweep(tmp_path)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for number in range(300):
            atomic.write_bytes(tmp_path / f"{number}.txt", b"whole")
    finally:
        stop.set()
        sweeper.join()
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"whole"}
    assert len(list(tmp_path.iterdir())) == 300
