"""`posekit serve` in a real Chromium: a photo and its result, the live picture against the truth, what goes wrong."""

import itertools
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from serving import Server, running

import posekit
from browser.access import controls, faint_texts, sticks_out
from browser.axe import axe_script, violations, violations_everywhere
from browser.hand_over import hand_over
from posekit.pose.skeleton import KEYPOINTS


@pytest.fixture(scope="module")
def server():
    server = Server("--camera", str(posekit.sample("walk")))
    yield server
    _, err, code = server.stop()
    assert (err, code) == ("", 0)


@pytest.fixture
def visit(server, new_page):
    """Opens a page of the server; the test fails if it requests anything from elsewhere, or has an error in the console."""
    seen, errors = [], []

    def visit(path="", **options):
        page = new_page(**options)
        page.on("request", lambda request: seen.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.address + path)
        return page

    yield visit
    assert not [url for url in seen if not url.startswith((server.address, "blob:", "data:"))]
    assert not [error for error in errors if not re.search("status of (40[34]|415|422)", error) and "ERR_FAILED" not in error]


def send(page, photo="person"):
    page.set_input_files("input[type=file]", posekit.sample(photo))
    page.get_by_role("button", name="Find the pose").click()
    page.wait_for_url("**/results/*")


def test_a_photo_and_its_pose_side_by_side(visit, person_xy):
    page = visit()
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.get_by_alt_text("The photo that you chose").wait_for()
    page.get_by_role("button", name="Find the pose").click()
    page.get_by_role("heading", name="1 person found").wait_for()
    for name in ("Your photo, as it was sent", "Your photo with the skeleton of 1 person"):
        picture = page.get_by_role("img", name=name)
        assert picture.evaluate("async (image) => { await image.decode(); return [image.naturalWidth, image.naturalHeight]; }") == [
            640,
            480,
        ]
    rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")
    assert [row[0].strip().replace(" ", "_") for row in rows] == list(KEYPOINTS)
    found = np.array([[float(row[1]), float(row[2])] for row in rows])
    assert np.linalg.norm(found - person_xy, axis=1).mean() < 10
    page.reload()
    page.get_by_role("heading", name="1 person found").wait_for()
    for name, ending in [("Save the picture", "jpg"), ("Points as a table", "csv"), ("Points as JSON", "json")]:
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"person_pose.{ending}"


def test_it_works_without_scripts(visit):
    page = visit(java_script_enabled=False)
    send(page, "astronaut")
    page.get_by_role("heading", name="1 person found").wait_for()
    page.get_by_role("link", name="Live").click()
    assert "needs JavaScript" in page.content()


def test_after_an_error_the_focus_is_on_it_and_everything_chosen_is_still_there(visit, tmp_path):
    (tmp_path / "a.b.txt").write_text("hello")
    page = visit()
    page.get_by_text("Choose a model").click()
    page.get_by_role("radio", name="thunder").check()
    page.set_input_files("input[type=file]", [tmp_path / "a.b.txt", posekit.sample("person"), posekit.sample("astronaut")])
    page.get_by_role("button", name="Find the pose").click()
    alert = page.get_by_role("alert").filter(has_text="a.b.txt is not a picture")
    expect(alert).to_be_focused()
    assert page.title().startswith("That did not work: ")
    expect(page.get_by_role("radio", name="thunder")).to_be_checked()
    assert page.evaluate("() => document.querySelector('input[type=file]').files.length") == 3
    page.get_by_role("link", name="See the other 2 photos").click()  # what could be read is not lost
    page.get_by_role("heading", name="2 photos").wait_for()
    page.get_by_role("link", name="1 person in astronaut").click()
    page.get_by_text("by thunder in").wait_for()
    page.get_by_role("button", name="Look for several people").click()
    page.get_by_text("by crowd in").wait_for()


def test_the_picture_follows_the_least_score_at_once(visit):
    page = visit()
    send(page)
    picture = page.get_by_role("img", name="Your photo with the skeleton")
    before = picture.get_attribute("src")
    assert page.get_by_text("not drawn", exact=True).filter(visible=True).count() == 0
    page.get_by_label("Draw points with a score").fill("1")
    page.keyboard.press("Tab")
    expect(picture).not_to_have_attribute("src", before)
    assert page.get_by_text("not drawn", exact=True).filter(visible=True).count() == 17
    page.reload()
    expect(page.get_by_label("Draw points with a score")).to_have_value("1.0")
    assert page.get_by_text("not drawn", exact=True).filter(visible=True).count() == 17


def test_a_photo_that_is_too_large_is_not_sent(visit, tmp_path):
    (tmp_path / "large.jpg").write_bytes(bytes(2**24 + 1))
    page = visit()
    page.set_input_files("input[type=file]", tmp_path / "large.jpg")
    page.get_by_role("alert").get_by_text("16.0 MB are allowed").wait_for()
    assert page.get_by_role("button", name="Find the pose").is_disabled()


def test_a_small_photo_has_its_size_in_kilobytes(visit):
    page = visit()
    page.set_input_files("input[type=file]", posekit.sample("astronaut"))
    page.get_by_text("astronaut.jpg, 94 kB").wait_for()


def test_a_wrong_number_that_is_folded_away_is_shown(visit):
    page = visit()
    page.set_input_files("input[type=file]", posekit.sample("person"))
    options = page.get_by_text("Choose a model, or how certain")
    options.click()
    score = page.get_by_label("Draw points with a score")
    score.fill("0.37")
    assert score.evaluate("(field) => field.validity.valid")
    score.fill("7")
    options.click()
    expect(score).to_be_hidden()
    page.get_by_role("button", name="Find the pose").click()
    expect(score).to_be_visible()


def test_a_model_that_no_browser_runs_cannot_be_chosen_there(visit):
    page = visit("live")
    place, crowd = page.get_by_label("Runs in"), page.get_by_role("option", name="crowd")
    expect(crowd).not_to_have_attribute("disabled", "")
    place.select_option("this browser")
    expect(crowd).to_have_attribute("disabled", "")
    place.select_option("the server")
    expect(crowd).not_to_have_attribute("disabled", "")


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_photo_can_be_dropped_or_pasted(visit, event):
    page = visit()
    hand_over(page, event)
    page.get_by_text("from.elsewhere.png").wait_for()
    page.keyboard.press("Enter")  # the button has the keyboard
    page.get_by_role("heading", name="Nobody found").wait_for()


def test_everything_can_be_reached_with_the_keyboard(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.textContent.trim() || document.activeElement.name"))
    assert reached == ["posekit", "Photo", "Live", "photo", "Find the pose", "Choose a model, or how certain a point must be"]


def points(page):
    """The answers that the live page gets, with the times of their frames."""
    page.add_init_script(
        """window.answers = [];
        const ask = window.fetch;
        window.fetch = async (...request) => {
          const answer = await ask(...request);
          if (String(request[0]).endsWith("/live/frame") && answer.ok) {
            const asked = JSON.parse(request[1].headers["X-Request"]);
            const jpeg = request[1].body.byteLength;
            answer.clone().json().then((content) => window.answers.push({ ...content, seq: asked.seq, jpeg }));
          }
          return answer;
        };"""
    )


def test_the_live_picture_has_its_points_where_the_joints_are(visit, camera_clip, server):
    page = visit()
    points(page)
    page.goto(f"{server.address}live")
    page.get_by_role("button", name="Start").click()
    page.wait_for_function("() => window.answers.filter(({ people }) => people.length).length > 60", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert page.evaluate("() => document.querySelector('video').srcObject") is None
    answers = page.evaluate("() => window.answers")
    found = [np.array(each["people"][0]) for each in answers if each["people"]]
    # Which frame of the clip each was is not known here, so the nearest one counts; squats differ enough for that.
    errors = [np.linalg.norm(camera_clip.xy[:, 0] - each[:, :2], axis=2).mean(axis=1).min() for each in found]
    assert np.median(errors) < 12
    assert {tuple(each["ids"]) for each in answers[-30:]} == {(1,)}
    assert max(each["jpeg"] for each in answers) < 30_000


def test_the_skeleton_is_drawn_over_the_picture_and_another_model_can_be_chosen(visit):
    page = visit("live")
    page.get_by_role("button", name="Start").click()
    drawn = """() => { const canvas = document.querySelector("canvas");
      const pixels = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return canvas.width > 1 && pixels().some((each) => each); }"""
    page.wait_for_function(drawn, timeout=30_000)
    page.get_by_label("Model").select_option("thunder")
    page.wait_for_timeout(1500)
    page.wait_for_function(drawn, timeout=30_000)
    page.get_by_role("combobox", name="Count", exact=True).select_option("squat")
    expect(page.locator(".pk-way")).to_have_text(re.compile("down|up|squat|out of sight"))
    expect(page.locator(".pk-count")).to_have_text(re.compile(r"^\d+$"))
    page.get_by_role("button", name="Reset the count").click()
    assert page.locator(".pk-error").inner_text() == ""
    page.get_by_role("button", name="Stop").click()


def test_a_camera_that_is_refused_is_explained(visit):
    page = visit("live", permissions=[])
    page.get_by_role("button", name="Start").click()
    page.get_by_text("The camera was refused").wait_for()


def test_the_servers_camera_is_shown_to_whoever_wants_it(visit, server):
    page = visit("live")

    def state():
        return json.loads(server.ask("GET", "/api/health").body)["camera"]["state"]

    assert state() == "off"
    page.get_by_role("button", name="Show it").click()
    picture = page.get_by_alt_text("What the server sees")
    page.wait_for_function("() => document.querySelector('#feed-picture img')?.naturalWidth === 640")
    assert picture.is_visible()
    assert state() == "live"
    page.get_by_role("button", name="Hide it").click()
    for _ in range(100):
        if state() == "off":
            break
        page.wait_for_timeout(50)
    assert state() == "off"


SMALL = """() => [...document.querySelectorAll("a.button, nav a, button, select, input, summary")]
  .filter((each) => each.checkVisibility())
  .map((each) => [each.textContent.trim() || each.type, each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24).map(([text]) => text)"""


def test_on_a_phone_the_scores_are_whole_and_every_control_can_be_hit(visit, server):
    page = visit(viewport={"width": 360, "height": 640})
    page.locator("summary").click()
    assert page.evaluate(SMALL) == []
    send(page, "astronaut")
    assert page.evaluate(SMALL) == []
    assert page.get_by_text("not drawn", exact=True).filter(visible=True).count() > 0  # the widest rows
    assert page.locator(".scroll").evaluate("(table) => table.scrollWidth - table.clientWidth") == 0
    page.goto(f"{server.address}live")
    page.get_by_role("button", name="Start").wait_for()
    assert page.evaluate(SMALL) == []


def test_at_400_percent_zoom_the_picture_is_in_view(visit):
    page = visit("live", viewport={"width": 320, "height": 180})  # what is left of 1280 × 720
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    top, bottom = page.locator(".pk-stage").evaluate(
        "(stage) => [stage.getBoundingClientRect().top, stage.getBoundingClientRect().bottom]"
    )
    assert -1 <= top < bottom <= 181


def test_the_kiosk_runs_by_itself_after_one_press_and_forgets_who_was_there(visit, server):
    page = visit()
    sessions, answer = [], None

    def pass_on(route):
        sessions.append(json.loads(route.request.headers["x-request"])["session"])
        if answer is None:
            route.continue_()
        elif answer == "gone":
            route.abort()
        else:
            route.fulfill(json=answer)

    page.route("**/live/frame", pass_on)
    page.route("**/api/health", lambda route: route.abort() if answer == "gone" else route.continue_())
    page.route("**/kiosk", lambda route: route.fulfill(body=route.fetch().text().replace('data-away="60"', 'data-away="1"')))
    page.goto(f"{server.address}kiosk")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    line = page.get_by_role("status").filter(visible=True)
    expect(line).to_have_text("Move! Nothing is stored.")
    assert page.evaluate("() => document.fullscreenElement !== null")
    assert page.locator("video").evaluate("(video) => getComputedStyle(video).transform").startswith("matrix(-1")
    assert page.locator("button, a, input, select").filter(visible=True).count() == 0
    assert len(set(sessions)) == 1
    answer = {"people": [], "ids": [], "region": None, "side": 192, "ms": 10}
    expect(line).to_have_text("Stand where the camera can see you.")
    while len(set(sessions)) == 1:
        page.wait_for_timeout(50)
    answer = "gone"
    page.wait_for_function("() => !document.querySelector('video').srcObject")  # no camera without a server
    answer = None
    expect(line).to_have_text("Move! Nothing is stored.")  # nobody pressed anything


def test_the_kiosk_says_why_there_is_no_camera(page_refused, server):
    page_refused.goto(f"{server.address}kiosk")
    start = page_refused.get_by_role("button", name="Start")
    start.click()
    expect(page_refused.get_by_role("status").filter(visible=True)).to_contain_text("The camera was refused.")
    expect(start).to_be_visible()


def test_over_plain_http_it_says_before_the_press_why_there_is_no_camera(new_page, server):
    page = new_page()
    page.route("http://posekit.test/**", lambda route: route.fulfill(response=route.fetch(
        url=route.request.url.replace("http://posekit.test/", server.address)
    )))  # fmt: skip
    page.goto("http://posekit.test/live")
    page.get_by_text("browsers allow it only on pages that come over https").wait_for()
    page.get_by_text("posekit serve --https").wait_for()
    assert page.get_by_role("button", name="Start").count() == 0


@pytest.mark.parametrize(("scheme", "width"), list(itertools.product(["light", "dark"], [360, 1280])))
def test_pages_can_be_read_by_everybody(visit, server, scheme, width):
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    for path in ("", "live", "photo"):
        if path == "photo":
            page.goto(server.address)
            send(page)
        else:
            page.goto(server.address + path)
        body = page.locator("body")
        assert faint_texts(body) == [], path
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, path
        assert sticks_out(page.locator("main > :not(.scroll)").first) == 0
        assert all(name for _, name in controls(body)), path
        assert page.evaluate("() => getComputedStyle(document.querySelector('.page')).backgroundColor") != (
            "rgb(255, 255, 255)" if scheme == "dark" else "rgb(23, 23, 27)"
        )


def send_clip(page, clip):
    page.get_by_label("Clip", exact=True).set_input_files(clip)
    page.get_by_role("button", name="Follow the people").click()


def plays(video):
    """Whether a video moves on from where it was sought to."""
    return video.evaluate(
        """async (video) => {
          video.currentTime = 2;
          await video.play();
          await new Promise((done) => { video.ontimeupdate = () => video.currentTime > 2.1 && done(); });
          return video.videoWidth;
        }"""
    )


def wait_for_clip(page):
    """The work has a low priority, so beside busy processes it gets a twentieth of the computer."""
    page.get_by_role("heading", name="1 person followed").wait_for(timeout=600_000)


def test_a_clip_is_worked_on_watched_and_kept(visit):
    page = visit()
    page.get_by_label("Count repetitions of").select_option("squat")
    send_clip(page, posekit.sample("squats"))
    bar = page.get_by_role("progressbar", name="Frames done")
    expect(bar).to_have_attribute("max", "228")
    wait_for_clip(page)  # the page goes on by itself
    page.get_by_text("4 repetitions: squat").wait_for()
    assert plays(page.locator("video")) == 640
    for name, file in [("Save the clip", "pose.mp4"), ("Points as a table", "tracks.csv"), ("Repetitions as", "repetitions.csv")]:
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"squats_{file}"


def test_a_clip_can_be_dropped_anywhere_and_given_up(visit):
    page = visit()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["hello"], "dropped.mp4", { type: "video/mp4" }));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
        }"""
    )
    assert page.evaluate("() => document.querySelector('#clip input').files[0].name") == "dropped.mp4"
    expect(page.get_by_role("button", name="Follow the people")).to_be_focused()
    send_clip(page, posekit.sample("squats"))
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="Find the pose in a photo").wait_for()


def drop(page, *names):
    """Drops files, whose type browsers infer from their names."""
    page.evaluate(
        """(names) => {
          const data = new DataTransfer();
          const types = { jpg: "image/jpeg", mp4: "video/mp4", txt: "text/plain" };
          for (const name of names) data.items.add(new File(["hello"], name, { type: types[name.split(".").at(-1)] }));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
        }""",
        names,
    )


def dropped(page):
    """The names of the files in the form for photos, and in that for a clip."""
    files = "(inputs) => inputs.map((input) => [...input.files].map((file) => file.name))"
    return page.locator("input[type=file]").evaluate_all(files)


def test_photos_and_a_clip_that_are_dropped_together_are_both_chosen(visit):
    page = visit()
    drop(page, "a.jpg", "clip.mp4", "b.jpg")
    assert dropped(page) == [["a.jpg", "b.jpg"], ["clip.mp4"]]
    expect(page.get_by_role("button", name="Find the pose")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="The clip clip.mp4 is in its own form, below.")).to_be_visible()


def test_what_is_dropped_and_not_chosen_is_named(visit):
    page = visit()
    drop(page, "one.mp4", "two.mp4", "notes.txt", "large.mkv", "photo.jpg")
    assert dropped(page) == [["photo.jpg"], ["one.mp4"]]
    alert = page.get_by_role("alert").filter(has_text="Not chosen: two.mp4, notes.txt, large.mkv. Photos can be sent together")
    expect(alert).to_be_focused()


def test_the_menu_of_models_has_a_short_name_and_its_sentence_beside_it(visit):
    page = visit()
    menu = page.get_by_role("combobox", name="Model", exact=True)
    expect(menu).to_have_accessible_description("One person. The fastest.")
    menu.select_option("thunder")
    expect(menu).to_have_accessible_description("One person, more precisely; a little slower.")
    expect(page.get_by_role("status").filter(has_text="more precisely")).to_be_visible()
    expect(page.get_by_role("combobox", name="Count repetitions of", exact=True)).to_have_value("")


def test_angles_follow_the_least_score(visit):
    page = visit()
    send(page, "astronaut")
    page.get_by_label("Angles beside the joints").check()
    angles = page.locator(".angles li")
    expect(angles.filter(visible=True).first).to_be_visible()
    least = sorted(float(each) for each in angles.evaluate_all("(all) => all.map((each) => each.dataset.score)"))
    page.get_by_label("Draw points with a score").fill("0")
    page.keyboard.press("Tab")
    expect(angles.filter(visible=True)).to_have_count(8)
    threshold = next(step / 20 for step in range(21) if any(score < step / 20 for score in least))
    page.get_by_label("Draw points with a score").fill(str(threshold))
    page.keyboard.press("Tab")
    expect(angles.filter(visible=True)).to_have_count(sum(score >= threshold for score in least))
    page.reload()
    expect(angles.filter(visible=True)).to_have_count(sum(score >= threshold for score in least))


def test_a_clip_works_without_scripts(visit):
    page = visit(java_script_enabled=False)
    send_clip(page, posekit.sample("walk"))
    wait_for_clip(page)  # the page loads itself again until then


def states(page, server, folder):
    """Every page and each of its states, one after another, with a name."""
    with running(access_code="x") as app:
        asking = app.test_client().post("/access", data={"code": "wrong"}).text
    page.route("**/asking", lambda route: route.fulfill(body=asking, content_type="text/html"))
    for path in ("", "live", "kiosk", "projector", "nothing", "asking"):
        page.goto(server.address + path)
        yield path or "form"
        if path in ("live", "kiosk"):
            page.get_by_role("button", name="Start").click()
            page.wait_for_function("() => document.querySelector('video').videoWidth")
            yield f"{path}, running"
    page.goto(server.address)
    send_clip(page, posekit.sample("walk"))
    page.get_by_role("button", name="Cancel").wait_for()
    yield "clip, in work"
    wait_for_clip(page)
    yield "clip"
    page.goto(server.address)
    send_clip(page, {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"hello"})
    page.get_by_role("alert").filter(has_text="a.mp4 is not a clip").wait_for()
    yield "clip, damaged"
    page.goto(server.address)
    page.get_by_text("Choose a model").click()
    (folder / "a.txt").write_text("hello")
    page.set_input_files("input[type=file]", [folder / "a.txt", posekit.sample("person"), posekit.sample("astronaut")])
    page.get_by_role("button", name="Find the pose").click()
    page.get_by_role("link", name="See the other 2 photos").wait_for()
    yield "error"
    page.get_by_role("link", name="See the other 2 photos").click()
    page.get_by_role("heading", name="2 photos").wait_for()
    yield "photos"
    page.get_by_role("link", name="astronaut").click()
    page.get_by_label("Angles beside the joints").check()
    yield "result"


def test_axe_finds_nothing_on_any_page_wide_or_narrow_light_or_dark(visit, server, root, tmp_path):
    script = axe_script(root)
    page = visit()
    page.route("**/broken", lambda route: route.fulfill(body="<img src='/front/icon.svg'>", content_type="text/html"))
    page.goto(f"{server.address}broken")
    assert "image-alt" in dict(violations(page, script))  # it does find what is wrong
    assert not violations_everywhere(page, script, states(page, server, tmp_path))


def test_a_photo_and_the_live_picture_in_this_browser_send_nothing_to_the_server(visit, server):
    page = visit()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("Find the pose in this browser").check()
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.get_by_role("button", name="Find the pose").click()
    page.get_by_role("heading", name="1 person found").wait_for()
    page.goto(f"{server.address}live")
    page.get_by_label("Runs in").select_option("this browser")
    page.get_by_text("no picture leaves this computer").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert not sent
