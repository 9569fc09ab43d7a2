import os
import subprocess
import sys
import threading

import pytest

from posekit.quiet import quiet


def test_threads_at_once_leave_stderr_as_it_was():
    before = os.fstat(2)
    one_left, other_in = threading.Event(), threading.Event()

    def other():
        with quiet():
            other_in.set()
            one_left.wait(10)

    with quiet():
        thread = threading.Thread(target=other)
        thread.start()
        other_in.wait(0.5)  # it must not get in
    one_left.set()
    thread.join()
    assert os.path.samestat(os.fstat(2), before)


def test_quiet_inside_quiet(capfd):
    with quiet():
        with quiet():
            os.write(2, b"inside")
        os.write(2, b"still inside")
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


@pytest.mark.slow
def test_lesson_01_loads_its_runtimes_without_a_red_line(root):
    """TensorFlow's C++ side logs while it is imported, whatever the environment says; LiteRT when it opens a file."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("tensorflow_hub")
    cells = [cell.source for cell in nbformat.read(root / "notebooks" / "01_load_movenet.ipynb", as_version=4).cells]
    words = ("import hashlib", 'posekit.models.fetch("lightning")', "with quiet():")
    code = "\n".join(source for source in cells if any(word in source and "assert" not in source for word in words))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
