"""Fixtures for tests in the browser: a JupyterLab server, Chromium with a clip as its camera, Firefox, pages."""

import contextlib
import os
import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install --group dev")

from browser.camera import make_clip  # noqa: E402
from browser.lab import Lab  # noqa: E402
from posekit import models  # noqa: E402

#: As root, without a network, on a busy machine; and no page sleeps because nobody looks.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
]

VIEWPORT = {"width": 1280, "height": 1000}

#: For whatever the browser should do: far more than it takes, so that no test depends on how fast or busy the machine is.
MILLISECONDS = 60_000
sync_api.expect.set_options(timeout=MILLISECONDS)


#: Firefox shows a test pattern as its camera, and asks nobody.
FIREFOX = {"media.navigator.streams.fake": True, "media.navigator.permission.disabled": True}


def find_browser(variable, *names):
    """The path of the browser that the environment names, or else of the first that is installed; skips where there is none."""
    path = next((path for name in (os.environ.get(variable), *names) if name and (path := shutil.which(name))), None)
    return path or pytest.skip(
        f"needs a browser: `make browsers`, or your system's {' or '.join(names)}, or its path in {variable}"
    )


def pytest_collection_modifyitems(items):
    """All tests of this folder need a browser and take seconds."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def camera_clip(tmp_path_factory):
    """The sample clip `squats` for Chromium's camera, with its truth."""
    return make_clip("squats", tmp_path_factory.mktemp("camera"))


@pytest.fixture(scope="session", autouse=True)
def litert():
    """LiteRT.js, fetched before a server is started, since the server's stderr is checked."""
    models.fetch_runtime()


# Of the package, not of the session: Playwright's event loop would be in the way of tests that start one of their own.
@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    """A JupyterLab server; `lab.open(cells, page)` opens a notebook in it."""
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture(scope="package")
def playwright():
    """The program that drives the browsers."""
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def launch(playwright):
    """Starts Chromium with further flags, or returns one that already runs with the same flags."""
    path = find_browser("POSEKIT_CHROMIUM", "chromium", "chromium-browser", "google-chrome")
    browsers = {}

    def launch(*flags):
        if flags not in browsers:
            browsers[flags] = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        return browsers[flags]

    yield launch
    for browser in browsers.values():
        browser.close()


@pytest.fixture(scope="package")
def firefox(playwright):
    """The system's own Firefox, through WebDriver BiDi: Playwright's usual way needs a build of its own."""
    path = find_browser("POSEKIT_FIREFOX", "firefox-esr", "firefox")
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=path, firefox_user_prefs=FIREFOX)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def browser(launch, camera_clip):
    """Chromium whose camera plays `camera_clip`; whether a page may use it is up to its context's permissions."""
    return launch("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera_clip.path}")


@contextlib.contextmanager
def pages(browser):
    """Makes pages, and closes them."""
    contexts = []

    def new_page(browser=browser, **options):
        options = {"permissions": ["camera"], "viewport": VIEWPORT, "accept_downloads": True} | options
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(MILLISECONDS)
        return page

    yield new_page
    for context in contexts:
        context.close()


@pytest.fixture
def new_page(browser):
    """Makes pages, which are closed after the test: `new_page(permissions=["camera"], color_scheme="dark", …)`."""
    with pages(browser) as new_page:
        yield new_page


@pytest.fixture(scope="module")
def shared_page(browser):
    """A page for all tests of a module, so that they need not wait for JupyterLab. It may use the camera."""
    with pages(browser) as new_page:
        yield new_page()


@pytest.fixture
def page(new_page):
    """A page that may use the camera."""
    return new_page()


@pytest.fixture
def page_refused(new_page):
    """A page whose user refuses the camera: NotAllowedError."""
    return new_page(permissions=[])


@pytest.fixture
def page_without_camera(new_page, launch):
    """A page on a machine that has no camera: NotFoundError."""
    return new_page(launch("--use-fake-device-for-media-stream=device-count=0"))
