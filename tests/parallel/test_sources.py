import functools
import http.server
import os
import shutil
import threading

import pytest

import posekit
from posekit.parallel.ledger import Ledger
from posekit.parallel.place import find_place
from posekit.parallel.sources import fetch_source


@pytest.fixture
def folder(tmp_path):
    """Pictures, clips, and files that are neither, of two bytes each."""
    for name in ("b10.jpg", "b2.JPG", "a.mp4", "sub/c.heic", "notes.txt", "[x].png", "100%.mov"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"12")
    return tmp_path


def names(sources, folder):
    return [source.address.removeprefix(f"{folder}/") for source in sources]


def test_a_folder_gives_what_is_below_it_in_natural_order(folder):
    assert names(Ledger([folder]), folder) == ["100%.mov", "[x].png", "a.mp4", "b2.JPG", "b10.jpg", "sub/c.heic"]


def test_a_pattern_gives_what_it_matches(folder):
    assert names(Ledger([folder / "b*"]), folder) == ["b2.JPG", "b10.jpg"]


def test_a_name_with_a_bracket_is_a_name_where_there_is_such_a_file(folder):
    assert names(Ledger([folder / "[x].png"]), folder) == ["[x].png"]


def test_a_file_that_is_named_itself_may_have_any_ending_and_each_counts_once(folder):
    found = Ledger([folder / "notes.txt", folder / "a.mp4", folder / "a.mp4"])
    assert names(found, folder) == ["notes.txt", "a.mp4"]
    assert [source.is_picture for source in Ledger([folder / "b2.JPG", folder / "a.mp4"])] == [True, False]


def test_a_changed_file_is_another_source(folder):
    (before,) = Ledger([folder / "a.mp4"])
    (folder / "a.mp4").write_bytes(b"123")
    (after,) = Ledger([folder / "a.mp4"])
    assert before.address == after.address
    assert before != after


def test_a_relative_name_is_the_same_source_as_its_whole_path(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert list(Ledger(["a.mp4"])) == list(Ledger([folder / "a.mp4"]))


def test_results_of_a_target_below_its_sources_are_not_sources(folder):
    (folder / "out" / "clips").mkdir(parents=True)
    (folder / "out" / "clips" / "a-12345678.mp4").write_bytes(b"12")
    (folder / "outer.mp4").write_bytes(b"12")
    (folder / "link").symlink_to(folder)
    for name, target in ((folder, folder / "out"), (folder / "link", folder / "out"), (folder / "**", folder / "link" / "out")):
        found = list(Ledger([name], target))
        assert not [source for source in found if "12345678" in source.address]
        assert [source for source in found if "outer" in source.address]
    assert names(Ledger([folder / "out" / "clips" / "a-12345678.mp4"], folder / "out"), folder) == ["out/clips/a-12345678.mp4"]


def test_results_at_an_address_below_its_sources_are_not_sources():
    import fsspec

    memory = fsspec.filesystem("memory")
    for name in ("a.mp4", "out/clips/a-12345678.mp4", "outer/b.mp4"):
        memory.pipe(f"/below/{name}", b"12")
    found = Ledger(["memory://below"], find_place("memory://below/out"))
    assert [source.address for source in found] == ["memory:///below/a.mp4", "memory:///below/outer/b.mp4"]
    memory.rm("/below", recursive=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and links")
def test_links_in_circles_and_pipes_do_not_hold_it_up(folder):
    before = names(Ledger([folder]), folder)
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    os.mkfifo(folder / "pipe.mp4")
    assert names(Ledger([folder]), folder) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_a_source_that_fails(folder):
    (folder / "sub").chmod(0)
    found = names(Ledger([folder]), folder)
    (folder / "sub").chmod(0o700)
    assert "sub" in found
    assert "a.mp4" in found


@pytest.mark.parametrize("missing", ["missing.mp4", "nowhere/*.mp4"])
def test_nothing_is_an_error_in_words(folder, missing):
    with pytest.raises(posekit.PosekitError, match="there is no"):
        Ledger([folder / missing])


def test_an_empty_list_and_an_unknown_protocol_are_errors_in_words():
    with pytest.raises(posekit.PosekitError, match="an empty list"):
        Ledger([])
    with pytest.raises(posekit.PosekitError, match="cannot read nonsense://x"):
        Ledger(["nonsense://x"])


def test_an_address_of_fsspec_is_listed_and_fetched(tmp_path):
    import fsspec

    memory = fsspec.filesystem("memory")
    with posekit.sample("astronaut").open("rb") as photo, memory.open("/bucket/a.jpg", "wb") as file:
        shutil.copyfileobj(photo, file)
    (source,) = Ledger(["memory://bucket"])
    assert source.address == "memory:///bucket/a.jpg"
    assert source.bytes == posekit.sample("astronaut").stat().st_size
    assert fetch_source(source.address, tmp_path).read_bytes() == posekit.sample("astronaut").read_bytes()
    memory.rm("/bucket", recursive=True)


@pytest.fixture
def site(folder):
    """The folder through a real server on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
def test_a_web_server_is_listed_and_fetched_and_a_changed_file_is_another_source(site, folder):
    shutil.copy(posekit.sample("person"), folder / "person.png")
    (listed,) = [source for source in Ledger([f"{site}/"]) if "person" in source.address]
    (named,) = Ledger([f"{site}/person.png"])
    assert named == listed
    assert named.bytes == posekit.sample("person").stat().st_size
    assert fetch_source(named.address, folder / "sub").read_bytes() == posekit.sample("person").read_bytes()
    os.utime(folder / "person.png", (1, 1))
    (changed,) = Ledger([f"{site}/person.png"])
    assert changed != named


@pytest.mark.slow
def test_what_follows_a_web_address_is_not_part_of_its_name(site, folder):
    shutil.copy(posekit.sample("person"), folder / "person.png")
    (source,) = Ledger([f"{site}/person.png?signature=a/b.c"])
    assert source.is_picture
    assert fetch_source(source.address, folder / "sub").name == "person.png"


def test_a_web_address_without_a_file_or_a_server_is_an_error_in_words(site):
    with pytest.raises(posekit.PosekitError, match="there is no file http"):
        Ledger([f"{site}/gone.png"])
    with pytest.raises(posekit.PosekitError, match="cannot read http"):
        Ledger(["http://127.0.0.1:1/person.png"])
