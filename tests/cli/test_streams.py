"""What shells do with stdout and stderr. Each line is run by a real one."""

import json
import os
import shlex
import shutil
import subprocess
import sys

import pytest

import posekit

POSEKIT = f"{shlex.quote(sys.executable)} -m posekit"
PERSON = shlex.quote(str(posekit.sample("person")))


def shell(line, **variables):
    environment = {**os.environ, **variables}
    return subprocess.run(["bash", "-c", line], capture_output=True, env=environment, timeout=120, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["models"], ["--help"], ["image", "photos", "--out", "out"]])
@pytest.mark.parametrize("both", [False, True])
def test_it_ends_where_nobody_reads_any_more(arguments, both, tmp_path):
    """As behind `| head -1`: a pipe whose reader has gone."""
    (tmp_path / "photos").mkdir()
    for number in range(9):
        shutil.copy(posekit.sample("person"), tmp_path / "photos" / f"{number}.png")
    reader, writer = os.pipe()
    os.close(reader)
    stderr = writer if both else subprocess.PIPE
    run = subprocess.run([sys.executable, "-m", "posekit", *arguments], stdout=writer, stderr=stderr, cwd=tmp_path, timeout=120)
    os.close(writer)
    assert run.returncode == (0 if arguments == ["--help"] else 141)
    assert b"Traceback" not in (run.stderr or b"")
    assert b"Exception ignored" not in (run.stderr or b"")
    assert len(list(tmp_path.glob("out/*"))) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{} models >&-", 0),
        ("{} models >&- 2>&- <&-", 0),
        ("{} models get nonsense 2>&-", 1),
        ("{} models get nonsense 2>/dev/full", 1),
    ],
)
def test_streams_that_nobody_reads_cause_no_traceback(line, code):
    run = shell(line.format(POSEKIT))
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr
    assert "Error" not in run.stderr
    if code is not None:
        assert run.returncode == code


@pytest.mark.slow
def test_a_full_disk_behind_stdout_is_reported():
    run = shell(f"{POSEKIT} models >/dev/full")
    assert run.stderr == "posekit: the output cannot be written: No space left on device\n"
    assert run.returncode == 1


@pytest.mark.slow
def test_errors_do_not_land_on_stdout_where_stderr_is_closed():
    run = shell(f"{POSEKIT} image missing.jpg {PERSON} --json 2>&-")
    assert len(json.loads(run.stdout)) == 1
    assert run.returncode == 1


@pytest.mark.slow
def test_no_file_gets_the_output_where_stdout_is_closed(tmp_path):
    run = shell(f"{POSEKIT} image {PERSON} --out {shlex.quote(str(tmp_path))} >&- 2>&-")
    assert run.returncode == 0
    assert posekit.read_image(tmp_path / "person_pose.png").shape == (480, 640, 3)


@pytest.mark.slow
def test_names_and_signs_that_an_encoding_lacks_are_escaped(tmp_path):
    """File names are bytes; those that are not UTF-8 reach Python as lone surrogates."""
    shutil.copy(posekit.sample("person"), tmp_path / os.fsdecode(b"\xff\xe4.png"))
    run = shell(f"cd {shlex.quote(str(tmp_path))}; {POSEKIT} image .", PYTHONIOENCODING="ascii")
    assert run.stderr == ""
    assert "1 person" in run.stdout
    assert [os.fsencode(file.name) for file in (tmp_path / "out").iterdir()] == [b"\xff\xe4_pose.png"]
