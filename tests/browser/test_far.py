"""LivePose with a kernel that is far away, behind a proxy with 100 ms each way: frames in flight, and a connection that breaks."""

import copy
from urllib.parse import urlsplit

import pytest

from browser.lab import eventually
from browser.test_live import CAMERA, SPY, lights, lives, opened, start, status_is, widget
from posekit.bench.far import far_away

#: Keeps how many frames were in flight at most, by what passes between the page and the kernel.
COUNT = """() => {
  const flying = new Set();
  window.most = 0;
  jupyterapp.shell.currentWidget.sessionContext.session.kernel.anyMessage.connect((_, { msg, direction }) => {
    const { kind, seq } = msg.content?.data?.content ?? {};
    if (direction === "send" && kind === "frame") flying.add(seq);
    if (direction === "recv" && kind === "answer") flying.delete(seq);
    window.most = Math.max(window.most, flying.size);
  });
}"""


@pytest.fixture
def proxy(lab):
    with far_away(urlsplit(lab.address).port) as proxy:
        yield proxy


@pytest.fixture
def far_lab(lab, proxy):
    far = copy.copy(lab)
    far.address = lab.address.replace(f":{urlsplit(lab.address).port}/", f":{proxy.port}/")
    return far


@pytest.fixture
def notebook(far_lab, new_page):
    notebook = opened(far_lab, new_page())
    yield notebook
    notebook.close()


def test_a_far_kernel_has_more_frames_in_flight_and_a_broken_connection_heals(notebook, proxy):
    page = notebook.page
    page.evaluate(COUNT)
    start(notebook)
    lives(notebook, 60)
    assert 2 < page.evaluate("() => window.most") <= 8
    proxy.cut()
    eventually(lambda: not lights(page), page)
    widget(notebook).get_by_text("No answer. The camera is off").wait_for()
    assert widget(notebook).get_by_role("button", name="Stop", exact=True).is_enabled()
    proxy.mend()
    eventually(lambda: lights(page) == 1, page)
    lives(notebook, 20)  # more than those that were sent before
    status_is(notebook, "live")
    assert notebook.python("live.error") == ""


def test_the_server_is_looked_for_until_it_answers_and_only_then_the_host_connects(notebook, proxy):
    page = notebook.page
    start(notebook)
    looks, sockets = [], []
    page.on("requestfailed", lambda request: looks.append(request.url) if urlsplit(request.url).path.endswith("/api") else None)
    page.on("websocket", lambda socket: sockets.append(socket.url) if "/channels" in socket.url else None)
    proxy.cut()
    eventually(lambda: len(looks) >= 12, page)  # one a second
    assert not lights(page)
    assert len(sockets) <= 3, "those that JupyterLab tries by itself"
    proxy.mend()
    lives(notebook, 20)
    assert lights(page) == 1


def test_by_default_a_far_kernels_models_run_in_the_browser_and_the_widget_says_so(far_lab, new_page):
    page = new_page()
    page.add_init_script(SPY)
    notebook = far_lab.open([CAMERA.replace('backend="kernel"', 'backend="auto"')], page)
    try:
        notebook.run(0)
        notice = widget(notebook).locator(".pk-notice")
        notice.get_by_text("The kernel is far away: it answers after").wait_for()
        notice.get_by_text("The model runs in this browser: no picture leaves this computer.").wait_for()
        page.evaluate(COUNT)
        start(notebook)
        lives(notebook)
        assert page.evaluate("() => window.most") == 0  # not one picture
        assert widget(notebook).get_by_label("Runs in").input_value() == "browser"
        assert notebook.python("live.backend") == "auto"
        notebook.python("live.close()")
        eventually(lambda: not lights(page), page)
        notebook.python("camera.close()")
    finally:
        notebook.close()
