import numpy as np
import pandas as pd
import pytest

import posekit
from posekit.parallel import pieces
from posekit.parallel.ledger import Ledger
from posekit.parallel.pieces import PiecesDifferError, cuts_of, joined, spans_of
from posekit.parallel.results import Settings, prepare, read_about, result_path
from posekit.parallel.work import join_pieces, model_sha256, work, work_piece


def test_short_clips_stay_whole_and_long_ones_are_cut_evenly():
    assert cuts_of(2 * pieces.PIECE - 1, 25) == []
    assert cuts_of(3 * pieces.PIECE, 25) == [(pieces.PIECE - 0.5) / 25, (2 * pieces.PIECE - 0.5) / 25]
    assert spans_of([60.0]) == [(0.0, 60.0), (58.0, float("inf"))]


@pytest.fixture
def tracks():
    """`tracks(times, people)`: a table; `people` maps ids to where these stand, in pixels."""

    def make(times, people, first=0):
        body = np.linspace([0, 0], [40, 100], 17)
        rows = [
            (number + first, time, person, i, keypoint, *(body[keypoint] + [x, 0]), 0.9)
            for number, time in enumerate(times)
            for i, (person, x) in enumerate(people.items())
            for keypoint in range(17)
        ]
        return pd.DataFrame(rows, columns=["frame", "time", "id", "person", "keypoint", "x", "y", "score"])

    return make


def test_people_keep_their_ids_across_a_cut_and_newcomers_get_new_ones(tracks):
    before, after = [0.0, 0.5, 1.0, 1.5], [1.0, 1.5, 2.0, 2.5]
    first = tracks(before, {1: 0, 2: 300})
    second = pd.concat([tracks(after, {1: 300, 2: 0}), tracks([2.0, 2.5], {3: 600}, first=2)]).sort_values("frame", kind="stable")
    frames, whole = joined([(before, first), (after, second)], [2.0])
    assert frames == 6
    assert whole["frame"].unique().tolist() == list(range(6))
    assert np.allclose(whole.groupby("frame")["time"].first(), [0, 0.5, 1, 1.5, 2, 2.5])
    places = whole[whole["keypoint"] == 0].groupby("id")["x"].unique()
    assert {person: list(x) for person, x in places.items()} == {1: [0], 2: [300], 3: [600]}


def test_a_piece_with_nobody_in_it_is_no_obstacle(tracks):
    before, after, last = [0.0, 0.5], [0.5, 1.0], [1.0, 1.5]
    frames, whole = joined([(before, tracks(before, {1: 0})), (after, tracks(after, {})), (last, tracks(last, {1: 0}))], [1.0, 1.5])
    assert frames == 4
    assert whole.groupby("id")["frame"].unique().map(list).to_dict() == {1: [0, 1], 2: [3]}


def test_pieces_that_have_other_frames_where_they_meet_are_not_joined(tracks):
    before, after = [0.0, 0.5, 1.0], [0.6, 1.1]
    with pytest.raises(PiecesDifferError, match="before 1 s"):
        joined([(before, tracks(before, {})), (after, tracks(after, {}))], [1.0])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model"), [("squats", "lightning"), ("two_people", "multipose")])
def test_a_clip_in_pieces_has_the_tracks_of_the_whole(tmp_path, monkeypatch, name, model):
    (source,) = Ledger([posekit.sample(name)])
    settings, place = Settings(model, model_sha256(model)), tmp_path / "out"
    prepare(place)
    (whole,) = work([source], place, settings)
    monkeypatch.setattr(pieces, "PIECE", whole["frames"] // 3)
    expected = pd.read_parquet(place / whole["result"])
    (asked,) = work([source], place, settings)
    cuts = asked["cuts"]
    assert len(cuts) == 2
    seconds = [work_piece(source, place, settings, cuts, number) for number in range(3)]
    assert seconds == [work_piece(source, place, settings, cuts, number) for number in range(3)], "a piece is done once"
    (row,) = join_pieces(source, place, settings, cuts, seconds)
    assert (row["frames"], row["people"], row["state"]) == (whole["frames"], whole["people"], "done")
    assert read_about(place / row["result"])["cuts"] == cuts, "not the whole, after all"
    found = pd.read_parquet(place / row["result"])
    for column in ("frame", "id", "person", "keypoint"):
        assert found[column].tolist() == expected[column].tolist()
    assert np.abs(found[["x", "y"]] - expected[["x", "y"]]).to_numpy().max() < 0.5
    assert not list((place / "pieces").iterdir())


def test_a_clip_that_breaks_off_is_done_whole_and_says_so(tmp_path, monkeypatch):
    clip = tmp_path / "cut.mp4"
    clip.write_bytes(b"no clip")
    (source,) = Ledger([clip])
    settings = Settings("lightning", model_sha256("lightning"))
    prepare(tmp_path / "out")
    assert work_piece(source, tmp_path / "out", settings, [1.0], 0) is None
    (row,) = join_pieces(source, tmp_path / "out", settings, [1.0], [None, None])
    assert "not a clip" in row["error"]


@pytest.mark.slow
def test_a_piece_that_is_lost_leaves_no_hole(tmp_path):
    (source,) = Ledger([posekit.sample("walk")])
    settings = Settings("lightning", model_sha256("lightning"))
    prepare(tmp_path / "out")
    cuts = [1.0]
    seconds = [work_piece(source, tmp_path / "out", settings, cuts, number) for number in range(2)]
    result_path(tmp_path / "out", source.address, "pieces", "-1.parquet").unlink()
    (row,) = join_pieces(source, tmp_path / "out", settings, cuts, seconds)
    assert (row["state"], row["frames"]) == ("done", len(posekit.read_video(posekit.sample("walk"))))
