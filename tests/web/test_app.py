import io
import shutil

import pytest
from serving import encoded, running

import posekit
from posekit.web.app import HEADERS, create_app


@pytest.fixture(scope="module")
def app():
    with running(camera=str(posekit.sample("walk")), host_names=["Pose.Example"]) as app:
        yield app


@pytest.fixture(scope="module")
def picture(person):
    return encoded(person)


@pytest.mark.parametrize("path", ["/", "/live", "/nothing", "/front/page.css", "/front/shared.js", "/api/health", "/results/x/y"])
def test_every_answer_has_the_headers(client, path):
    answer = client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["Content-Security-Policy"].replace("'wasm-unsafe-eval'", "")  # the model in the browser


OURS = ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "pose.example", "127.0.0.2"]
OTHERS = ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.1.5:8000", "[::1", "a b", "", "x.localhost"]


@pytest.mark.parametrize(("host", "status"), [*((host, 200) for host in OURS), *((host, 403) for host in OTHERS)])
def test_a_name_that_is_not_ours_is_refused(client, host, status):
    """DNS rebinding: a page of evil.example makes that name lead to 127.0.0.1."""
    assert client.get("/api/health", headers={"Host": host}).status_code == status


def test_a_public_server_may_be_reached_under_any_address_but_not_any_name():
    with running(any_address=True) as app:
        ask = app.test_client().get
        assert ask("/", headers={"Host": "192.168.1.5:8000"}).status_code == 200
        assert ask("/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/api/pose", "/live/frame"])
@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:81"}, {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
])  # fmt: skip
def test_another_site_may_not_post(client, path, headers, picture):
    answer = client.post(path, data=picture, headers=headers)
    assert answer.status_code == 403
    assert "another website" in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}]
)
def test_our_own_pages_and_programs_may(client, headers, picture):
    assert client.post("/api/pose", data=picture, headers=headers).status_code == 200


def test_another_site_may_link_here_but_not_open_the_camera(client, app):
    assert client.get("/live", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    assert client.get("/video_feed", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert app.extensions["posekit"].feed.state == "off"


def test_a_mistake_of_ours_shows_no_trace(app, client, monkeypatch, picture, caplog):
    def broken(*_, **__):
        raise RuntimeError("secret of /etc/passwd")

    monkeypatch.setattr(app.extensions["posekit"].models, "checkout", broken)
    for path in ("/", "/api/pose"):
        answer = client.post(path, data=picture)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert "went wrong" in answer.text
    assert "secret of" in caplog.text


def test_errors_are_pages_for_people_and_json_for_programs(client):
    page, answer = client.get("/nothing"), client.get("/api/nothing")
    assert (page.mimetype, answer.mimetype) == ("text/html", "application/json")
    assert "no such page" in page.text
    assert client.delete("/").status_code == 405
    socket = client.get("/live", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert (socket.status_code, "cannot make sense" in socket.text) == (400, True)


def test_when_all_are_busy_it_says_when_to_come_back(app, client, picture):
    photos = app.extensions["posekit"].photos
    for number in range(photos.total):
        photos.acquire(f"visitor {number}")
    try:
        for path in ("/", "/api/pose"):
            answer = client.post(path, data=picture)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert "busy" in answer.text
    finally:
        for number in range(photos.total):
            photos.release(f"visitor {number}")
    assert client.post("/api/pose", data=picture).status_code == 200


def test_one_visitor_does_not_get_all_places_for_photos(app, client, picture):
    photos = app.extensions["posekit"].photos
    for _ in range(photos.each):
        photos.acquire("192.0.2.1")
    try:
        for address, status in (("192.0.2.1", 503), ("192.0.2.2", 200)):
            assert client.post("/api/pose", data=picture, environ_base={"REMOTE_ADDR": address}).status_code == status
    finally:
        for _ in range(photos.each):
            photos.release("192.0.2.1")


def test_health_tells_no_paths(tmp_path):
    model = tmp_path / "mine.tflite"
    model.write_bytes(posekit.load_model("lightning").path.read_bytes())
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(posekit.sample("walk").read_bytes())
    with running(model=str(model), camera=str(clip)) as app:
        feed = app.extensions["posekit"].feed
        clip.write_bytes(b"damaged")
        feed.join()
        assert list(feed.parts()) == []
        feed.leave()
        health = app.test_client().get("/api/health")
    assert health.json["model"] == "mine"
    assert health.json["camera"]["state"] == "failed"
    assert "the clip" in health.json["camera"]["error"]
    assert str(tmp_path) not in health.text


def test_a_model_that_is_not_there_is_an_error():
    with pytest.raises(posekit.UnknownModelError):
        create_app(model="thuner")


def test_no_visitor_reads_where_the_model_lies(tmp_path, person):
    path = shutil.copy(posekit.models.path("lightning"), tmp_path / "mine.tflite")
    with running(model=str(path)) as app:
        client = app.test_client()
        pages = [client.get(each) for each in ("/", "/live", "/kiosk", "/projector", "/api/health")]
        pages += [client.post("/api/pose", data=picture) for picture in (b"", encoded(person))]
        pages += [client.post("/", data={"photo": (io.BytesIO(encoded(person)), "a.jpg"), "model": name}) for name in ("x", "mine")]
        pages += [client.get(pages[-1].location)]
        texts = [page.get_data(as_text=True) for page in pages]
        assert not [text for text in texts if str(tmp_path) in text]
        assert "by mine in" in texts[-1]
