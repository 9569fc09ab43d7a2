import threading

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
