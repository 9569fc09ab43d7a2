import os
import re
import stat
import time

import pytest

from posekit.web import results
from posekit.web.results import ResultStore


@pytest.fixture
def kept(clock):
    kept = ResultStore(clock=clock)
    yield kept
    kept.close()


def files(kept):
    return sorted(path.name for path in kept.folder.iterdir())


def test_names_are_random_and_the_folder_is_private(kept):
    results = [kept.put({"pose.jpg": b"picture"}, {}) for _ in range(50)]
    assert len({result.key for result in results}) == 50
    assert all(re.fullmatch("[0-9a-f]{32}", result.key) for result in results)
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert kept.path(f"{results[0].key}_pose.jpg").read_bytes() == b"picture"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "_",
        "pose.jpg",
        "../{key}_pose.jpg",
        "{key}_../pose.jpg",
        "{key}_",
        "{key}",
        "{key}_pose.csv",
        "/etc/passwd",
        "{key}_pose.jpg/",
        "{key}_pose.jpg\0",
        "{KEY}_pose.jpg",
    ],
)
def test_a_name_is_looked_up_and_is_no_path(kept, name):
    key = kept.put({"pose.jpg": b"picture"}, {}).key
    assert kept.path(name.format(key=key, KEY=key.upper() + "X")) is None


def test_a_result_goes_after_a_quarter_of_an_hour(kept, clock):
    old = kept.put({"a.jpg": b"1", "b.csv": b"2"}, {"name": "old"})
    clock.now += 14 * 60
    new = kept.put({"a.jpg": b"3"}, {})
    assert kept.get(old.key).about["name"] == "old"
    clock.now += 61
    assert kept.get(old.key) is None
    assert kept.path(f"{old.key}_a.jpg") is None
    kept.sweep()
    assert files(kept) == [f"{new.key}_a.jpg"]


def test_it_goes_though_nobody_asks(monkeypatch, clock):
    monkeypatch.setattr(results, "SWEEP", 0.01)
    kept = ResultStore(clock=clock)
    kept.put({"a.jpg": b"1"}, {})
    clock.now += 901
    for _ in range(500):
        if not files(kept):
            break
        time.sleep(0.01)
    assert not files(kept)
    kept.close()


def test_the_oldest_go_where_there_is_too_much(clock):
    kept = ResultStore(max_bytes=250, clock=clock)
    keys = [kept.put({"a.jpg": bytes(100)}, {}).key for _ in range(5)]
    assert files(kept) == sorted(f"{key}_a.jpg" for key in keys[-2:])
    kept.close()


def test_closing_deletes_everything(kept):
    kept.put({"a.jpg": b"1"}, {})
    kept.close()
    assert not kept.folder.exists()


def test_folders_of_killed_servers_go_with_the_next_one_and_others_stay(tmp_path, monkeypatch, clock):
    monkeypatch.setattr(results.tempfile, "tempdir", str(tmp_path))
    killed, alive, other = (tmp_path / name for name in ("posekit-medias-killed", "posekit-medias-alive", "else"))
    for folder in (killed, alive, other):
        folder.mkdir()
        (folder / "photo.jpg").write_bytes(b"1")
    link = tmp_path / "posekit-medias-link"
    link.symlink_to(other)
    for folder in (killed, other, link):
        os.utime(folder, (0, 0), follow_symlinks=False)
    ResultStore(clock=clock).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["else", "posekit-medias-alive", "posekit-medias-link"]
    assert (other / "photo.jpg").exists()
