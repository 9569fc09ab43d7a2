"""In an environment like Colab's: what is installed there, and that a kernel without subshells hears the browser while it waits."""

import ast
import importlib.util
import json
import os
import re
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from track.test_live import SIZE, WHOLE, jpeg

import posekit

PINS = dict(re.findall(r"^([\w-]+)==([\w.]+)", (Path(__file__).parent / "colab.txt").read_text(), re.MULTILINE))

pytestmark = pytest.mark.skipif("POSEKIT_COLAB" not in os.environ, reason="of an environment like Colab's: make test-colab")


@pytest.mark.parametrize("name", PINS)
def test_pip_left_what_colab_ships_as_it_is(name):
    assert version(name) == PINS[name]


def test_installing_posekit_changes_nothing_that_colab_ships(root):
    report = json.loads((root / ".venv-colab" / "report.json").read_text())
    installed = {canonicalize_name(each["metadata"]["name"]) for each in report["install"]}
    assert "posekit" in installed
    assert not installed & set(PINS)


def test_posekit_is_installed_as_a_user_has_it():
    assert "site-packages" in posekit.__file__
    assert importlib.util.find_spec("jupyterlab") is None


SETUP = """
import ipywebrtc, posekit
live = posekit.LivePose(ipywebrtc.CameraStream())
"""


class Kernel:
    """A kernel, and what a browser would send it: over its only channel."""

    def __init__(self):
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def begin(self, code, value):
        """Starts a cell; `end` returns the value of this expression when it has ended."""
        return self.client.execute(code, user_expressions={"value": value}, allow_stdin=False)

    def end(self, cell):
        while (reply := self.client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != cell:
            pass
        assert reply["content"]["status"] == "ok", reply["content"]
        return ast.literal_eval(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])

    def send(self, comm, kind, *buffers, **content):
        content = {"kind": kind, "client": "tab", **content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": content}})
        self.client.session.send(self.client.shell_channel.socket, message, buffers=list(buffers))


@pytest.fixture
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


def test_a_recording_gets_the_frames_that_come_while_its_cell_runs(kernel, person, person_xy):
    comm = kernel.end(kernel.begin(SETUP, "live._channel.comm.comm_id"))
    for status in ("opening", "live"):
        kernel.send(comm, "status", status=status, error="")
    cell = kernel.begin("table = live.record(4)", "[table['frame'].nunique(), len(table), live.error]")
    near = posekit.Region.around(person_xy, SIZE)
    for seq in range(10):
        region = WHOLE if seq == 0 else [near.x, near.y, near.side]
        square = jpeg(person, region, 192)
        kernel.send(comm, "frame", square, region=region, size=list(SIZE), time=seq / 10, seq=seq, side=192, stats=None)
        time.sleep(0.1)
    frames, rows, error = kernel.end(cell)
    assert error == ""
    assert frames > 1
    assert rows == 17 * frames
