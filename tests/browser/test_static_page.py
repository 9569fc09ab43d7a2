"""The page that needs no server, from a subfolder of a plain file server: photos, camera, clips, without a network, wrong files."""

import base64
import functools
import http.server
import json
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

import posekit
from browser.access import controls, faint_texts, sticks_out
from browser.axe import axe_script, violations_everywhere
from browser.conftest import pages
from browser.hand_over import hand_over
from posekit.pose.skeleton import KEYPOINTS
from posekit.web import static_page


class Site:
    """A plain file server; `asked` counts the requests for each file, `sent` their bytes, uncompressed."""

    def __init__(self, folder):
        asked = self.asked = Counter()
        sent = self.sent = Counter()

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                name = urlsplit(self.path).path.rpartition("/")[2]
                asked[name] += 1
                sent[name] += Path(self.translate_path(self.path)).stat().st_size

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/a/sub%20folder/"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    static_page.write(folder / "a" / "sub folder")
    site = Site(folder)
    yield site
    site.close()


@pytest.fixture
def visit(site, new_page):
    """Opens a page of the site; the test fails if it requests anything from elsewhere, or has an error in the console."""
    seen, errors = [], []

    def visit(path="index.html", make=new_page, script="", **options):
        page = make(**options)
        page.on("request", lambda request: seen.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(script)
        page.goto(site.address + path)
        return page

    visit.errors = errors
    yield visit
    assert not [url for url in seen if not url.startswith((site.address, "blob:", "data:"))]
    assert not errors


def find(page, name):
    """The photo's pose as JSON, as it is downloaded."""
    page.set_input_files("input[type=file]", posekit.sample(name))
    page.get_by_text(f"in {posekit.sample(name).name}, ").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Points as JSON").click()
    assert download.value.suggested_filename == f"{name}_pose.json"
    return json.loads(download.value.path().read_text())


def distances(found, name, model):
    """How far a photo's points are from Python's, in pixels of a picture whose longer side has 640."""
    poses = model(posekit.read_image(posekit.sample(name)))
    xy = np.array([[at["x"], at["y"]] for at in found["people"][0]["keypoints"].values()])
    return np.linalg.norm(xy - poses.xy[0], axis=1) * 640 / max(poses.size)


def test_a_photo_has_pythons_points_and_later_visits_load_nothing(visit, site, lightning):
    before = site.sent.copy()
    page = visit()
    found = find(page, "person")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    assert 6_000_000 < (site.sent - before).total() < 8_000_000
    assert list(found) == ["model", "size", "time_ms", "people"]
    assert list(found["people"][0]["keypoints"]) == list(KEYPOINTS)
    assert distances(found, "person", lightning).max() < 1
    assert distances(find(page, "astronaut"), "astronaut", lightning).max() < 1
    page.get_by_role("heading", name="1 person found").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Points as a table").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "person,keypoint,x,y,score"
    assert len(rows) == 18
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the picture").click()
    assert posekit.read_image(download.value.path()).shape == (512, 512, 3)
    for image in page.locator(".pair img").all():
        assert image.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 512

    before = site.asked.copy()
    page.context.set_offline(True)
    page.reload()
    assert distances(find(page, "person"), "person", lightning).max() < 1
    page.get_by_role("link", name="Live").click()
    page.get_by_role("button", name="Start").wait_for()
    page.context.set_offline(False)
    assert site.asked - before <= Counter(["offline.js"])  # whether there is a new version, which goes unanswered


@pytest.mark.parametrize("again", ["the same tab", "another tab"])
def test_a_new_version_is_taken_after_a_visit_or_two_and_whole(tmp_path, new_page, monkeypatch, again):
    def publish(most, text):
        monkeypatch.setattr(static_page, "MAX_PHOTOS", most)
        monkeypatch.setattr(static_page.assets, "text", lambda name: plain(name) + (f"\n// {text}" if name == "sending.js" else ""))
        static_page.write(tmp_path / "a" / "sub folder")

    def seen(page):
        most = page.locator("form").get_attribute("data-max-photos")
        return int(most), page.evaluate("async () => (await (await fetch('front/sending.js')).text()).split('// ').at(-1).trim()")

    plain = static_page.assets.text
    publish(3, "old")
    site = Site(tmp_path)
    page = new_page()
    page.goto(site.address)
    page.wait_for_function("() => navigator.serviceWorker.controller")
    publish(4, "new")
    everything = set()
    for _ in range(3):
        page.wait_for_function("async () => !(await navigator.serviceWorker.getRegistration()).installing")
        if again == "another tab":
            page, before = page.context.new_page(), page
            before.close()
        page.goto(site.address)
        page.wait_for_function("() => document.querySelector('form')")
        everything.add(seen(page))
        page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration()).update(); }")
    site.close()
    assert everything == {(3, "old"), (4, "new")}


def test_a_dropped_file_that_is_not_a_picture_is_explained_and_the_next_one_works(visit, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page = visit()
    page.set_input_files("input[type=file]", tmp_path / "broken.png")
    page.get_by_role("alert").get_by_text("broken.png is not a picture that this browser can read").wait_for()
    page.locator(".previews img").wait_for(state="detached")
    assert page.locator(".chosen").inner_text() == "broken.png, 1 kB"  # nobody else would be able to read it
    assert find(page, "person")["people"]


def other_colours():
    """An sRGB profile with red and blue exchanged: a reader that applies it sees other colours."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?XYZ", b"bXYZ", 1)


def awkward_photos(folder):
    """One photo in forms that browsers and Python could read differently."""
    photo = Image.open(posekit.sample("astronaut")).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 6
    photo.save(folder / "profile.png", icc_profile=other_colours())
    photo.save(folder / "profile.jpg", icc_profile=other_colours(), quality=95, subsampling=0)
    photo.save(folder / "turned.jpg", exif=turned, quality=95, subsampling=0)
    photo.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    photo.convert("L").save(folder / "grey.png")
    Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257).save(folder / "grey16.png")
    photo.convert("P").save(folder / "palette.png")
    transparent = photo.copy()
    transparent.putalpha(photo.convert("L"))
    transparent.save(folder / "transparent.png")
    photo.resize((48, 32)).save(folder / "tiny.png")
    return sorted(folder.iterdir())


READ = """async () => {
  const { readPhoto } = await import("./front/photo_here.js");
  const { width, height, data } = await readPhoto(document.querySelector("input[type=file]").files[0]);
  let text = "";
  for (let i = 0; i < data.length; i += 30000) text += String.fromCharCode(...data.subarray(i, i + 30000));
  return [height, width, btoa(text)];
}"""


@pytest.mark.parametrize("kind", ["chromium", "firefox"])
def test_awkward_photos_have_the_pixels_that_python_reads(site, request, tmp_path, kind):
    with pages(request.getfixturevalue("browser" if kind == "chromium" else kind)) as new_page:
        page = new_page(permissions=None)
        page.goto(site.address)
        for path in awkward_photos(tmp_path):
            page.set_input_files("input[type=file]", path)
            height, width, data = page.evaluate(READ)
            here = np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)[..., :3].astype(int)
            there = posekit.read_image(path)
            assert here.shape == there.shape, path.name
            assert np.abs(here - there).mean() < 1.5, path.name


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_photo_can_be_dropped_or_pasted(visit, event):
    page = visit()
    hand_over(page, event)
    page.get_by_role("heading", name="Nobody found").wait_for()


def live_points(page):
    """Records on the page for a while; (frames, 17, 2) of the person, and the ids."""
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    page.get_by_role("button", name="Record").click()
    page.get_by_role("button", name="Stop recording (3 s)").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save recording (CSV)").click()
    rows = [line.split(",") for line in download.value.path().read_text().splitlines()[1:]]
    xy = np.array([[float(x), float(y)] for *_, x, y, _ in rows]).reshape(-1, 17, 2)
    return xy, {row[2] for row in rows}


def wait_for_count(page, condition):
    """Waits until the number meets a condition, such as `>= 1`: the camera never stops, so an exact number may pass unseen."""
    page.wait_for_function(f"() => Number(document.querySelector('.pk-count').textContent) {condition}")


def test_the_camera_has_its_points_where_the_joints_are_and_squats_are_counted(visit, camera_clip):
    page = visit("live.html")
    page.get_by_text("no picture leaves this computer").wait_for()
    xy, ids = live_points(page)
    assert len(xy) > 5
    errors = [np.linalg.norm(camera_clip.xy[:, 0] - each, axis=2).mean(axis=1).min() for each in xy]
    assert np.median(errors) < 12
    assert ids == {"1"}
    page.get_by_label("Count").select_option("squat")
    wait_for_count(page, ">= 3")
    page.locator(".pk-sr").get_by_text("repetitions").wait_for(state="attached")
    page.locator(".pk-way").get_by_text("down").wait_for()
    page.get_by_role("button", name="Reset the count").click()
    wait_for_count(page, "< 3")
    wait_for_count(page, ">= 1")
    page.get_by_label("Model").select_option("thunder")
    page.get_by_text("Loading the model thunder").wait_for(state="detached")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()


def test_a_clip_plays_instead_of_the_camera_and_one_that_cannot_is_reported(visit, tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no clip")
    page = visit("live.html", permissions=[])
    page.set_input_files("#clip", posekit.sample("squats"))
    page.get_by_text("Start plays the clip.").wait_for()
    xy, _ = live_points(page)
    assert len(xy) > 5
    page.set_input_files("#clip", tmp_path / "broken.mp4")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("this browser cannot play broken.mp4").wait_for()


KEEP = """async () => {
  const { channel } = await import("./front/host.js");
  window.frames_seen = [];
  const send = channel.send.bind(channel);
  channel.send = (content, ...more) => {
    if (content.kind === "points") window.frames_seen.push(...content.frames);
    send(content, ...more);
  };
}"""


@pytest.mark.parametrize(("name", "exercise", "slowdown"), [("squats", "squat", 1), ("jumping_jacks", "jumping_jack", 6)])
def test_each_frame_of_a_clip_is_looked_at_once_and_counted_as_python_counts(visit, lightning, name, exercise, slowdown):
    page = visit("live.html", permissions=[])
    page.evaluate(KEEP)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    look_at_a_clip(page, lightning, name, exercise)
    page.get_by_role("button", name="Start").click()  # from its beginning
    page.wait_for_function("() => window.frames_seen.findLast((frame, i) => i > 0 && frame.time < 1 && i > 20)")


def look_at_a_clip(page, lightning, name, exercise):
    """Plays a sample clip to its end; frames, times, points and the count must be Python's."""
    page.set_input_files("#clip", posekit.sample(name))
    page.get_by_label("Count").select_option(exercise)
    page.get_by_role("button", name="Start").click()
    page.get_by_text("The clip has ended").wait_for(timeout=600_000)
    assert page.get_by_text("left out").count() == 0
    tracks = posekit.track_video(posekit.sample(name), model=lightning, progress=False)
    assert int(page.locator(".pk-count").inner_text()) == len(posekit.repetitions(tracks, exercise)) > 2
    seen = page.evaluate("() => window.frames_seen")
    times = [time for time, _ in posekit.read_video(posekit.sample(name)).timed()]
    np.testing.assert_allclose([frame["time"] for frame in seen], times, atol=1e-3)
    here = np.array([frame["people"][0] for frame in seen if frame["people"]])[..., :2]
    there = tracks[["x", "y"]].to_numpy().reshape(-1, 17, 2)
    assert len(here) == len(there)
    off = np.linalg.norm(here - there, axis=2)  # browsers and FFmpeg do not decode to quite the same pixels
    assert np.median(off) < 1
    assert np.quantile(off, 0.95) < 5


def test_a_count_that_is_left_hides_no_words_on_a_phone(visit):
    page = visit("live.html", viewport={"width": 360, "height": 800})
    page.get_by_label("Count").select_option("squat")
    page.get_by_role("button", name="Start").click()
    page.locator(".pk-count").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()
    count, words = page.locator(".pk-counter").bounding_box(), page.get_by_text("no picture leaves this computer").bounding_box()
    assert count["y"] + count["height"] <= words["y"]


def test_a_camera_that_is_refused_is_explained(visit):
    page = visit("live.html", permissions=[])
    page.get_by_role("button", name="Start").click()
    page.get_by_text("The camera was refused").wait_for()


@pytest.mark.parametrize(("file", "content", "words"), [
    ("model", b"damaged", "lightning.tflite arrived damaged"),
    ("wasm", None, "litert.wasm cannot be loaded"),
])  # fmt: skip
def test_a_file_that_is_damaged_or_missing_is_explained(visit, site, file, content, words):
    page = visit(service_workers="block")
    digest = page.request.get(site.address + "browser/lightning.json").json()["files"][file]["sha256"]
    page.context.route(f"**/{digest}", lambda route: route.fulfill(body=content) if content else route.abort())
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.get_by_role("alert").get_by_text(words).wait_for()
    visit.errors.clear()  # the browser's own words on a request that fails


def test_a_browser_that_answers_wrongly_or_lacks_something_is_not_used(visit, site):
    page = visit(service_workers="block")  # it would answer in place of the network
    about = page.request.get(site.address + "browser/lightning.json").json()
    about["answer"][0] += 0.5
    page.context.route("**/lightning.json", lambda route: route.fulfill(json=about))
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.get_by_role("alert").get_by_text("This browser computes wrong points with lightning").wait_for()
    page = visit("live.html", script="delete window.WebAssembly;")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("This browser has no WebAssembly").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_everybody_on_a_phone(visit, site, scheme):
    page = visit(color_scheme=scheme, viewport={"width": 360, "height": 800})
    for path in ("index.html", "live.html", "photo"):
        page.goto(site.address + ("index.html" if path == "photo" else path))
        if path == "photo":
            find(page, "person")
        assert faint_texts(page.locator("body")) == [], path
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 360, path
        assert sticks_out(page.locator("main > :not(#result)").first) == 0, path
        assert all(name for _, name in controls(page.locator("body"))), path


def states(page, site):
    """Brings the page into each of its states, and yields their names."""
    page.goto(site.address + "index.html")
    yield "photo"
    find(page, "person")
    yield "result"
    page.goto(site.address + "live.html")
    yield "live"
    page.get_by_label("Count").select_option("squat")
    page.get_by_role("button", name="Start").click()
    page.locator(".pk-count").wait_for()
    yield "counting"
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()
    yield "stopped"


def test_axe_finds_nothing_wide_or_narrow_light_or_dark(visit, site, root):
    page = visit()
    assert not violations_everywhere(page, axe_script(root), states(page, site))


def test_squats_are_counted_with_the_keyboard_alone(visit):
    page = visit("live.html")
    page.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    page.get_by_text("frames a second").wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.labels?.[0]?.textContent.startsWith('Count')"):
            break
    page.keyboard.press("s")  # squat
    wait_for_count(page, ">= 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_count(page, "< 2")


def test_everything_can_be_reached_with_the_keyboard(visit):
    page = visit()
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.textContent.trim() || document.activeElement.type"))
    assert reached[:6] == ["Skip to the content", "posekit", "Photo", "Live", "file", "Find the pose"]


def test_firefox_finds_a_photo_and_plays_its_camera(visit, firefox, lightning):
    with pages(firefox) as new_page:
        page = visit(make=lambda: new_page(permissions=None))
        page.set_input_files("input[type=file]", posekit.sample("person"))
        page.get_by_role("heading", name="1 person found").wait_for()
        rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")
        found = np.array([[float(row[1]), float(row[2])] for row in rows])
        poses = lightning(posekit.read_image(posekit.sample("person")))
        assert np.linalg.norm(found - poses.xy[0], axis=1).max() < 1
        page.get_by_role("link", name="Live").click()
        page.get_by_role("button", name="Start").click()
        page.get_by_text("frames a second").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for()


def test_firefox_follows_a_clip_and_says_how_many_of_its_frames_were_left_out(visit, firefox, tmp_path):
    frames = list(posekit.read_video(posekit.sample("squats")))[:100]
    with av.open(str(tmp_path / "clip.webm"), "w") as file:
        stream = file.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.options = 640, 480, "yuv420p", {"deadline": "realtime", "b": "2M"}
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode(None))
    with pages(firefox) as new_page:
        page = visit("live.html", make=lambda: new_page(permissions=None))
        page.evaluate(KEEP)
        page.set_input_files("#clip", tmp_path / "clip.webm")
        page.get_by_role("button", name="Start").click()
        page.get_by_text("The clip has ended").wait_for(timeout=600_000)
        seen = page.evaluate("() => window.frames_seen")
        numbers = np.array([25 * frame["time"] for frame in seen])
        np.testing.assert_allclose(numbers, numbers.round(), atol=0.05)  # the times of frames, and of none twice
        assert (np.diff(numbers) > 0.5).all()
        missing = round(numbers[-1]) + 1 - len(numbers)
        if (np.diff(numbers) < 1.5).any():  # else a busy computer hides how far apart frames are
            assert page.get_by_text(f"About {missing} of its frames were left out").count() == bool(missing)
    truth = np.array(posekit.ground_truth("squats")["people"][0]["xy"])[numbers.round().astype(int)]
    people = [(frame["people"][0], joints) for frame, joints in zip(seen, truth, strict=True) if frame["people"]]
    assert len(people) > len(seen) / 2
    off = [np.linalg.norm(np.array(person)[:, :2] - joints, axis=1).mean() for person, joints in people]
    assert np.median(off) < 15


def test_another_photo_that_is_chosen_in_the_meantime_is_looked_at_next(visit):
    page = visit()
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.set_input_files("input[type=file]", posekit.sample("astronaut"))
    page.get_by_text("in astronaut.jpg, ").wait_for()


def test_a_model_that_cannot_be_loaded_leaves_no_progress_behind(visit):
    page = visit(service_workers="block")
    files = page.request.get(f"{page.url.rpartition('/')[0]}/browser/thunder.json").json()["files"]
    held = []
    page.route(f"**/{files['model']['sha256']}", lambda route: route.fulfill(status=404))
    page.route(f"**/{files['wasm']['sha256']}", lambda route: held.append(route))
    page.get_by_text("Choose a model, or how certain").click()
    page.get_by_role("radio", name="thunder").check()
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.get_by_role("alert").get_by_text("thunder.tflite cannot be loaded").wait_for()
    held[0].continue_()
    page.wait_for_function(f"""async () => {{
      const names = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return names.flat().some(({{ url }}) => url.includes("{files["wasm"]["sha256"]}"));
    }}""")
    page.get_by_role("progressbar", name="Loading").wait_for(state="hidden")
    visit.errors.clear()  # the file that did not come
