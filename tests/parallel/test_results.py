import pandas as pd
import pytest

import posekit
from posekit.parallel.results import batch_status, prepare, read_about, result_path, write_manifest, write_table


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


def test_a_manifest_keeps_commas_quotes_and_line_ends(tmp_path):
    row = {"source": 'a, "b"\nc.mp4', "state": "failed", "error": "no, not\nthat"}
    write_manifest(tmp_path, [row])
    assert batch_status(tmp_path)[list(row)].to_dict("records") == [row]


def test_a_folder_of_the_users_is_refused_even_where_its_names_look_alike(tmp_path):
    (tmp_path / "tracks").mkdir()
    (tmp_path / "manifest.csv").write_text("lorry,cargo\n")
    with pytest.raises(posekit.PosekitError, match="holds other files"):
        prepare(tmp_path)


def test_a_target_may_be_new_empty_or_of_an_earlier_run(tmp_path):
    for _ in range(2):
        prepare(tmp_path / "new" / "target")
    assert batch_status(tmp_path / "new" / "target").empty


def test_files_with_nobody_in_them_are_one_data_set_with_the_others(tmp_path):
    table = pd.DataFrame({"x": [1.0, 2.0]})
    write_table(table, tmp_path / "tracks" / "a.parquet", "a.mp4", {})
    write_table(table[:0], tmp_path / "tracks" / "b.parquet", "b.mp4", {})
    assert pd.read_parquet(tmp_path / "tracks")["source"].tolist() == ["a.mp4"] * 2
