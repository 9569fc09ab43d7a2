"""A real JupyterLab server of this environment, and a notebook that is open in it: as a user has them, without any settings."""

import ast
import contextlib
import json
import os
import secrets
import subprocess
import sys
import time

import nbformat
import psutil
import requests
import zmq
from jupyter_client import BlockingKernelClient

#: Errors in the console that no test is about.
NOISE = ("favicon",)

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "notebook-extension/tracker": {"windowingMode": "none"},  # outputs stay in the page when they are scrolled away
}


class Lab:
    """A JupyterLab server on this machine only, whose files and settings lie in `folder`.

    Attributes:
        folder: the root of its file browser, where kernels start.
        address: the address at which it answers.
    """

    def __init__(self, folder):
        self.folder = folder / "files"
        self.folder.mkdir()
        self._places = {name: folder / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
        self._token = secrets.token_hex(16)
        for name, content in SETTINGS.items():
            file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
        environment |= {f"JUPYTER_{name}_DIR": str(path) for name, path in self._places.items()}
        environment |= {"IPYTHONDIR": str(folder / "ipython"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
        command += ["--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={self._token}"]
        command += [f"--ServerApp.root_dir={self.folder}", f"--LabApp.user_settings_dir={folder / 'settings'}"]
        command += [f"--LabApp.workspaces_dir={folder / 'workspaces'}", "--ServerApp.jpserver_extensions={'posekit_lab': True}"]
        self.log = folder / "log.txt"
        with self.log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder, start_new_session=True)
        self.address = self._wait()

    def _wait(self):
        for _ in range(1800):  # three minutes: it reads many files when it starts
            for file in self._places["RUNTIME"].glob("jpserver-*.json"):
                with contextlib.suppress(requests.ConnectionError, json.JSONDecodeError):
                    address = json.loads(file.read_text())["url"]
                    requests.get(f"{address}api", timeout=5).raise_for_status()
                    return address
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        self.close()
        raise RuntimeError(f"JupyterLab does not answer; its log ends with\n{self.log.read_text()[-2000:]}")

    def open(self, cells, page, name=None):
        """Writes a notebook of these cells (sources) and opens it in `page`; its kernel is ready when this returns."""
        name = name or f"{secrets.token_hex(4)}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)
        return Notebook(self, page, name)

    def link(self, name):
        """The address of a notebook, with the key to it."""
        return f"{self.address}lab/tree/{name}?reset&token={self._token}"

    def connection(self, kernel):
        """The connection file of a kernel."""
        return self._places["RUNTIME"] / f"kernel-{kernel}.json"

    def close(self):
        """Ends the server and its kernels."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self._process.pid).children(recursive=True)  # kernels have sessions of their own
            self._process.terminate()
            _, left = psutil.wait_procs([psutil.Process(self._process.pid), *family], timeout=10)
            for process in left:
                process.kill()
        self._process.wait()


class Notebook:
    """A notebook that is open in a page.

    Attributes:
        page: Playwright's page.
        errors: what the page's console called errors, and uncaught exceptions, except for NOISE and JupyterLab's own.
    """

    def __init__(self, lab, page, name):
        self.page = page
        self.errors = []
        self._lab = lab
        self._client = None
        page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._note(error.stack or str(error)))
        page.goto(lab.link(name))
        page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets && window.jupyterapp.restored")
        page.evaluate("() => jupyterapp.commands.execute('application:set-mode', {mode: 'single-document'})")
        page.evaluate("() => jupyterapp.shell.collapseLeft()")  # the notebook has the width
        page.evaluate("async () => { const s = jupyterapp.shell.currentWidget.sessionContext; await s.ready; }")
        self.wait_idle()

    def _note(self, text):
        only_lab = "/static/lab/" in text and "blob:" not in text  # widgets come as blobs
        if not only_lab and not any(noise in text for noise in NOISE):
            self.errors.append(text)

    def run(self, i):
        """Runs cell `i` and waits until it is done."""
        self.start(i)
        self.wait_idle()

    def start(self, i):
        """Runs cell `i` and does not wait."""
        self.page.evaluate(
            """i => {
              jupyterapp.shell.currentWidget.content.activeCellIndex = i;
              window.runs = (window.runs ?? 0) + 1;
              jupyterapp.commands.execute("notebook:run-cell").finally(() => (window.runs -= 1));
            }""",
            i,
        )

    def run_all(self):
        """Runs every cell, one after another, and waits."""
        for i in range(self.page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length")):
            self.run(i)

    def wait_idle(self, seconds=60):
        """Waits until no cell runs and the kernel has nothing to do."""
        idle = "() => !window.runs && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
        self.page.wait_for_function(idle, timeout=1000 * seconds)

    def cell(self, i):
        """Playwright's locator of cell `i`."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").nth(i)

    def output(self, i):
        """Playwright's locator of the output of cell `i`."""
        return self.cell(i).locator(".jp-Cell-outputArea")

    def python(self, code, seconds=60):
        """Runs `code` in the notebook's kernel, besides its cells, even while one of them runs if the kernel has subshells.

        Returns:
            The value of the last line, if that is an expression; it goes through JSON.
        """
        tree = ast.parse(code)
        value = ast.unparse(tree.body.pop()) if isinstance(tree.body[-1], ast.Expr) else "None"
        reply = self._execute(ast.unparse(tree), {"value": f"__import__('json').dumps({value})"}, seconds)
        if reply["status"] == "ok":
            reply = reply["user_expressions"]["value"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{code!r} in the kernel: {reply['ename']}: {reply['evalue']}")
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def _execute(self, code, expressions, seconds):
        client = self._connected()
        content = {"code": code, "silent": True, "store_history": False, "user_expressions": expressions}
        content |= {"allow_stdin": False, "stop_on_error": False}
        message = client.session.msg("execute_request", content)
        message["header"]["subshell_id"] = self._subshell
        client.shell_channel.send(message)
        return _answer(client.get_shell_msg, message, seconds)

    def _connected(self):
        if self._client is None:
            kernel = self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
            # One context for all clients: that of a client which is collected without `close` waits for its sockets for ever.
            self._client = BlockingKernelClient(context=zmq.Context.instance(), connection_file=str(self._lab.connection(kernel)))
            self._client.load_connection_file()
            self._client.start_channels(iopub=False, stdin=False, hb=False)
            self._subshell = self._new_subshell()
        return self._client

    def _new_subshell(self):
        """A subshell of the kernel, which answers while a cell runs; None where the kernel is too old to have them."""
        message = self._client.session.msg("create_subshell_request", {})
        self._client.control_channel.send(message)
        with contextlib.suppress(TimeoutError):
            return _answer(self._client.get_control_msg, message, 60).get("subshell_id")
        return None

    def restart_kernel(self):
        """Restarts the kernel, as the button does, and waits until it is there again."""
        self._disconnect()
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        self.wait_idle()

    def theme(self, name):
        """Changes JupyterLab's theme to `"JupyterLab Dark"` or `"JupyterLab Light"`, for this page and the next ones."""
        self.page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
        self.page.locator(f"body[data-jp-theme-name='{name}']").wait_for(state="attached")

    def close(self):
        """Ends the kernel and closes the page."""
        self._disconnect()
        with contextlib.suppress(Exception):  # a page that crashed in a test has said so there
            self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()

    def _disconnect(self):
        if self._client is not None:
            self._client.stop_channels()
            self._client = None


def _answer(get, message, seconds):
    """The content of the reply to `message`; late replies to other messages are skipped."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        with contextlib.suppress(Exception):  # queue.Empty, when there was nothing for a while
            reply = get(timeout=min(left, 1))
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]
    raise TimeoutError(f"the kernel did not answer within {seconds} s")


def eventually(condition, page, seconds=90):
    """Waits until `condition()` holds, for what the kernel or the browser will do soon."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it did not happen within {seconds} s")
