import errno
import os
from pathlib import Path

import pytest

from posekit import PosekitError
from posekit.cli.targets import Targets


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("photo.jpg", "photo_x.png"),
        ("some/where/photo.tar.gz", "photo.tar_x.png"),
        ("https://example.org/a/caf%C3%A9.jpg?size=1#top", "café_x.png"),
        ("https://example.org/", "picture_x.png"),
        ("https://example.org/..%2F..%2Fevil.jpg", "evil_x.png"),
        (".jpg", ".jpg_x.png"),
    ],
)
def test_targets_are_named_after_their_sources(source, name, tmp_path):
    assert Targets(tmp_path, "_x.png").name(source) == tmp_path / name


def test_a_folder_gives_its_whole_name(tmp_path, monkeypatch):
    (tmp_path / "v1.2").mkdir()
    monkeypatch.chdir(tmp_path / "v1.2")
    assert Targets(tmp_path, "_x.mp4").name(".") == tmp_path / "v1.2_x.mp4"


def test_names_that_differ_in_case_only_are_two_on_every_file_system(tmp_path):
    targets = Targets(tmp_path, "_x.png")
    assert [targets.name(source).name for source in ("a.jpg", "A.png")] == ["a_x.png", "A_2_x.png"]


def test_a_link_that_leads_nowhere_is_not_overwritten_either(tmp_path):
    (tmp_path / "a_x.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PosekitError, match="already exists"):
        Targets(tmp_path, "_x.png").name("a.jpg")


@pytest.mark.parametrize("links", [True, False])
def test_of_two_runs_that_write_one_name_the_first_wins(links, tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", none)
    one, other = Targets(tmp_path, "_x.png"), Targets(tmp_path, "_x.png")
    target = one.name("a.jpg")
    assert other.name("a.jpg") == target
    one.write(target, b"one")
    with pytest.raises(PosekitError, match="already exists"):
        other.write(target, b"other")
    assert target.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    targets = Targets(tmp_path, "_x.png")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PosekitError, match=r"cannot write .*a_x\.png: No space left on device; name another folder with --out"):
        targets.write(targets.name("a"), b"content")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    """Including one that is read-only, such as /proc, where not even root may write."""
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file" / "below", Path("/proc/posekit")):
        with pytest.raises(PosekitError, match=rf"cannot write {folder}: "):
            Targets(folder, "_x.png")
