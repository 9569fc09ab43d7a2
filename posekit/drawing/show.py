"""Pictures for notebooks, with alt text, which JupyterLab drops from ordinary image outputs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import cv2
import numpy as np

from posekit.drawing.encode import encode_jpeg
from posekit.errors import PosekitError
from posekit.image import check_rgb

#: Wider pictures are shrunk to this width, in pixels, to keep notebooks small.
MAX_WIDTH = 960


class Shown:
    """Pictures side by side, displayed by the notebook."""

    def __init__(self, html: str, text: str) -> None:
        self._html, self._text = html, text

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def show(*pictures: Any, alt: str | Sequence[str], captions: Sequence[str] = ()) -> Shown:
    """Shows pictures side by side in a notebook, with alt text for those who cannot see them.

    Args:
        pictures: arrays (H, W, 3) uint8 RGB, or matplotlib figures (which are closed so that they are not shown twice).
        alt: what the pictures show: one text for all, or one for each.
        captions: a line under each picture.

    Returns:
        An object that a notebook displays when it is the last line of a cell.

    Raises:
        PosekitError: the number of texts differs from the number of pictures.
    """
    alts = [alt] if isinstance(alt, str) else list(alt)
    if isinstance(alt, str) and len(pictures) > 1:
        alts += [""] * (len(pictures) - 1)  # so that a screen reader reads the text once
    if len(alts) != len(pictures) or (captions and len(captions) != len(pictures)):
        raise PosekitError(f"{len(pictures)} pictures have {len(alts)} alt texts and {len(captions)} captions; give one each")
    lines = captions or [""] * len(pictures)
    width = "100%" if len(pictures) == 1 else "calc(50% - 6px)"  # two side by side, however narrow the window
    figures = "".join(_figure(*each, width) for each in zip(pictures, alts, lines, strict=True))
    html = f'<div style="display:flex;flex-wrap:wrap;gap:12px">{figures}</div>'
    return Shown(html, "\n".join(f"[picture: {text}]" for text in alts if text))


def _figure(picture: Any, alt: str, caption: str, width: str) -> str:
    kind, content = _encoded(picture)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    line = f'<figcaption style="font-size:90%">{escape(caption)}</figcaption>' if caption else ""
    image = f'<img alt="{escape(alt)}" src="{source}" style="max-width:100%;height:auto">'
    return f'<figure style="margin:0;max-width:{width}">{image}{line}</figure>'


def _encoded(picture: Any) -> tuple[str, bytes]:
    if hasattr(picture, "savefig"):
        import io

        from matplotlib import pyplot

        file = io.BytesIO()
        picture.savefig(file, format="png", dpi=80)
        pyplot.close(picture)
        return "png", file.getvalue()
    image = check_rgb(picture)
    if image.shape[1] > MAX_WIDTH:
        height = max(1, round(image.shape[0] * MAX_WIDTH / image.shape[1]))
        image = cv2.resize(image, (MAX_WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return "jpeg", encode_jpeg(image, quality=85)
