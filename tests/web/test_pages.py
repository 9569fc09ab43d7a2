import csv
import html
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from serving import encoded, read, running

import posekit
from posekit.frontend import assets
from posekit.pose.skeleton import ANGLES, KEYPOINTS
from posekit.video import read_video
from posekit.web import pages as module


@pytest.fixture(scope="module")
def app():
    with running(camera=str(posekit.sample("walk"))) as app:
        yield app


def send(client, content, name="photo.jpg"):
    return client.post("/", data={"photo": (io.BytesIO(content), name)})


def links(page):
    return re.findall(r'/results/[^/"]+/[^"]+', html.unescape(page.text))


@pytest.mark.slow
def test_a_photo_gets_a_page_with_both_pictures_and_the_table(client, person, lightning):
    answer = send(client, encoded(person, "PNG"))
    assert answer.status_code == 303  # so that loading again does not send the photo again
    page = client.get(answer.location)
    original, shown, *_ = (client.get(link) for link in links(page))
    assert np.abs(read(original.data).astype(int) - person).mean() < 2
    assert np.abs(read(shown.data).astype(int) - posekit.draw(person, lightning(person))).mean() < 3
    assert all(f"{name.replace('_', ' ')}</th>" in page.text for name in KEYPOINTS)
    assert "1 person found" in page.text
    assert "the person&#39;s own" in page.text or "the person's own" in page.text


def test_what_it_gives_to_download(client, person):
    page = client.get(send(client, encoded(person), "my.holiday.photo.jpg").location)
    picture, table, points = (client.get(link) for link in links(page)[2:])
    assert read(picture.data).shape == person.shape
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["keypoint"] for row in rows] == list(KEYPOINTS)
    assert float(rows[0]["x"]) == points.json["people"][0]["keypoints"]["nose"]["x"]
    for answer, kind, ending in [(picture, "image/jpeg", "jpg"), (table, "text/csv", "csv"), (points, "application/json", "json")]:
        assert answer.mimetype == kind
        assert answer.headers["Content-Disposition"] == f"attachment; filename=my.holiday.photo_pose.{ending}"


@pytest.mark.slow
def test_a_large_photo_is_shown_small_and_given_back_large(client, person):
    large = np.ascontiguousarray(np.repeat(np.repeat(person, 5, axis=0), 5, axis=1))
    # The large one is made when it is asked for.
    sizes = [read(client.get(link).data).shape for link in links(client.get(send(client, encoded(large)).location))[:3]]
    assert sizes == [(1200, 1600, 3), (1200, 1600, 3), (2400, 3200, 3)]


def test_nothing_hidden_in_a_photo_goes_on(client, person):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    exif[0x010F] = "A maker of phones"
    page = client.get(send(client, encoded(person, exif=exif, comment=b"secret")).location)
    for link in links(page)[:3]:
        content = client.get(link).data
        assert not Image.open(io.BytesIO(content)).getexif()
        assert b"secret" not in content


ODD_NAMES = ["<script>alert(1)</script>.jpg", '"><img src=x onerror=alert(1)>.png', "{{ 7 * 7 }}.jpg", "日本.jpg", "x" * 3000]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_text_wherever_it_is_shown(client, person, name):
    page = client.get(send(client, encoded(person), name).location)

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attributes):
            assert tag not in ("script",) or dict(attributes).get("src", "").startswith("/front/")
            assert not any(attribute.startswith("on") for attribute, _ in attributes)

    Tags().feed(page.text)
    assert "49.jpg" not in page.text
    for link in links(page):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "X-Bad" not in answer.headers


def test_that_nobody_was_found_is_explained(client):
    page = client.get(send(client, encoded(np.zeros((48, 64, 3), np.uint8))).location)
    assert "Nobody found" in page.text
    assert "<table" not in page.text
    assert len(links(page)) == 3


@pytest.mark.parametrize(("content", "status", "words"), [
    (b"hello", 415, "is not a picture"), (b"", 400, "is empty (0 bytes)"), (bytes(2**24 + 1), 413, "16 MB"),
    (encoded(np.zeros((480, 640, 3), np.uint8))[:900], 422, "damaged or cut short"),
])  # fmt: skip
def test_what_was_wrong_stands_over_the_form(client, content, status, words):
    answer = send(client, content)
    assert answer.status_code == status
    assert words in re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text)[1]
    assert 'type="file"' in answer.text


@pytest.mark.slow
def test_the_model_and_the_least_score_are_the_visitors_choice(client, person, thunder):
    answer = client.post("/", data={"photo": (io.BytesIO(encoded(person, "PNG")), "a.png"), "model": "thunder", "threshold": "0.8"})
    page = client.get(answer.location)
    assert "by thunder in" in page.text
    shown = next(link for link in links(page) if "shown.jpg" in link)
    poses = thunder(person)
    assert np.abs(read(client.get(shown).data).astype(int) - posekit.draw(person, poses, threshold=0.8)).mean() < 3
    other = client.get(f"{answer.location}?threshold=0.95")
    shown = next(link for link in links(other) if "shown.jpg" in link)
    assert np.abs(read(client.get(shown).data).astype(int) - posekit.draw(person, poses, threshold=0.95)).mean() < 3
    assert other.text.count('class="faint"') == (poses.score[0] < 0.95).sum() > page.text.count('class="faint"')


def test_angles_are_written_where_they_are_wanted(client, person, lightning):
    location = send(client, encoded(person, "PNG")).location
    plain, more = client.get(location), client.get(f"{location}?angles=on")
    shown = {read(client.get(next(link for link in links(page) if "shown.jpg" in link)).data).tobytes() for page in (plain, more)}
    assert len(shown) == 2
    (text,) = re.findall(r'(?s)<div class="angles">(.*?)</div>', more.text)
    assert f"left elbow {lightning(person)[0].angle('left_elbow'):.0f}°" in text
    assert '<div class="angles" hidden>' in plain.text


def test_an_angle_is_written_where_all_three_points_are_drawn(client, person, lightning):
    location = send(client, encoded(person, "PNG")).location
    body = lightning(person)[0]
    least = {joint.replace("_", " "): body.score[list(three)].min() for joint, three in ANGLES.items()}
    threshold = round(float(np.median(list(least.values()))), 2)
    page = client.get(f"{location}?angles=on&threshold={threshold}").text
    shown = set(re.findall(r'<li data-score="[\d.]+">(.*?) \d+°</li>', page))
    assert shown == {joint for joint, score in least.items() if score >= threshold}
    assert 0 < len(shown) < len(re.findall("<li data-score", page)) == len(least)


@pytest.mark.parametrize(("field", "value"), [("model", "../x"), ("threshold", "nan"), ("threshold", "2"), ("threshold", "x")])
def test_an_invalid_choice_is_explained(client, person, field, value):
    answer = client.post("/", data={"photo": (io.BytesIO(encoded(person)), "a.jpg"), field: value})
    assert answer.status_code == 400
    assert "<title>That did not work" in answer.text


def test_without_scripts_what_was_chosen_stays_chosen_after_an_error(client):
    answer = client.post("/", data={"photo": (io.BytesIO(b"hello"), "a.jpg"), "model": "thunder", "threshold": "0.5"})
    assert 'value="thunder" checked' in answer.text
    assert 'value="0.5"' in answer.text
    assert "autofocus" in answer.text


@pytest.mark.slow
def test_one_press_looks_for_several_people_in_the_same_photo(client):
    two = next(iter(read_video(posekit.sample("two_people"))))
    page = client.get(send(client, encoded(two)).location)
    assert "1 person found" in page.text
    action = re.search(r'action="(/results/[^"]+)"', page.text)[1]
    page = client.get(client.post(action, data={"model": "crowd"}).location)
    assert int(re.search(r"<h1>(\d+) people found", page.text)[1]) > 1
    assert "Look for several" not in page.text
    assert client.post(f"/results/{'0' * 32}", data={"model": "crowd"}).status_code == 410


def test_several_photos_have_a_page_together(client, person):
    keys = [send(client, encoded(person), name).location.split("/")[-1] for name in ("a.jpg", "b.jpg")]
    page = client.get(f"/photos/{','.join([*keys, '0' * 32])}")
    assert page.text.count("<strong>1 person</strong>") == 2
    assert "1 more is gone" in page.text
    assert client.get(f"/photos/{'0' * 32}").status_code == 410


@pytest.mark.parametrize("folder", ["/results", "/static", "/front"])
@pytest.mark.parametrize("name", ["", "/", "/x", "/../app.py", "/..%2fapp.py", "/..%5capp.py", "/%2e%2e/app.py", "//etc/passwd"])
def test_no_folder_is_listed_and_none_is_left(client, folder, name):
    assert client.get(folder + name).status_code in (404, 308, 410)
    assert client.get(folder + name, follow_redirects=True).status_code in (404, 410)


def test_what_is_gone_says_why(client):
    gone = client.get(f"/results/{'0' * 32}")
    assert gone.status_code == 410
    assert "15 minutes" in gone.text
    assert client.get(f"/results/{'0' * 32}/pose.jpg").status_code == 404


def test_nobody_but_the_visitor_keeps_a_result(client, person):
    location = send(client, encoded(person)).location
    for path in (location, *links(client.get(location))):
        assert client.get(path).headers["Cache-Control"] in ("no-store", "no-cache"), path


def test_the_live_page_takes_the_widgets_front_end_as_it_is(client):
    page = client.get("/live")
    assert page.status_code == 200
    for name in ("host", *assets.modules("live_pose")):
        assert f"/front/{name}.js" in page.text
        script = client.get(f"/front/{name}.js")
        assert script.text == assets.text(f"{name}.js")
        assert script.mimetype == "text/javascript"
        assert client.get(f"/front/{name}.js", headers={"If-None-Match": script.headers["ETag"]}).status_code == 304
    assert client.get("/front/live_pose.css").mimetype == "text/css"


@pytest.mark.parametrize("name", ["assets.py", "types.d.ts", "../errors.py", "%2e%2e/errors.py", ""])
def test_only_what_a_page_may_load_is_served(client, name):
    assert client.get(f"/front/{name}").status_code == 404


def test_pages_have_no_scripts_or_styles_inside_and_none_from_elsewhere(client, person):
    for path in ("/", "/live", "/kiosk", "/projector", "/nothing", send(client, encoded(person)).location):
        text = client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*src=)", text), path
        assert not re.search(r'(?:src|href|action)="(?!/)', text.replace('href="#main"', "")), path
        assert '<html lang="en">' in text
        assert len(re.findall("<h1", text)) == 1


def camera(client):
    """The page's link to the camera."""
    (link,) = set(re.findall(r'/video_feed[^"]+', client.get("/live").text))
    return link


def test_the_servers_camera_is_mjpeg(client, app):
    link = camera(client)
    answer = client.get(link, buffered=False)
    assert answer.mimetype == "multipart/x-mixed-replace"
    boundary = answer.mimetype_params["boundary"].encode()
    parts = answer.iter_encoded()
    for _ in range(3):
        part = next(parts)
        assert part.startswith(b"--" + boundary)
        assert read(part.partition(b"\r\n\r\n")[2]).shape == (480, 640, 3)
    answer.close()
    assert len(app.extensions["posekit"].feed.viewers) == 0
    assert client.head(link).status_code == 200
    assert len(app.extensions["posekit"].feed.viewers) == 0


@pytest.mark.parametrize("token", ["", "?token=", "?token=x", "?token=%FF"])
def test_only_our_own_page_can_show_the_camera(client, app, token):
    """Over plain http a browser does not say which site asks; but no other site can read the token in our page."""
    assert client.get("/video_feed" + token).status_code == 403
    assert len(app.extensions["posekit"].feed.viewers) == 0


def test_without_a_camera_there_is_none():
    with running() as app:
        assert "no camera" in app.test_client().get("/video_feed").text
        assert 'id="feed"' not in app.test_client().get("/live").text


def test_the_large_picture_is_made_when_it_is_asked_for(client, app, person, monkeypatch):
    page = client.get(send(client, encoded(person)).location)
    drawn = []
    monkeypatch.setattr(module, "draw", lambda *args, **more: (drawn.append(args), posekit.draw(*args, **more))[1])
    link = next(link for link in links(page) if link.endswith("/pose.jpg"))
    assert not drawn
    assert client.get(link).status_code == client.get(link).status_code == 200
    assert len(drawn) == 2
    assert len(app.extensions["posekit"].photos) == 0
