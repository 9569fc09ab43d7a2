"""The live page where requests are lost: it goes on by itself."""

import pytest
from serving import Server

from browser.test_web import points


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


def test_a_server_that_stops_is_explained_and_when_it_is_back_the_picture_goes_on(new_page):
    server = Server()
    page = new_page()
    page.goto(f"{server.address}live")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    server.stop()
    page.get_by_text("No answer. The camera is off, and comes back on when the connection does.").wait_for()
    assert page.evaluate("() => document.querySelector('video').srcObject") is None
    page.get_by_role("button", name="Stop").wait_for()
    server = Server("--port", str(server.port))
    page.get_by_text("frames a second").wait_for()
    assert page.evaluate("() => document.querySelector('video').srcObject") is not None
    page.get_by_role("button", name="Stop").click()
    server.stop()


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(lambda route: route.abort(), id="the connection broke"),
        pytest.param(lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, body="too much at once"), id="busy"),
        pytest.param(lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"), id="a proxy"),
        pytest.param(lambda route: route.fulfill(status=500, body="no JSON"), id="something else"),
    ],
)
def test_one_lost_request_does_not_end_the_live_picture(lost, new_page, server):
    page = new_page()
    points(page)
    page.goto(f"{server.address}live")
    page.get_by_role("button", name="Start").click()
    page.wait_for_function("() => window.answers.length > 3", timeout=60_000)
    page.route("**/live/frame", lost, times=2)
    before = page.evaluate("() => window.answers.length")
    page.wait_for_function("before => window.answers.length > before + 20", arg=before, timeout=60_000)
    page.route("**/api/health", lambda route: route.abort(), times=1)
    page.evaluate("() => window.answers.splice(0)")
    page.wait_for_function("() => window.answers.length > 3", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
