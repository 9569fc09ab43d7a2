import csv
import io
import json
import threading

import cv2
import numpy as np
import pytest
from PIL import Image

import posekit
from posekit.widgets import upload_pose as module
from posekit.widgets.upload_pose import MAX_UPLOAD, UploadPose

PERSON = posekit.sample("person")


class Browser:
    """Talks to a widget as its front end does: messages with buffers, and traits."""

    def __init__(self, widget, monkeypatch):
        self.widget = widget
        self.got = []
        monkeypatch.setattr(widget, "send", lambda content, buffers=(): self.got.append((content, *map(bytes, buffers))))

    def send(self, content, *buffers):
        data = {"method": "custom", "content": content}
        self.widget._handle_msg({"content": {"data": data}, "buffers": [memoryview(each) for each in buffers]})

    def set(self, **state):
        self.widget._handle_msg({"content": {"data": {"method": "update", "state": state}}, "buffers": []})

    def upload(self, content, name="photo.png", piece=100_000):
        self.send({"kind": "begin", "key": "k", "name": name, "size": len(content)})
        for i in range(0, len(content), piece):
            self.send({"kind": "piece", "key": "k"}, content[i : i + piece])

    def download(self, what):
        """The name and the content of a download."""
        self.got.clear()
        self.send({"kind": "download", "key": "d", "what": what})
        assert [each[0]["left"] for each in self.got] == list(reversed(range(len(self.got))))
        return self.got[0][0]["name"], b"".join(piece for _, piece in self.got)


@pytest.fixture
def upload():
    return UploadPose()


@pytest.fixture
def browser(upload, monkeypatch):
    return Browser(upload, monkeypatch)


@pytest.fixture(scope="module")
def found(lightning, person):
    return lightning(person)


def test_it_is_public_and_says_what_it_has(upload, found):
    assert posekit.UploadPose is UploadPose
    assert repr(upload) == "UploadPose(lightning, no photo yet)"
    assert (upload.image, upload.poses, upload.name, upload.error) == (None, None, "", "")
    upload.read(PERSON)
    assert repr(upload) == "UploadPose(lightning, person.png: 640×480, 1 person)"
    assert upload._repr_mimebundle_()[0]["text/plain"] == repr(upload)


def test_options_are_checked():
    with pytest.raises(posekit.UnknownModelError, match="there is no model 'lightening'; did you mean 'lightning'"):
        UploadPose("lightening")
    with pytest.raises(TypeError, match="UploadPose has no option 'modle'; did you mean 'model'"):
        UploadPose(modle="thunder")
    assert UploadPose("lightning-int8")._models[-1] == "lightning-int8"


def test_reading_from_python_is_what_the_model_says(upload, person, found):
    for source in (PERSON, PERSON.read_bytes(), person):
        poses = upload.read(source)
        np.testing.assert_array_equal(upload.image, person)
        np.testing.assert_allclose(poses.xy, found.xy)
        assert upload.poses is poses
        assert upload.status == f"lightning found 1 person in {upload.name}."
    assert upload._shown["model"] == "lightning"
    assert not upload._busy


def test_a_file_comes_in_pieces(upload, browser, found):
    content = PERSON.read_bytes()
    browser.upload(content)
    np.testing.assert_allclose(upload.poses.xy, found.xy)
    assert upload.name == "photo.png"
    acknowledged = [each[0]["bytes"] for each in browser.got if each[0]["kind"] == "got"]
    assert acknowledged == [0, 100_000, 200_000, len(content)][: len(acknowledged) - 1] + [len(content)]
    assert browser.got[-1][0]["kind"] == "picture"


def test_the_picture_is_upright_and_its_colours_are_right(upload, browser, person):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn me clockwise
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(person))).convert("CMYK").save(file, "JPEG", quality=95, exif=exif)
    browser.upload(file.getvalue(), "phone.jpg")
    assert upload.image.shape == person.shape
    assert np.abs(upload.image.astype(int) - person).mean() < 4
    shown = np.asarray(Image.open(io.BytesIO(browser.got[-1][1])))
    assert np.abs(shown.astype(int) - person).mean() < 5


def test_what_is_not_a_picture_is_reported_and_the_former_result_stays(upload, browser, found):
    upload.read(PERSON)
    browser.upload(b"hello", "letter.txt")
    assert upload.error == "letter.txt is not a picture that can be read (it begins with 'hello')"
    assert (upload.name, upload.status) == ("person.png", "person.png stays as it was.")
    np.testing.assert_allclose(upload.poses.xy, found.xy)
    browser.upload(PERSON.read_bytes()[:5000], "half.png")
    assert "half.png is damaged or cut short" in upload.error
    browser.upload(b"", "nothing.png")
    assert upload.error == "nothing.png is empty (0 bytes)"
    with pytest.raises(posekit.ImageError, match="there is no file"):
        upload.read("nowhere.png")
    assert "there is no file" in upload.error
    upload.read(PERSON)
    assert upload.error == ""


def test_too_much_is_refused(upload, browser):
    browser.send({"kind": "begin", "key": "k", "name": "huge.png", "size": MAX_UPLOAD + 2**20})
    assert upload.error == "huge.png has 65 MB; 64 MB are allowed. Choose a smaller picture."
    assert not browser.got
    browser.send({"kind": "begin", "key": "k", "name": "small.png", "size": 10})
    browser.send({"kind": "piece", "key": "k"}, b"x" * 11)
    assert upload.error == "small.png is longer than the 10 bytes that were announced; choose it again"
    browser.got.clear()
    browser.send({"kind": "piece", "key": "k"}, b"x")  # of an upload that is over
    assert not browser.got


def test_a_second_file_takes_the_place_of_one_on_its_way(upload, browser):
    browser.send({"kind": "begin", "key": "old", "name": "old.png", "size": 100})
    browser.upload(PERSON.read_bytes(), "new.png")
    browser.send({"kind": "piece", "key": "old"}, b"x" * 100)
    assert (upload.name, upload.error) == ("new.png", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "plain", "download"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg", "passwd_pose.png"),
        ("C:\\photos\\me.png", "me.png", "me_pose.png"),
        ("a\u202egpj.exe\n.jpg", "agpj.exe.jpg", "agpj.exe_pose.png"),
        ("/", "picture", "picture_pose.png"),
        ("x" * 300 + ".jpg", "x" * 116 + ".jpg", "x" * 116 + "_pose.png"),
    ],
)
def test_a_name_is_only_a_name(upload, browser, name, plain, download):
    browser.upload(PERSON.read_bytes(), name)
    assert upload.name == plain
    assert browser.download("png")[0] == download


@pytest.mark.slow
def test_another_model_looks_again(upload, browser, thunder, person, monkeypatch):
    upload.model = "thunder"  # nothing to look at yet
    assert upload.poses is None
    upload.model = "lightning"
    upload.read(PERSON)
    browser.set(model="thunder")
    np.testing.assert_allclose(upload.poses.xy, thunder(person).xy)
    assert (upload.name, upload._shown["model"]) == ("person.png", "thunder")


def test_a_model_that_cannot_be_had_leaves_the_former(upload, browser, monkeypatch):
    def load(name):
        raise posekit.DownloadError(f"cannot fetch {name}: no network")

    upload.read(PERSON)
    before = upload.poses
    monkeypatch.setattr(module, "load_model", load)
    browser.set(model="multipose")
    assert upload.error == "cannot fetch multipose: no network"
    assert upload.model == "lightning"
    assert upload.poses is before
    assert not upload._busy


def test_listeners_hear_each_result(upload):
    heard = []

    @upload.on_pose
    def listen(poses):
        heard.append(len(poses))

    upload.read(PERSON)
    upload.on_pose(lambda poses: 1 / 0)
    upload.read(PERSON)
    assert heard == [1, 1]
    assert upload.error == "on_pose(<lambda>) raised ZeroDivisionError: division by zero"
    assert upload.status.startswith("lightning found 1 person")


@pytest.mark.slow
def test_the_picture_downloads_at_its_full_size_with_the_threshold(upload, browser, person):
    large = cv2.resize(person, (2560, 1920))
    upload.read(large, "large.jpg")
    upload.threshold = 0.7
    name, content = browser.download("png")
    assert name == "large_pose.png"
    assert len(browser.got) > 1  # in pieces
    picture = np.asarray(Image.open(io.BytesIO(content)))
    np.testing.assert_array_equal(picture, posekit.draw(large, upload.poses, threshold=0.7))
    assert (picture != posekit.draw(large, upload.poses)).any()


def test_the_points_download_as_csv(upload, browser):
    upload.read(PERSON)
    name, content = browser.download("csv")
    assert name == "person_pose.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["keypoint"] for row in rows] == list(posekit.pose.KEYPOINTS)
    np.testing.assert_allclose([[float(row["x"]), float(row["y"])] for row in rows], upload.poses.xy[0], atol=1e-3)


def test_the_points_download_as_coco_results(upload, browser, tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    upload.read(PERSON)
    name, content = browser.download("json")
    truth = coco.COCO()
    truth.dataset = {"images": [{"id": 0}], "categories": [{"id": 1}], "annotations": []}
    truth.createIndex()
    path = tmp_path / name
    path.write_bytes(content)
    (someone,) = truth.loadRes(str(path)).anns.values()
    np.testing.assert_allclose(np.reshape(someone["keypoints"], (17, 3))[:, :2], upload.poses.xy[0])
    assert json.loads(content)[0]["category_id"] == 1


def test_a_download_before_a_photo_is_reported(upload, browser):
    browser.send({"kind": "download", "key": "d", "what": "png"})
    assert upload.error == "there is nothing to download yet; choose a photo first"


def test_the_browser_may_speak_from_another_thread(upload, browser):
    """With ipykernel 7, messages arrive in a separate thread while a cell runs."""
    content = PERSON.read_bytes()
    other = threading.Thread(target=lambda: [browser.upload(content, f"{i}.png") for i in range(5)])
    other.start()
    for _ in range(5):
        upload.read(PERSON)
    other.join()
    assert upload.error == ""
    assert len(upload.poses) == 1
    assert upload.name in ("4.png", "person.png")
