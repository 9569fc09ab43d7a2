"""An evaluation as one self-contained HTML page: the figures, and a gallery of errors beside the truth."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.drawing import draw
from posekit.drawing.encode import encode_jpeg
from posekit.evaluation.mistakes import KINDS, Judged
from posekit.evaluation.predict import read_annotated
from posekit.evaluation.truth import Picture
from posekit.frontend import assets
from posekit.image import RGB, Region
from posekit.pose import KEYPOINTS, Poses, count_people

if TYPE_CHECKING:
    from posekit.evaluation.result import Evaluation

#: Side of the gallery's pictures, in pixels.
SIDE = 400

_FIGURES = {
    "ap": "AP: average precision, over OKS 0.50 … 0.95",
    "ap50": "AP50: where OKS 0.50 is good enough",
    "ap75": "AP75: where OKS must be 0.75",
    "ap_medium": "AP-M: people of 32² to 96² pixels",
    "ap_large": "AP-L: people over 96² pixels",
    "ar": "AR: average recall, over OKS 0.50 … 0.95",
}

_KINDS = {
    "good": "as near as another annotator would be (OKS over 0.85)",
    "jitter": "near its place (OKS over 0.5)",
    "inversion": "on the same person’s other side",
    "swap": "on somebody else’s joint",
    "miss": "elsewhere",
}


def page(evaluation: Evaluation, gallery: int = 12) -> str:
    """The page as HTML.

    Args:
        evaluation: the evaluation to report.
        gallery: how many people of each kind are shown.
    """
    title = f"How good is {evaluation.model}?"
    found, lost = (evaluation.worst_judged(gallery, found=each) for each in (True, False))
    sections = [
        f"<h2>Figures</h2>{figures_table(evaluation)}",
        f"<h2>Each keypoint</h2>{_keypoints(evaluation)}",
        _section(
            "Found, but badly", "The people with the lowest OKS of those whom the model found.", (_found(each) for each in found)
        ),
        _section(
            "Not found", "The largest people whom the model did not find.", (_lost(each, evaluation.results) for each in lost)
        ),
        _section("Ghosts", "What the model is most sure of where nobody is annotated.", _ghosts(evaluation, gallery)),
        _broken(evaluation.broken),
    ]
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{assets.css('base', 'page', 'report')}</style></head>"
        f'<body class="posekit page"><main><h1>{escape(title)}</h1><p class="lead">{_lead(evaluation)}</p>{"".join(sections)}'
        f"</main></body></html>\n"
    )


def _lead(evaluation: Evaluation) -> str:
    kind = {"all": "all people", "one": "pictures with one person"}[evaluation.people]
    crops = ", each cut out by the true box" if evaluation.crops else ""
    read = f"{len(evaluation.pictures)} pictures, {len(evaluation.judged)} people with keypoints ({kind}{crops})."
    ghosts = f" It finds somebody in {len(evaluation.ghosts)} of {evaluation.without_people} pictures without people."
    broken = f" {len(evaluation.broken)} pictures could not be read and do not count." if evaluation.broken else ""
    return read + ghosts * bool(evaluation.without_people) + broken


def figures_table(evaluation: Evaluation) -> str:
    """COCO's figures with the interval of AP as an HTML table."""
    low, high = evaluation.interval
    rows = "".join(
        f'<tr><th scope="row">{text}</th><td>{_number(evaluation.figures[key])}</td></tr>' for key, text in _FIGURES.items()
    )
    interval = f'<tr><th scope="row">AP, 95 % interval over pictures</th><td>{low:.3f} … {high:.3f}</td></tr>'
    return f"<table><caption>COCO’s keypoint metric, by pycocotools</caption><tbody>{rows}{interval}</tbody></table>"


def _number(value: float) -> str:
    return "nobody" if np.isnan(value) else f"{value:.3f}"


def _keypoints(evaluation: Evaluation) -> str:
    table = evaluation.per_keypoint
    head = "".join(f'<th scope="col">{name}</th>' for name in ("keypoint", *table.columns))
    rows = "".join(
        f'<tr><th scope="row">{str(name).replace("_", " ")}</th>{_cells(row)}</tr>'
        for name, row in zip(table.index, table.to_dict("records"), strict=True)
    )
    kinds = "".join(f"<dt>{kind}</dt><dd>{_KINDS[kind]}</dd>" for kind in KINDS)
    return (
        "<p>pck: within 10 % of the longer side of the person’s box; who was not found counts as wrong. The other columns are "
        f"about the people who were found; error is in units of that side.</p><dl>{kinds}</dl>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Each keypoint">'
        f'<table class="wide"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cells(row: Mapping[Any, Any]) -> str:
    return "".join(f"<td>{value if isinstance(value, int) else _number(value)}</td>" for value in row.values())


def _section(title: str, what: str, cards: Iterator[str]) -> str:
    shown = "".join(cards)
    return f'<h2>{title}</h2><p>{what}</p><div class="cards">{shown}</div>' if shown else ""


def _found(each: Judged) -> str:
    assert each.result is not None
    truth, answer = _poses([each.person], each.picture), _poses([each.result], each.picture)
    counts = ", ".join(f"{count} {kind}" for kind in KINDS if (count := int((each.kind == kind).sum())))
    wrong = [(KEYPOINTS[i].replace("_", " "), kind) for i, kind in enumerate(each.kind) if kind not in ("", "good", "jitter")]
    details = f" Wrong: {', '.join(f'{name} ({kind})' for name, kind in wrong)}." if wrong else ""
    title = f"OKS {each.mean_oks:.2f}, {each.picture.name}"
    return _card(title, each.picture, truth, answer, f"{counts}.{details}", truth)


def _lost(each: Judged, results: Sequence[Mapping[str, Any]]) -> str:
    answers = [result for result in results if result["image_id"] == each.picture.id]
    _, _, width, height = each.person["bbox"]
    seen = int(np.isfinite(each.oks).sum())
    size = f"{width:.0f}×{height:.0f} pixels, {seen} keypoints annotated."
    text = f"{size} The model found {count_people(len(answers))} in this picture."
    truth = _poses([each.person], each.picture)
    return _card(f"Not found, {each.picture.name}", each.picture, truth, _poses(answers, each.picture), text, truth)


def _ghosts(evaluation: Evaluation, most: int) -> Iterator[str]:
    pictures = {each.id: each for each in evaluation.pictures}
    for result in evaluation.false_people[:most]:
        picture = pictures[result["image_id"]]
        truth = _poses([each for each in picture.people if each["num_keypoints"]], picture)
        answer = _poses([result], picture)
        text = f"Confidence {result['score']:.2f}. The truth shows everybody who is annotated here with keypoints."
        yield _card(f"A ghost, {picture.name}", picture, truth, answer, text, answer)


def _broken(broken: Mapping[str, str]) -> str:
    rows = "".join(f"<li>{escape(name)}: {escape(why)}</li>" for name, why in broken.items())
    return f"<h2>Not read</h2><ul>{rows}</ul>" if rows else ""


def _poses(people: Sequence[Mapping[str, Any]], picture: Picture) -> Poses:
    """Annotations or results as poses; all their keypoints get a score of 1, so that they are drawn."""
    size = picture.size or (0, 0)
    return Poses.concat([_pose(np.array(each["keypoints"], np.float32).reshape(17, 3), size) for each in people], size)


def _pose(points: Any, size: tuple[int, int]) -> Poses:
    xy, shown = points[:, :2], points[:, 2] > 0
    some = xy[shown] if shown.any() else xy
    box = np.concatenate([some.min(axis=0), some.max(axis=0)])
    return Poses(xy[None], shown[None].astype(np.float32), box[None], np.ones(1, np.float32), size)


def _card(title: str, picture: Picture, truth: Poses, answer: Poses, text: str, center: Poses) -> str:
    """Truth and answer side by side, in a square around the people of `center`."""
    image = read_annotated(picture)
    size = image.shape[1], image.shape[0]
    points = center.xy[center.score > 0]
    region = Region.around(points if len(points) else np.array([[0, 0], size], np.float32), size, 1.6)
    if not region.overlaps(size):
        region = Region.whole(size)
    shown = "".join(
        f'<figure><img src="{_picture(image, region, poses)}" width="{SIDE}" height="{SIDE}" loading="lazy" '
        f'alt="{escape(picture.name)}: {count_people(len(poses))}, as {who}"><figcaption>{label}</figcaption></figure>'
        for poses, label, who in ((truth, "Truth", "annotated"), (answer, "Answer", "the model sees it"))
    )
    return f'<article class="card"><h3>{escape(title)}</h3><div class="pair">{shown}</div><p>{escape(text)}</p></article>'


def _picture(image: RGB, region: Region, poses: Poses) -> str:
    """A square of a picture with poses on it, as a data URL."""
    square, scale, offset = region.cut(image, SIDE)
    zoom = SIDE / float(scale[0])
    corner = float(-offset[0] * zoom), float(-offset[1] * zoom)
    content = encode_jpeg(draw(square, poses.to_parent(zoom, corner, (SIDE, SIDE))), 80)
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
