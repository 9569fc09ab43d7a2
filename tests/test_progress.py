import io
import re
import sys

import pytest

from posekit.progress import progress, say


class Terminal(io.StringIO):
    def isatty(self):
        return True


def count(total=228, unit="frame", **options):
    with progress("clip.mp4", total, unit, **options) as bar:
        for _ in range(total or 0):
            bar.update()


def test_in_a_log_there_is_a_line_at_the_start_and_one_at_the_end(capsys):
    count()
    first, last = capsys.readouterr().err.splitlines()
    assert first == "clip.mp4: 228 frames …"
    assert re.fullmatch(r"clip\.mp4: 228 frames in \d+\.\d s", last)


def test_bytes_and_what_cannot_be_counted_are_named(capsys):
    count(2_000_000 // 1_000_000, "B")
    count(None, "")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "clip.mp4: 2.00B …"
    assert lines[2] == "clip.mp4 …"
    assert lines[3].startswith("clip.mp4: done in ")


def test_a_name_that_is_not_unicode_is_counted_too(monkeypatch):
    log = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")  # as Python's own stderr
    monkeypatch.setattr(sys, "stderr", log)
    with progress("\udcff.mp4", 2, "frame") as bar:
        bar.update(2)
    log.flush()
    assert b"\\udcff.mp4: 2 frames in" in log.buffer.getvalue()


def test_in_a_terminal_there_is_a_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    count()
    assert "228/228" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_nothing_is_shown_where_nothing_is_asked_for(capsys):
    count(shown=False)
    assert capsys.readouterr().err == ""


def test_an_error_passes_through_and_no_success_is_claimed(capsys):
    with pytest.raises(RuntimeError), progress("clip.mp4", 3, "frame"):
        raise RuntimeError
    assert capsys.readouterr().err.splitlines() == ["clip.mp4: 3 frames …"]


def test_a_closed_stderr_does_no_harm(monkeypatch):
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr(sys, "stderr", stream)
        say("nobody listens")
        count()
