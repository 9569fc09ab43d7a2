"""The picture in a request: its bytes, and its name, which is only shown to people."""

from __future__ import annotations

import re

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

#: The largest file, in bytes.
MAX_UPLOAD_BYTES = 16 * 2**20

#: What a form may need in addition, in bytes.
MAX_FORM = 2**16


#: The message about a file without content.
EMPTY = "{} is empty (0 bytes). Choose another file."


def uploaded() -> tuple[bytes, str]:
    """The content of the picture that was sent, in the field `photo` of a form or as the whole body, and its name.

    Raises:
        BadRequest: there is none, or more than one, or it is empty.
        RequestEntityTooLarge: it has more than 16 MB.
    """
    if request.mimetype != "multipart/form-data":
        content, name = request.get_data(cache=False), ""
    else:
        photos = request.files.getlist("photo")
        if len(photos) != 1:
            raise BadRequest(f"Send one picture in the field “photo”; there are {len(photos)} in this form.")
        content, name = photos[0].read(), photos[0].filename or ""
    if len(content) > MAX_UPLOAD_BYTES:
        raise RequestEntityTooLarge
    if not content:
        raise BadRequest(EMPTY.format(tidy(name)) if name else "No picture came with that: choose one first, then send it.")
    return content, tidy(name)


def tidy(name: str) -> str:
    """A visitor's file name for a page: its last part, shortened, without unprintable characters; dots are kept."""
    last = re.split(r"[/\\]", name)[-1]
    short = "".join(each for each in last if each.isprintable()).strip()
    return f"…{short[-99:]}" if len(short) > 100 else short or "photo"
