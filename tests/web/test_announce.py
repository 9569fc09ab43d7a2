import io
import sys

from posekit.web.announce import announce, warning


def test_it_says_where_others_find_it_and_the_code(capsys):
    announce("http://10.0.0.1:8000/", "sesame")
    out = capsys.readouterr().out
    assert "http://10.0.0.1:8000/projector" in out
    assert "sesame" in out
    assert "█" not in out  # a log is no terminal


def test_a_terminal_gets_the_qr_code_unless_it_cannot_show_it(monkeypatch):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    for encoding, shown in (("utf-8", True), ("cp1252", False)):
        out = Terminal(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", out)
        announce("http://10.0.0.1:8000/", None)
        out.flush()
        assert ("█".encode() in out.buffer.getvalue()) is shown


def test_the_warning_knows_whether_there_is_a_code():
    assert "--access-code" in warning(None)
    assert "who has the access code" in warning("sesame")


def test_with_https_it_shows_the_fingerprint_and_does_not_say_that_nothing_is_encrypted(capsys):
    announce(None, None, "AB:CD")
    assert "AB:CD" in capsys.readouterr().out
    assert "encrypted" in warning(None)
    assert "encrypted" not in warning(None, https=True)
