import csv
import io
import re

import pytest
from web.waiting import eventually

import posekit
from posekit.web import clip_pages as module


@pytest.fixture
def client(app):
    yield app.test_client()
    clips = app.extensions["posekit"].clips
    for key in list(clips._jobs):
        clips.cancel(key)
    assert eventually(lambda: len(clips) == 0)


def send(client, content, name="my.clip.mp4", address="127.0.0.1", **fields):
    form = {"clip": (io.BytesIO(content), name)} | fields
    return client.post("/clips", data=form, environ_base={"REMOTE_ADDR": address})


def result(client, location):
    """The page when the work has ended."""
    assert eventually(lambda: client.get(f"{location}/progress").json["ended"])
    return client.get(location)


@pytest.fixture(scope="module")
def sent(app, short_clip):
    """The address of a finished clip."""
    client = app.test_client()
    location = send(client, short_clip, exercise="squat").location
    result(client, location)
    return location


@pytest.mark.slow
def test_a_clip_gets_a_page_to_watch_it_and_to_keep_it(client, sent, short_clip):
    page = client.get(sent)
    assert "1 person followed" in page.text
    assert re.search(r"<strong>\d</strong> repetitions?: squat", page.text)
    video = client.get(re.search(r'<video controls[^>]* src="([^"]+)"', page.text)[1])
    assert (video.status_code, video.mimetype) == (200, "video/mp4")
    assert video.data[4:8] == b"ftyp"
    for name, kind in [("pose.mp4?download=", "video/mp4"), ("tracks.csv", "text/csv"), ("repetitions.csv", "text/csv")]:
        assert f'href="{sent}/{name}"' in page.text
        answer = client.get(f"{sent}/{name}")
        assert answer.mimetype == kind
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=my.clip_")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{sent}/tracks.csv").text)))
    assert {int(row["frame"]) for row in rows} == set(range(30))


@pytest.mark.slow
def test_a_player_can_seek(client, sent):
    whole = client.get(f"{sent}/pose.mp4")
    part = client.get(f"{sent}/pose.mp4", headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 100-299/{len(whole.data)}")
    assert part.data == whole.data[100:300]
    assert whole.headers["Accept-Ranges"] == "bytes"
    beyond = client.get(f"{sent}/pose.mp4", headers={"Range": f"bytes={len(whole.data)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.data)}")
    assert "no such part" in beyond.text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clip-that-was-sent", "../pose.mp4", "%2e%2e/server", "x", ""])
def test_nothing_else_of_its_folder_is_served(client, sent, name):
    assert client.get(f"{sent}/{name}").status_code == 404
    assert client.get(f"/clips/{'0' * 32}/pose.mp4").status_code == 404


@pytest.mark.slow
def test_while_it_is_worked_on_a_page_says_how_far_it_is_and_gives_a_way_to_end_it(client):
    location = send(client, posekit.sample("squats").read_bytes()).location
    assert eventually(lambda: client.get(f"{location}/progress").json.get("done"))
    page = client.get(location)
    assert re.search(r'<progress [^>]*aria-label="Frames done" value="\d+" max="228">', page.text)
    assert '<noscript><meta http-equiv="refresh"' in page.text
    answer = client.post(re.search(r'action="([^"]+/cancel)"', page.text)[1])
    assert (answer.status_code, answer.location) == (303, "/")
    page = result(client, location)
    assert page.status_code == 410
    assert "cancelled" in page.text


def test_two_clips_of_one_visitor_are_too_many(client):
    assert send(client, posekit.sample("squats").read_bytes()).status_code == 303
    answer = send(client, posekit.sample("walk").read_bytes(), exercise="lunge")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "try again in a minute" in answer.text
    assert '<option value="lunge" selected>' in answer.text
    assert send(client, posekit.sample("walk").read_bytes(), address="192.0.2.1").status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("name", ["picture.mp4", "<script>alert(1)</script>.mp4"])
def test_what_is_not_a_clip_is_explained_without_a_path(client, name):
    page = result(client, send(client, posekit.sample("person").read_bytes(), name).location)
    assert page.status_code == 422
    assert "is not a clip that can be read here" in page.text
    assert "posekit-clips" not in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(("content", "fields", "status", "words"), [
    (b"", {}, 400, "is empty (0 bytes)"), (b"x", {"exercise": "dance"}, 400, "no exercise"),
    (b"x", {"model": "/etc"}, 400, "no model"), (b"x", {"threshold": "nan"}, 400, "number from 0 to 1"),
])  # fmt: skip
def test_what_was_wrong_stands_over_the_form(client, content, fields, status, words):
    answer = send(client, content, **fields)
    assert answer.status_code == status
    assert words in re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text)[1]


def test_a_clip_that_is_too_large_is_not_taken(client, monkeypatch):
    monkeypatch.setattr(module, "MAX_CLIP_BYTES", 1000)
    answer = send(client, bytes(2**17))
    assert answer.status_code == 413
    assert "That clip is too large" in answer.text


def test_what_is_gone_says_why(client):
    assert client.get(f"/clips/{'0' * 32}").status_code == 410
    assert client.get(f"/clips/{'0' * 32}/progress").json == {"ended": True}
    assert client.post(f"/clips/{'0' * 32}/cancel").status_code == 303
