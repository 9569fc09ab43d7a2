import os
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from motion_clips import arm_clip, true_tracks

import posekit
from posekit.motion import repetitions
from posekit.parallel import results
from posekit.parallel.ledger import COLUMNS, Ledger
from posekit.parallel.results import (
    Settings,
    batch_status,
    check,
    prepare,
    read_about,
    read_manifest,
    recall,
    result_path,
    save_manifest,
    write_manifest,
    write_table,
)
from posekit.parallel.work import new_row


def test_two_sources_of_one_name_have_results_of_their_own(tmp_path):
    first, second = (result_path(tmp_path, f"/clips/{day}/squats.mp4") for day in ("monday", "tuesday"))
    assert first != second
    assert first.name.startswith("squats-")


def test_a_long_name_stays_within_what_file_systems_allow(tmp_path):
    assert len(result_path(tmp_path, f"/clips/{'ü' * 200}.mp4").name.encode()) <= 255


def test_a_result_says_what_it_is_and_a_broken_one_says_nothing(tmp_path):
    about = {"row": {"state": "done"}, "settings": {}}
    write_table(pd.DataFrame({"x": [1.0]}), tmp_path / "tracks" / "a.parquet", "a.mp4", about)
    assert read_about(tmp_path / "tracks" / "a.parquet") == about
    (tmp_path / "tracks" / "b.parquet").write_bytes(b"PAR1")
    assert read_about(tmp_path / "tracks" / "b.parquet") is None
    assert read_about(tmp_path / "tracks" / "c.parquet") is None


def test_a_target_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(posekit.PosekitError, match="cannot write results"):
        prepare(tmp_path / "file")


@pytest.mark.parametrize("name", ['a, "b"\nc\r\n\r%\u2028ü.mp4', "\r.mp4", "a\x85b\x1c\v.mp4", " ", "'", '"'])
def test_a_manifest_keeps_commas_quotes_and_line_ends(tmp_path, name):
    row = (name, "failed", "no, not\nthat", 0, 0, 0.5, "", "", 12, "1.5")
    write_manifest(tmp_path, [row, row])
    assert [tuple(each) for each in batch_status(tmp_path).to_dict("split")["data"]] == [row, row]
    assert pd.read_csv(tmp_path / "manifest.csv")["source"].tolist() == [name, name]


def test_clips_with_and_without_repetitions_are_one_data_set(tmp_path):
    """The first file says of what type the columns are."""
    squats, person = true_tracks("squats")
    for name, tracks in {"a": arm_clip(np.zeros(60), np.zeros(60)), "b": squats}.items():
        write_table(repetitions(tracks, "squat"), tmp_path / "repetitions" / f"{name}.parquet", name, {})
    together = pd.read_parquet(tmp_path / "repetitions")
    assert together["side"].tolist() == ["both"] * person["repetitions"]["count"]
    assert set(together["source"]) == {"b"}


def test_a_name_that_is_not_utf8_is_escaped(tmp_path):
    name = os.fsdecode(b"/clips/caf\xe9.mp4")
    write_manifest(tmp_path, [(name, "failed", "", 0, 0, 0.5, "", "", 12, "1.5")])
    assert batch_status(tmp_path)["source"].tolist() == [r"/clips/caf\udce9.mp4"]
    write_table(pd.DataFrame({"x": [1.0]}), result_path(tmp_path, name), name, {})
    assert len(pd.read_parquet(tmp_path / "tracks")) == 1


@pytest.mark.parametrize("damage", ['\n"half a row', "\na,b\n1,2,3,4,5,6,7,8,9,10,11,12,13\n", ",more\n"])
def test_a_damaged_manifest_is_reported_and_hides_no_result(tmp_path, damage):
    prepare(tmp_path / "out")
    (tmp_path / "a.png").write_bytes(b"12")
    ledger = Ledger([tmp_path / "a.png"])
    (source,) = ledger
    row = dict.fromkeys(COLUMNS, "") | {"state": "done", "source": source.address, "bytes": source.bytes, "changed": source.changed}
    settings = Settings("lightning", "1234")
    about = {"row": row, "settings": settings.about()}
    write_table(pd.DataFrame({"x": [1.0]}), result_path(tmp_path / "out", source.address), source.address, about)
    (tmp_path / "out" / "manifest.csv").write_text(",".join(COLUMNS) + damage)
    with pytest.raises(posekit.PosekitError, match="is damaged"):
        batch_status(tmp_path / "out")
    prepare(tmp_path / "out")
    recall(tmp_path / "out", ledger, settings, retry_failed=False)
    assert list(ledger.rows()) == [tuple(row.values())]


def test_a_manifest_is_read_a_row_at_a_time(tmp_path):
    """It comes to a row that is damaged only after those before it."""
    row = ("/clips/a.mp4", "failed", "", 0, 0, 0.5, "", "", 12, "1.5")
    write_manifest(tmp_path, [row, ("b.mp4", "done", "", "many", *row[4:])])
    rows = read_manifest(tmp_path)
    assert tuple(next(rows).values()) == row
    with pytest.raises(posekit.PosekitError, match="is damaged"):
        next(rows)


def row_of(source, result, state="done"):
    return (source, state, "", 1, 1, 0.5, "", result, 2, "1.5")


@pytest.fixture
def earlier(tmp_path):
    """A target with a result that has a row, one without, whose run was killed, and a row without its result; three have failed."""
    target = tmp_path / "out"
    prepare(target)
    for name in ("a", "killed"):
        path = result_path(target, f"/clips/{name}.mp4")
        row = dict(zip(COLUMNS, row_of(f"/clips/{name}.mp4", f"tracks/{path.name}"), strict=True))
        write_table(pd.DataFrame({"x": [1.0]}), path, f"/clips/{name}.mp4", {"row": row, "settings": {}})
    (target / "tracks" / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "bad.mp4").touch()
    failed = [
        row_of(source, "", "failed") for source in (str(tmp_path / "bad.mp4"), str(tmp_path / "gone.mp4"), "s3://bucket/bad.mp4")
    ]
    results = [f"tracks/{result_path(target, f'/clips/{name}.mp4').name}" for name in ("a", "gone")]
    write_manifest(target, [row_of("/clips/a.mp4", results[0]), row_of("/clips/gone.mp4", results[1]), *failed])
    return target


def test_the_rows_of_other_runs_are_kept_as_long_as_their_results_or_their_broken_sources_are_there(earlier, tmp_path):
    (tmp_path / "b.png").touch()
    with closing(Ledger([tmp_path / "b.png"])) as ledger:
        (source,) = ledger
        ledger.add(new_row(source))
        for _ in range(2):
            save_manifest(earlier, ledger)
        assert len(list(ledger.rows(others=False))) == len(ledger) == 1
        assert list(ledger.waiting()) == []
    sources = ["/clips/a.mp4", "/clips/killed.mp4", "s3://bucket/bad.mp4", str(tmp_path / "bad.mp4")]
    found = batch_status(earlier)["source"].tolist()
    assert found[0] == str(tmp_path / "b.png")
    assert sorted(found[1:]) == sorted(sources)


def test_a_source_has_its_earlier_row_until_this_run_has_one(earlier, tmp_path):
    """So that a run that is interrupted forgets nothing whose result lies there."""
    with closing(Ledger([tmp_path / "bad.mp4"])) as ledger:
        save_manifest(earlier, ledger)
        assert batch_status(earlier)["seconds"].tolist()[0] == 0.5
        assert len(list(ledger.waiting())) == 1
        (source,) = ledger
        ledger.add(new_row(source) | {"seconds": 0.75})
        save_manifest(earlier, ledger)
    assert batch_status(earlier).set_index("source")["seconds"][str(tmp_path / "bad.mp4")] == 0.75


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_not_utf8_has_one_row_in_all_runs(tmp_path):
    prepare(tmp_path / "out")
    file = tmp_path / os.fsdecode(b"caf\xe9.png")
    try:
        file.touch()
    except OSError:
        pytest.skip("this file system has only UTF-8")
    for _ in range(2):
        with closing(Ledger([file])) as ledger:
            (source,) = ledger
            ledger.add(new_row(source))
            save_manifest(tmp_path / "out", ledger)
    assert len(batch_status(tmp_path / "out")) == 1


def test_a_folder_of_the_users_is_refused_even_where_its_names_look_alike(tmp_path):
    (tmp_path / "tracks").mkdir()
    (tmp_path / "manifest.csv").write_text("lorry,cargo\n")
    with pytest.raises(posekit.PosekitError, match="holds other files"):
        prepare(tmp_path)


def test_a_run_that_begins_beside_another_does_not_take_its_first_files_for_somebody_elses(tmp_path, monkeypatch):
    """At each step of the other's preparation."""
    steps = []

    def beside(place, *rest):
        steps.append(check(place))
        real(place, *rest)
        steps.append(check(place))

    real = results.prepare_folders
    monkeypatch.setattr(results, "prepare_folders", beside)
    (tmp_path / ".0123456789ab.part.csv").touch()
    prepare(tmp_path)
    assert steps == [False, False, True, True]


def test_a_target_may_be_new_empty_or_of_an_earlier_run(tmp_path):
    for _ in range(2):
        prepare(tmp_path / "new" / "target")
    assert batch_status(tmp_path / "new" / "target").empty


def test_files_with_nobody_in_them_are_one_data_set_with_the_others(tmp_path):
    table = pd.DataFrame({"x": [1.0, 2.0]})
    write_table(table, tmp_path / "tracks" / "a.parquet", "a.mp4", {})
    write_table(table[:0], tmp_path / "tracks" / "b.parquet", "b.mp4", {})
    assert pd.read_parquet(tmp_path / "tracks")["source"].tolist() == ["a.mp4"] * 2
