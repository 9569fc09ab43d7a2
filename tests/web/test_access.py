import re

import pytest
from serving import running

from posekit.errors import PosekitError
from posekit.web import access as module
from posekit.web.access import Gate, WaitError, make_code


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def app(monkeypatch):
    with running(access_code="Sesame") as app:
        yield app


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/live", "/projector", "/projector/qr.svg", "/results/x", "/api/health", "/video_feed"])
def test_without_the_code_nothing_is_shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 403
    assert "access code" in answer.text.lower()
    assert "sesame" not in answer.text.lower()


def test_without_the_code_nothing_is_computed(client, app):
    assert client.post("/api/pose", data=b"x" * 1000).status_code == 403
    assert client.post("/live/frame", data=b"x").is_json
    assert client.get("/browser/lightning.json").is_json
    assert client.post("/", data={}).status_code == 403


@pytest.mark.slow
def test_the_page_that_asks_has_its_style(client):
    link = re.search(r'href="(/front/base[^"]+)"', client.get("/").text)[1]
    assert client.get(link).status_code == 200


def test_without_the_code_no_page_links_to_what_would_ask_for_it(client, app):
    app.config["POSEKIT_ADDRESS"] = "http://192.0.2.1:8000/"
    for page in (client.get("/"), client.get("/access"), client.post("/access", data=b"x" * 5000)):
        assert "/projector" not in page.text
        assert "<nav" not in page.text
    client.post("/access", data={"code": "sesame"})
    assert "/projector" in client.get("/").text
    assert "<nav" in client.get("/").text


def test_the_code_is_asked_once(client):
    page = client.get("/live")
    wanted = re.search(r'name="next" value="([^"]+)"', page.text)[1]
    answer = client.post("/access", data={"code": " sesame ", "next": wanted})
    assert (answer.status_code, answer.location) == (303, "/live")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    again = client.get("/live")
    assert again.status_code == 200
    assert "Set-Cookie" not in again.headers


@pytest.mark.slow
@pytest.mark.parametrize(("address", "secure"), [("https://localhost", True), ("http://localhost", False)])
def test_over_https_its_cookie_goes_over_nothing_else(client, address, secure):
    cookie = client.post("/access", data={"code": "sesame"}, base_url=address).headers["Set-Cookie"]
    assert ("Secure" in cookie.split("; ")) == secure


def test_a_cookie_of_ones_own_making_is_not_believed(client):
    for value in ("admitted", "eyJhZG1pdHRlZCI6dHJ1ZX0.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"):  # {"admitted":true}
        client.set_cookie("posekit", value)
        assert client.get("/").status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(client, elsewhere):
    assert client.post("/access", data={"code": "sesame", "next": elsewhere}).location == "/"


def test_a_wrong_code_is_explained_and_the_sixth_must_wait(client):
    for _ in range(module.FREE_TRIES):
        answer = client.post("/access", data={"code": "x", "next": "/live"})
        assert answer.status_code == 403
        assert "That is not the code" in answer.text
        assert 'value="/live"' in answer.text
    answer = client.post("/access", data={"code": "sesame"})  # the right one, which is not even looked at
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) in (1, 2)


def test_each_wrong_code_doubles_the_wait_up_to_the_longest():
    clock = Clock()
    gate, waits = Gate("right", clock=clock), []
    for _ in range(module.FREE_TRIES - 1):
        assert not gate.admit("wrong", "a")
    for _ in range(9):
        assert not gate.admit("wrong", "a")
        with pytest.raises(WaitError) as caught:
            gate.admit("right", "a")
        waits.append(caught.value.seconds)
        clock.now += caught.value.seconds
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert gate.admit("right", "a")
    assert not gate.admit("wrong", "a")  # counted from the beginning again
    assert gate.admit("right", "a")


def test_one_who_guesses_keeps_nobody_else_out():
    gate = Gate("right", clock=Clock())
    for _ in range(module.FREE_TRIES):
        gate.admit("wrong", "a")
    with pytest.raises(WaitError):
        gate.admit("right", "a")
    assert gate.admit("right", "b")


def test_a_code_that_is_made_up_can_be_read_out():
    codes = {make_code() for _ in range(100)}
    assert len(codes) == 100
    assert not set("01ilo") & set("".join(codes))


@pytest.mark.parametrize("code", ["", "  "])
def test_an_empty_code_is_refused(code):
    with pytest.raises(PosekitError, match="cannot be empty"):
        Gate(code)
