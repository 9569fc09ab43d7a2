import io
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from PIL import Image, ImageOps
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from serving import encoded
from web.test_sessions import live_request

import posekit
from posekit.pose.skeleton import FLIP, KEYPOINTS


def points(answer):
    (person,) = answer.json["people"]
    return np.array([[person["keypoints"][name][each] for each in ("x", "y")] for name in KEYPOINTS])


@pytest.mark.slow
def test_the_points_are_those_of_the_model(client, person, person_xy, lightning):
    answer = client.post("/api/pose", data=encoded(person, "PNG"))
    assert answer.status_code == 200
    assert answer.json["size"] == {"width": 640, "height": 480}
    assert answer.json["model"] == "lightning"
    np.testing.assert_allclose(points(answer), lightning(person).xy[0], atol=0.05)
    assert np.linalg.norm(points(answer) - person_xy, axis=1).mean() < 10
    nose = answer.json["people"][0]["keypoints"]["nose"]
    assert nose["x_normalised"] == pytest.approx(nose["x"] / 640, abs=1e-4)
    assert nose["y_normalised"] == pytest.approx(nose["y"] / 480, abs=1e-4)


def test_a_form_and_a_body_are_one(client, person):
    picture = encoded(person)
    form = client.post("/api/pose", data={"photo": (io.BytesIO(picture), "a.b.jpg")})
    assert points(form).tolist() == points(client.post("/api/pose", data=picture)).tolist()


def test_a_photo_of_a_phone_is_turned_upright(client, person):
    """EXIF 6: the sensor's rows are columns of the picture."""
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(person).transpose(Image.Transpose.ROTATE_90)
    answer = client.post("/api/pose", data=encoded(lying, quality=95, exif=exif))
    assert answer.json["size"] == {"width": 640, "height": 480}
    np.testing.assert_allclose(points(answer), points(client.post("/api/pose", data=encoded(person, quality=95))), atol=6)


def test_a_mirrored_person_has_left_and_right_the_other_way(client, person, person_xy):
    found = points(client.post("/api/pose", data=encoded(ImageOps.mirror(Image.fromarray(person)))))
    assert np.linalg.norm(found[FLIP] - [640, 0] - person_xy * [-1, 1], axis=1).mean() < 10


def test_a_wide_picture_is_not_stretched(client, person, person_xy):
    wide = np.zeros((480, 1600, 3), np.uint8)
    wide[:, 480:1120] = person
    assert np.linalg.norm(points(client.post("/api/pose", data=encoded(wide))) - [480, 0] - person_xy, axis=1).mean() < 15


def test_nobody_is_an_empty_list(client):
    assert client.post("/api/pose", data=encoded(np.zeros((48, 64, 3), np.uint8))).json["people"] == []


@pytest.mark.slow
def test_one_pass_or_two(client, person, lightning):
    picture = encoded(person, "PNG")
    for passes in (1, 2):
        answer = client.post(f"/api/pose?passes={passes}", data=picture)
        np.testing.assert_allclose(points(answer), lightning(person, passes=passes).xy[0], atol=0.05)
    assert client.post("/api/pose?passes=3", data=picture).status_code == 400


def test_errors_are_json_in_words(client, person):
    picture = encoded(person)
    for content, status, words in [
        (b"", 400, "choose one first"),
        (b"MZ not a picture", 415, "not a picture"),
        (picture[: len(picture) // 2], 422, "cut short"),
        (encoded(Image.new("1", (8000, 8000)), "PNG"), 413, "51 million"),
        (bytes(2**24 + 1), 413, "16 MB"),
        (bytes(2**25), 413, "16 MB"),
    ]:
        answer = client.post("/api/pose", data=content)
        assert answer.status_code == status
        assert words in answer.json["error"]
    assert client.get("/api/pose").status_code == 405
    assert set(client.get("/api/pose").headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert "no such page" in client.get("/api/nothing").json["error"]


def test_a_live_frame_is_answered(client, person):
    jpeg, asked = live_request(person, 1)
    answer = client.post("/live/frame", data=jpeg, headers={"X-Request": json.dumps(asked)})
    assert answer.status_code == 200
    assert set(answer.json) == {"people", "ids", "region", "side", "ms"}


@pytest.mark.parametrize("header", ["", "{", "null", "[]", '"x"', "1" * 5000, "{}", "[" * 10000])
def test_a_live_request_that_makes_no_sense_is_refused(client, person, header):
    answer = client.post("/live/frame", data=live_request(person, 1)[0], headers={"X-Request": header})
    assert answer.status_code == 400
    assert answer.json["error"]


def test_a_live_frame_is_small(client, person):
    asked = live_request(person, 1)[1]
    assert client.post("/live/frame", data=bytes(2**18 + 1), headers={"X-Request": json.dumps(asked)}).status_code == 413


def test_many_at_once_get_the_answer_of_one_or_are_told_to_come_back(app, person):
    picture = encoded(person)
    alone = app.test_client().post("/api/pose", data=picture).json["people"]
    with ThreadPoolExecutor(30) as visitors:
        answers = list(visitors.map(lambda _: app.test_client().post("/api/pose", data=picture), range(90)))
    for answer in answers:
        if answer.status_code == 503:
            assert answer.headers["Retry-After"] == "1"
            assert "busy" in answer.json["error"]
        else:
            assert answer.status_code == 200
            assert answer.json["people"] == alone
    assert sum(answer.status_code == 200 for answer in answers) >= app.extensions["posekit"].photos.each


def test_the_openapi_file_lists_the_routes(app):
    paths = app.test_client().get("/api/openapi.json").json["paths"]
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    routes = {(rule.rule, method.lower()) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert {(path, method) for path, methods in paths.items() for method in methods} == routes


def test_the_openapi_file_says_our_version(client):
    assert client.get("/api/openapi.json").json["info"]["version"] == posekit.__version__


#: Of bytes no schema can say that they are a picture, so what it allows may be refused.
NO_PICTURE = [positive_data_acceptance]
GET, POST = ("/api/health", "/api/openapi.json"), "/api/pose"


@pytest.mark.slow
@pytest.mark.parametrize(("path", "mode"), [*((path, "positive") for path in GET), (POST, "positive"), (POST, "negative")])
def test_what_the_openapi_file_promises_is_kept(app, path, mode):
    """Schemathesis asks what the file allows, and what it does not; every answer must be one that the file describes."""
    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", app)[path]["GET" if path in GET else "POST"]

    @settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
    def ask(case):
        case.call_and_validate(excluded_checks=NO_PICTURE)

    ask()
