import gc
import os
import subprocess
import sys
import weakref

import pytest

from posekit.estimate import interpreter


@pytest.mark.slow
def test_loading_says_nothing_on_stderr():
    # The runtime's C++ side writes to file descriptor 2, where neither pytest nor a notebook can filter it.
    code = "import posekit; posekit.load_model()(posekit.read_image(posekit.sample('person')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == ""


@pytest.mark.slow
def test_a_model_loads_where_stderr_is_closed():
    code = "import os; os.close(2); import posekit; posekit.load_model(); print('loaded')"
    run = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert run.stdout == "loaded\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are a thing of Unix")
@pytest.mark.slow
def test_children_of_a_fork_beside_a_busy_thread_infer():
    """In a separate process. Each child must find what its parent finds, also with its own model; one that hangs is ended."""
    code = """
import os, signal, threading, warnings
import numpy as np, posekit
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of what is tested here
model, image = posekit.load_model(threads=2), posekit.read_image(posekit.sample("person"))
expected, done = model(image).xy, threading.Event()
def work():
    while not done.is_set():
        model(image)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
children = []
for _ in range(8):
    child = os.fork()
    if not child:
        signal.alarm(60)
        found = [model(image).xy, posekit.load_model("lightning", threads=2)(image).xy]
        os.write(2, b"heard\\n")
        os._exit(0 if all(np.allclose(xy, expected, atol=0.01) for xy in found) else 3)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
done.set()
for thread in threads: thread.join()
assert np.array_equal(model(image).xy, expected), "the parent goes on"
print(codes)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (run.stdout.strip(), run.returncode) == (str([0] * 8), 0), run.stderr
    assert run.stderr == "heard\n" * 8


def test_a_model_that_nobody_uses_is_freed(lightning):
    again = interpreter.Interpreter(lightning.path, 1, 256)
    gone = weakref.ref(again)
    del again
    gc.collect()
    assert gone() is None
