import threading
import time
from itertools import count

import cv2
import numpy as np
import pytest
from serving import read
from web.waiting import eventually

import posekit
from posekit.web import feed
from posekit.web.feed import Feed
from posekit.web.limits import BusyError


class Camera:
    """Stands in for cv2.VideoCapture: a person of BGR pixels who does not move, at 100 frames a second."""

    opened, released, frames, works = 0, 0, 10**9, True

    def __init__(self, number):
        assert Camera.opened == Camera.released, "somebody has it already"
        Camera.opened += 1
        self.left = Camera.frames
        self.picture = posekit.read_image(posekit.sample("person"))[..., ::-1].copy()

    def isOpened(self):  # noqa: N802
        return Camera.works

    def read(self):
        time.sleep(0.01)
        self.left -= 1
        return (True, self.picture.copy()) if self.left >= 0 else (False, None)

    def release(self):
        Camera.released += 1


@pytest.fixture
def camera(monkeypatch):
    for name, value in {"opened": 0, "released": 0, "frames": 10**9, "works": True}.items():
        monkeypatch.setattr(Camera, name, value)
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    feed = Feed("0", "lightning")
    yield feed
    feed.close()
    if feed._last:
        feed._last.join(60)  # however slow the machine is, the next test begins with a free camera


def released():
    return eventually(lambda: Camera.opened == Camera.released)


def picture(part):
    """The JPEG of a part of the answer, which says how long it is."""
    head, _, body = part.partition(b"\r\n\r\n")
    lines = dict(line.split(b": ") for line in head.splitlines()[1:])
    assert head.startswith(b"--" + feed.BOUNDARY.encode())
    assert lines[b"Content-Type"] == b"image/jpeg"
    return body[: int(lines[b"Content-Length"])]


def test_the_camera_is_open_only_while_somebody_watches(camera):
    assert (Camera.opened, camera.state) == (0, "off")
    camera.join()
    next(camera.parts())
    assert (Camera.opened, Camera.released, camera.state) == (1, 0, "live")
    camera.leave()
    assert eventually(lambda: (Camera.opened, Camera.released, camera.state) == (1, 1, "off"))
    camera.join()
    next(camera.parts())
    assert Camera.opened == 2
    camera.leave()


def test_its_pictures_are_rgb_with_the_skeleton(camera, person, person_xy, lightning):
    camera.join()
    shown = read(picture(next(camera.parts())))
    camera.leave()
    assert shown.shape == person.shape
    assert np.abs(shown.astype(int) - posekit.draw(person, lightning(person))).mean() < 3
    x, y = person_xy[0].astype(int)
    assert np.abs(shown[y - 3 : y + 3, x - 3 : x + 3].astype(int) - person[y - 3 : y + 3, x - 3 : x + 3]).mean() > 10


@pytest.mark.slow
def test_viewers_share_one_capture_and_one_look_at_each_frame(camera, monkeypatch):
    looks = count()
    encoded = feed.encode_jpeg
    monkeypatch.setattr(feed, "encode_jpeg", lambda frame, quality: (next(looks), encoded(frame, quality))[1])
    seen = {}

    def watch(name):
        camera.join()
        seen[name] = [part for part, _ in zip(camera.parts(), range(10), strict=False)]
        camera.leave()

    viewers = [threading.Thread(target=watch, args=[name]) for name in range(3)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert released()
    assert Camera.opened == 1
    assert [len(parts) for parts in seen.values()] == [10, 10, 10]
    assert next(looks) == camera.frames


def test_there_are_not_more_viewers_than_places(camera):
    for number in range(feed.MAX_VIEWERS):
        camera.join(f"viewer {number}")
    with pytest.raises(BusyError, match="too many people"):
        camera.join("one more")
    camera.leave("viewer 0")
    camera.join("one more")
    for viewer in ["one more", *(f"viewer {number}" for number in range(1, feed.MAX_VIEWERS))]:
        camera.leave(viewer)
    assert released()


def test_one_address_does_not_get_all_places_of_viewers(camera):
    for _ in range(feed.MAX_VISITOR_VIEWERS):
        camera.join("a")
    with pytest.raises(BusyError):
        camera.join("a")
    camera.join("b")
    camera.leave("b")
    for _ in range(feed.MAX_VISITOR_VIEWERS):
        camera.leave("a")
    assert released()


def test_the_picture_of_a_camera_that_hangs_ends(monkeypatch):
    """Without a timeout its viewers would wait for ever, and occupy the server's threads."""
    hangs = threading.Event()
    monkeypatch.setattr(Camera, "read", lambda self: (False, None) if hangs.wait() else None)
    monkeypatch.setattr(Camera, "opened", 0)
    monkeypatch.setattr(Camera, "released", 0)
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    camera = Feed("0", "lightning", frame_timeout=0.01)
    camera.join()
    ended = threading.Thread(target=lambda: list(camera.parts()), daemon=True)
    ended.start()
    ended.join(60)
    assert not ended.is_alive()
    assert camera.state == "opening"
    camera.leave()
    hangs.set()
    camera._last.join(60)
    assert Camera.opened == Camera.released == 1


@pytest.mark.slow
@pytest.mark.parametrize(("frames", "works", "message"), [(3, True, "unplugged"), (0, False, "no camera 0")])
def test_a_camera_that_is_unplugged_or_missing_ends_the_picture_and_says_so(camera, monkeypatch, frames, works, message):
    monkeypatch.setattr(Camera, "frames", frames)
    monkeypatch.setattr(Camera, "works", works)
    camera.join()
    assert len(list(camera.parts())) <= 3
    assert camera.state == "failed"
    assert message in camera.error
    camera.leave()
    assert released()
    monkeypatch.setattr(Camera, "frames", 100)
    monkeypatch.setattr(Camera, "works", True)
    camera.join()  # plugged in again
    next(camera.parts())
    assert (camera.state, camera.error) == ("live", "")
    camera.leave()


def test_a_viewer_who_comes_while_the_last_one_leaves_gets_a_picture(camera):
    for _ in range(15):
        camera.join()
        next(camera.parts())
        leaving = threading.Thread(target=camera.leave)
        leaving.start()
        camera.join()
        assert picture(next(camera.parts()))
        leaving.join()
        camera.leave()
    assert released()


def test_closing_ends_every_viewer(camera):
    camera.join()
    parts = camera.parts()
    next(parts)
    camera.close()
    assert len(list(parts)) <= 1
    assert Camera.released == 1
    with pytest.raises(BusyError):
        camera.join()


@pytest.mark.slow
def test_a_clip_plays_again_and_again_at_its_own_rate(monkeypatch):
    slept = []
    monkeypatch.setattr(feed.clock, "sleep", slept.append)
    monkeypatch.setattr(feed.clock, "monotonic", lambda: 0.0)
    clip = Feed(str(posekit.sample("walk")), "lightning")
    frames = clip._clip()
    first = next(frames)
    assert not any((next(frames) == first).all() for _ in range(119))
    assert (next(frames) == first).all()
    assert slept[1] == pytest.approx(1 / 30, abs=1e-3)
    assert max(slept) == pytest.approx(4, abs=0.01)
    clip.close()


def test_a_clip_that_cannot_be_read_is_an_error_at_once():
    with pytest.raises(posekit.VideoError, match="no file missing"):
        Feed("missing.mp4", "lightning")
