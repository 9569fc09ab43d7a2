"""Targets that are addresses: memory, and a real FTP server. A bucket is tested in an environment of its own (test_wheel)."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import posekit
from posekit.parallel import batch, batch_status
from posekit.parallel.ledger import Ledger
from posekit.parallel.place import find_place, replacing, shown, without_password
from posekit.parallel.results import Settings, prepare, read_about, recall
from posekit.parallel.sources import fetch_source, sources_behind
from posekit.parallel.work import model_sha256, work

distributed = pytest.importorskip("distributed", reason="needs Dask: the extra batch")


@pytest.fixture
def memory():
    import fsspec

    yield fsspec.filesystem("memory")
    fsspec.filesystem("memory").rm("/target", recursive=True)


@pytest.fixture
def server(tmp_path):
    """The address of a real FTP server, whose files lie in a folder `ftp`."""
    authorizers, handlers, servers = (pytest.importorskip(f"pyftpdlib.{each}") for each in ("authorizers", "handlers", "servers"))
    (tmp_path / "ftp").mkdir()

    class Handler(handlers.FTPHandler):
        authorizer = authorizers.DummyAuthorizer()

    Handler.authorizer.add_user("user", "secret", str(tmp_path / "ftp"), perm="elradfmwMT")
    Handler.authorizer.add_anonymous(str(tmp_path / "ftp"))
    server = servers.ThreadedFTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.1, "handle_exit": False})
    thread.start()
    yield f"ftp://user:secret@127.0.0.1:{server.address[1]}/out"
    server.close_all()
    thread.join()


def test_paths_drives_and_addresses_of_this_machine_are_folders(tmp_path):
    assert find_place(tmp_path) == find_place(str(tmp_path)) == find_place(f"file://{tmp_path}") == tmp_path
    assert find_place("C:/out").name == "out"
    assert isinstance(find_place("C:/out"), Path)


@pytest.mark.parametrize("target", ["nonsense://bucket/out", "dropbox://out"])
def test_an_address_that_nobody_knows_or_lacks_its_package_is_refused_in_words(target):
    with pytest.raises(posekit.PosekitError, match=f"cannot use the target {target}"):
        batch(posekit.sample("person"), target)


@pytest.mark.slow
def test_results_in_an_object_store_are_known_again(memory):
    place, settings = find_place("memory://target/out"), Settings("lightning", model_sha256("lightning"))
    ledger = Ledger([posekit.sample("person"), posekit.sample("walk")], place)
    prepare(place)
    rows = work(list(ledger), place, settings)
    assert [row["state"] for row in rows] == ["done", "done"]
    assert read_about(place / rows[0]["result"])["row"] == rows[0]
    recall(place, ledger, settings, retry_failed=False)
    assert list(ledger.waiting()) == []
    assert len(batch_status("memory://target/out")) == 0
    assert sorted(memory.find("/target")) == sorted(["/target/out/manifest.csv", *(f"/target/out/{row['result']}" for row in rows)])


def test_an_error_leaves_nothing_at_an_address(memory):
    target = find_place("memory://target/out") / "tracks" / "a.parquet"
    memory.pipe("/target/b", b"")
    with suppress(ZeroDivisionError), replacing(target) as part:
        part.write_bytes(b"half")
        raise ZeroDivisionError
    assert not target.exists()


def test_an_address_that_holds_something_else_is_refused(memory):
    memory.pipe("/target/out/thesis.txt", b"")
    with pytest.raises(posekit.PosekitError, match="holds other files"):
        batch(posekit.sample("person"), "memory://target/out")


@pytest.mark.slow
def test_an_address_that_workers_do_not_see_is_reported(memory):
    with pytest.raises(posekit.PosekitError, match="does not see the target memory://target/out"):
        batch(posekit.sample("person"), "memory://target/out", workers=1, progress=False)


@pytest.mark.slow
def test_a_server_is_a_target_and_has_what_a_folder_would_have(server, tmp_path):
    sources = [posekit.sample("person"), posekit.sample("walk")]
    options = {"workers": 1, "exercise": "squat", "annotated": True, "progress": False}
    table = batch(sources, server, **options)
    assert table["state"].tolist() == ["done", "done"], table["error"].tolist()
    batch(sources, tmp_path / "folder", **options)
    assert files(tmp_path / "ftp" / "out") == files(tmp_path / "folder")
    assert (tmp_path / "ftp" / "out" / table["result"][0]).is_file()
    times = {file: file.stat().st_mtime_ns for file in (tmp_path / "ftp" / "out" / "tracks").iterdir()}
    assert batch(sources, server, **options).equals(table)
    assert times == {file: file.stat().st_mtime_ns for file in (tmp_path / "ftp" / "out" / "tracks").iterdir()}, "done once"


def files(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_server_s_files_are_sources_but_not_with_a_password_that_every_result_would_hold(server, tmp_path):
    (tmp_path / "ftp" / "in").mkdir()
    (tmp_path / "ftp" / "in" / "a b.png").write_bytes(b"picture")
    root = server.replace("user:secret@", "").removesuffix("out")
    for name in (f"{root}in", f"{root}in/*.png", f"{root}in/a b.png"):
        (source,) = sources_behind(name)
        assert source.address == f"{root}in/a b.png"
        assert source.changed, "or a file of the same size would not be seen to have changed"
        assert fetch_source(source.address, tmp_path).read_bytes() == b"picture"
    with pytest.raises(posekit.PosekitError, match=r"user:…@.* would stand in every result"):
        list(sources_behind(server.replace("/out", "/in")))


@pytest.mark.slow
def test_a_wrong_password_and_a_server_that_is_not_there_are_reported(server):
    with pytest.raises(posekit.PosekitError, match=r"cannot use the target .*530"):
        batch(posekit.sample("person"), server.replace("secret", "wrong"))
    with pytest.raises(posekit.PosekitError, match=r"cannot use the target .*refused"):
        batch(posekit.sample("person"), "ftp://127.0.0.1:1/out")
    with pytest.raises(posekit.PosekitError, match=r"there is no manifest\.csv"):
        batch_status(server)


@pytest.mark.slow
def test_an_address_is_shown_with_its_host_and_without_its_password(server):
    place = find_place(server)
    assert shown(place / "manifest.csv") == f"{server.replace(':secret', '')}/manifest.csv"
    assert without_password(server) == server.replace("secret", "…")
    assert without_password("s3://bucket/a@b:c") == "s3://bucket/a@b:c"
    with pytest.raises(posekit.PosekitError) as error:
        batch(posekit.sample("person"), server.replace("ftp:", "nonsense:"))
    assert "secret" not in str(error.value)


@pytest.mark.slow
def test_a_part_that_a_killed_upload_left_is_swept_and_one_that_is_swept_while_it_is_sent_is_sent_again(server, tmp_path):
    place = find_place(server)
    prepare(place)
    part = tmp_path / "ftp" / "out" / "tracks" / ".0123456789ab.part"
    part.touch()
    prepare(place)
    assert not part.exists()
    moves, move = [], place.fs.mv

    def swept(source, target):
        moves.append(source)
        if len(moves) == 1:
            prepare(find_place(server))
        move(source, target)

    place.fs.mv = swept
    try:
        with replacing(place / "tracks" / "a.parquet") as file:
            file.write_bytes(b"whole")
    finally:
        place.fs.mv = move
    assert len(moves) == 2
    assert [(each.name, each.read_bytes()) for each in part.parent.iterdir()] == [("a.parquet", b"whole")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills a group of processes")
def test_a_run_into_a_server_that_is_killed_goes_on_where_it_stopped(server, tmp_path):
    clips, tracks = tmp_path / "clips", tmp_path / "ftp" / "out" / "tracks"
    clips.mkdir()
    for name in "abcd":
        shutil.copy(posekit.sample("walk"), clips / f"{name}.mp4")
    code = """
        import sys, posekit
        if __name__ == "__main__":
            posekit.batch(sys.argv[1], sys.argv[2], workers=1, progress=False)
        """
    (tmp_path / "run.py").write_text(textwrap.dedent(code))
    with subprocess.Popen([sys.executable, tmp_path / "run.py", clips, server], start_new_session=True) as process:
        deadline = time.monotonic() + 600
        while not list(tracks.glob("[!.]*")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    before = {file.name: file.stat().st_mtime_ns for file in tracks.glob("[!.]*")}
    table = batch(clips, server, workers=1, progress=False)
    assert (table["state"] == "done").all(), table["error"].tolist()
    assert len(before) < 4
    assert before.items() <= {file.name: file.stat().st_mtime_ns for file in tracks.glob("[!.]*")}.items(), "done once"
    assert len(list(tracks.glob("[!.]*"))) == 4
