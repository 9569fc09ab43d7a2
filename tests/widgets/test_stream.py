import ipywebrtc
import pytest

import posekit
from posekit.frontend.shared import PIECE
from posekit.widgets.stream import as_stream, faces_user, send_clip


def test_a_stream_is_taken_as_it_is():
    stream = ipywebrtc.CameraStream(constraints={"audio": False, "video": True})
    assert as_stream(stream) is stream


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_path_becomes_a_stream_that_plays_the_clip(kind):
    clip = as_stream(kind(posekit.sample("squats")))
    assert isinstance(clip, ipywebrtc.VideoStream)
    assert bytes(clip.video.value) == posekit.sample("squats").read_bytes()


def test_an_address_is_played_by_the_browser():
    clip = as_stream("https://example.org/clip.mp4")
    assert isinstance(clip, ipywebrtc.VideoStream)
    assert (clip.video.format, bytes(clip.video.value)) == ("url", b"https://example.org/clip.mp4")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (0, r"expected a stream of ipywebrtc or the path of a clip, got int; a camera is ipywebrtc\.CameraStream"),
        (None, "got NoneType"),
        ("nowhere.mp4", r"there is no clip 'nowhere\.mp4' \(looked in .*\); a camera is"),
        (".", r"there is no clip '\.'"),
    ],
)
def test_anything_else_is_explained(source, message):
    with pytest.raises(posekit.PosekitError, match=message):
        as_stream(source)


class Channel:
    """A channel that keeps what is sent."""

    def __init__(self):
        self.sent = []

    def send(self, content, buffers):
        self.sent.append((content["left"], *buffers))


def sent(stream):
    channel = Channel()
    send_clip(channel, stream, "tab")
    return channel.sent


def test_a_clip_goes_in_pieces_that_fit_into_a_message(tmp_path):
    content = bytes(range(256)) * 8000
    (tmp_path / "clip.mp4").write_bytes(content)
    left, pieces = zip(*sent(as_stream(tmp_path / "clip.mp4")), strict=True)
    assert left == (2, 1, 0)
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= PIECE


def test_what_is_not_a_clip_of_this_machine_has_no_bytes():
    assert sent(ipywebrtc.CameraStream(constraints={"video": True})) == [(0, b"")]
    assert sent(as_stream("https://example.org/clip.mp4")) == [(0, b"")]


def test_a_camera_that_faces_the_user_is_known():
    assert faces_user(ipywebrtc.CameraStream.facing_user(audio=False))
    assert not faces_user(ipywebrtc.CameraStream.facing_environment(audio=False))
    assert not faces_user(ipywebrtc.CameraStream(constraints={"video": True}))
    assert not faces_user(as_stream(posekit.sample("squats")))
