"""Sources of one batch, in order, and their rows. What a name stands for is tested in test_sources."""

import os
import subprocess
import sys

import pytest

import posekit
from posekit.parallel.ledger import COLUMNS, Ledger
from posekit.parallel.work import new_row


def names(sources):
    return [source.address.rpartition("/")[2] for source in sources]


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("b10.jpg", "b2.JPG", "B3.png", "a.mp4", "c.mov", "b100.png")):
        (tmp_path / name).write_bytes(bytes(number + 1))
    return tmp_path


def test_sources_are_in_natural_order_within_each_name_and_count_once(folder):
    assert names(Ledger([folder])) == ["a.mp4", "b2.JPG", "B3.png", "b10.jpg", "b100.png", "c.mov"]
    assert names(Ledger([folder / "c.mov", folder, folder / "a.mp4"])) == [
        "c.mov",
        "a.mp4",
        "b2.JPG",
        "B3.png",
        "b10.jpg",
        "b100.png",
    ]


def test_long_clips_wait_first_then_pictures(folder):
    ledger = Ledger([folder])
    assert names(ledger.waiting()) == ["c.mov", "a.mp4", "b2.JPG", "B3.png", "b10.jpg", "b100.png"]
    assert ledger.waiting_size() == (4, 2, 9)


def test_a_row_is_kept_where_its_source_has_not_changed(folder):
    ledger = Ledger([folder])
    first, second, *_ = ledger
    ledger.add(new_row(first) | {"state": "done", "frames": 7, "seconds": 0.25})
    ledger.add(new_row(second) | {"changed": "yesterday"})
    ledger.add(new_row(second) | {"source": "/of/another/run.png"})
    (row,) = ledger.rows()
    assert dict(zip(COLUMNS, row, strict=True)) == new_row(first) | {"state": "done", "frames": 7, "seconds": 0.25}
    assert second in ledger.waiting()
    assert first not in ledger.waiting()


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_and_errors_that_are_not_utf8_come_back(tmp_path):
    file = tmp_path / os.fsdecode(b"caf\xe9.png")
    try:
        file.touch()
    except OSError:
        pytest.skip("this file system has Unicode names only")
    ledger = Ledger([tmp_path])
    (source,) = ledger
    ledger.add(new_row(source) | {"error": f"cannot read {file}"})
    ((address, _, error, *_),) = ledger.rows()
    assert (address, error) == (str(file), f"cannot read {file}")


def test_nothing_is_an_error_in_words(tmp_path):
    with pytest.raises(posekit.PosekitError, match="an empty list"):
        Ledger([])
    with pytest.raises(posekit.PosekitError, match=f"no picture and no clip in {tmp_path}"):
        Ledger([tmp_path])


_PEAK = """
import sys, tracemalloc
from pathlib import Path
from posekit.parallel.ledger import Ledger
from posekit.parallel.work import new_row

def peak(count):
    for number in range(count):
        Path(f"{number}.png").touch()
    tracemalloc.start()
    ledger = Ledger(["."])
    for source in ledger.waiting():
        ledger.add(new_row(source))
    assert sum(1 for _ in ledger.rows()) == count
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most

peak(100)  # imports what it needs
print(peak(300), min(peak(3000) for _ in range(3)))  # a table of the interpreter that grows once is none of ours
"""


@pytest.mark.slow
def test_ten_times_as_many_sources_take_no_more_memory(tmp_path):
    """In a separate process, where no other thread is running. SQLite's cache takes two more megabytes."""
    found = subprocess.run([sys.executable, "-c", _PEAK], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    few, many = map(int, found.split())
    assert many < few + 100_000
