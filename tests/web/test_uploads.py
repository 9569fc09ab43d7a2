import io

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from posekit.web import uploads
from posekit.web.uploads import tidy, uploaded


def ask(**options):
    with Flask("test").test_request_context("/", method="POST", **options):
        return uploaded()


def test_a_picture_comes_as_a_form_or_as_the_body():
    assert ask(data={"photo": (io.BytesIO(b"abc"), "a.jpg")}) == (b"abc", "a.jpg")
    assert ask(data=b"abc", content_type="image/jpeg") == (b"abc", "photo")
    assert ask(data=b"abc") == (b"abc", "photo")


def file(content=b"1"):
    return io.BytesIO(content), "a.jpg"


@pytest.mark.parametrize("data", [b"", {}, {"other": "x"}, {"photo": "text"}, {"photo": [file(), file()]}, {"photo": file(b"")}])
def test_none_or_several_is_a_mistake(data):
    with pytest.raises(BadRequest):
        ask(data=data, content_type=None if data == b"" else "multipart/form-data")


def test_an_empty_file_is_named():
    with pytest.raises(BadRequest, match=r"a\.jpg is empty \(0 bytes\)"):
        ask(data={"photo": file(b"")})


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 10)
    assert len(ask(data=b"x" * 10)[0]) == 10
    with pytest.raises(RequestEntityTooLarge):
        ask(data=b"x" * 11)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("my.holiday.photo.jpg", "my.holiday.photo.jpg"),
        ("Größe 日本 🏃.png", "Größe 日本 🏃.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("a\0b\r\nSet-Cookie: x.jpg", "abSet-Cookie: x.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("/", "photo"),
        ("", "photo"),
        ("  ", "photo"),
        ("x" * 96 + ".jpg", "x" * 96 + ".jpg"),
        ("x" * 500 + ".jpg", "…" + "x" * 95 + ".jpg"),
    ],
)
def test_a_name_is_for_people_only(name, shown):
    assert tidy(name) == shown
