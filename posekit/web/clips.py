"""Clips of visitors: a few at a time, each processed in its own process; the results are kept in temporary files for a while."""

from __future__ import annotations

import multiprocessing
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from weakref import WeakSet

from posekit import atomic
from posekit.web.clip_work import MAX_WORK, PROGRESS, SENT, work
from posekit.web.limits import Limit
from posekit.web.results import OVERHEAD, ResultStore

#: The largest clip that can be sent, in bytes: a minute from a phone at 1920 × 1080.
MAX_CLIP_BYTES = 128 * 2**20

#: How many clips are processed at the same time; how many of those with a model other than the default, which may be slow; and how
#: many of one visitor.
MAX_CLIPS = 2
MAX_OTHER_CLIPS = 1
MAX_VISITOR_CLIPS = 1

#: A clip whose frames have more pixels than 1920 × 1088 is large, and is processed alone: 4K takes up to 660 MB, other clips 270.
LARGE_PIXELS = 1920 * 1088

#: After this many seconds without a request about it, a clip is given up. Browsers let a page in the background ask once a minute.
UNSEEN_TIMEOUT = 150.0

#: Seconds after which the process is killed, whatever it is doing; it should stop by itself before that.
DEADLINE = MAX_WORK + 60.0

#: The most bytes on the disk for all results together, and for those of one visitor.
MAX_RESULTS_BYTES = 2**30
MAX_VISITOR_BYTES = 256 * 2**20

#: Seconds between two checks for room.
WAIT = 0.5

#: Seconds after which a visitor who was refused may try again.
RETRY_AFTER = 30

_FOLDERS = "posekit-clips-"
_BUSY = "this server is already working on as many clips as it can, or on one of yours. Please try again in a minute."


class Folder:
    """A new folder, which is deleted when this object is no longer referenced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)


@dataclass(frozen=True)
class Clip:
    """What is kept of a clip.

    Attributes:
        visitor: whose clip it is, only for the limit.
        name: the clip's name, for people.
        folder: the folder with its files.
        about: what `work` returned; empty if it failed.
        error: what was wrong, in words.
    """

    visitor: str
    name: str
    folder: Folder
    about: dict[str, Any]
    error: str = ""

    @property
    def size(self) -> int:
        """Bytes, about."""
        return OVERHEAD + sum(path.stat().st_size for path in self.folder.path.glob("*"))


@dataclass
class _Job:
    """A clip that is being processed.

    Attributes:
        visitor, name: see `Clip`.
        folder: the folder with the clip.
        process: the process that works on it.
        answer: the connection on which its answer arrives.
        room: how many clips it counts as; 0 until it has begun.
        end: when it is killed.
        seen: when somebody last asked about it.
        done, total: how many frames are done, and of how many.
        cancelled: whether somebody pressed the button.
    """

    visitor: str
    name: str
    folder: Folder
    process: BaseProcess
    answer: Connection
    end: float
    seen: float
    room: int = 0
    done: int = 0
    total: int = 0
    cancelled: bool = False


class Clips:
    """The clips of all visitors. It is safe to use from several threads.

    Args:
        default: the model that does not count as slow.
        path: what `load_model` takes for it, if that is not its name.
        clock: returns the time in seconds.
    """

    def __init__(self, default: str, path: str | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._default, self._path, self._clock = default, path or default, clock
        self._places = Limit(MAX_CLIPS, MAX_VISITOR_CLIPS, _BUSY, retry_after=RETRY_AFTER)
        self._other_places = Limit(MAX_OTHER_CLIPS, MAX_OTHER_CLIPS, _BUSY, retry_after=RETRY_AFTER)
        self._results: ResultStore[Clip] = ResultStore(
            max_bytes=MAX_RESULTS_BYTES, max_visitor_bytes=MAX_VISITOR_BYTES, clock=clock
        )
        self._jobs: dict[str, _Job] = {}
        self._threads: WeakSet[threading.Thread] = WeakSet()
        self._held, self._lock = ExitStack(), threading.Lock()
        self._folder: Path | None = None

    def start(self, save: Callable[[Path], object], name: str, visitor: str, model: str, threshold: float, exercise: str) -> str:
        """Starts work on a clip.

        Args:
            save: writes the clip that was sent to a path.
            name: the clip's name, for people.
            visitor: whose clip it is, for the limits.
            model: a name for `load_model`.
            threshold: keypoints with a lower score are not drawn.
            exercise: a name of `EXERCISES`, or empty.

        Returns:
            The clip's key; anyone who knows it can ask for the clip.

        Raises:
            BusyError: there are too many clips.
        """
        key = secrets.token_hex(16)
        with ExitStack() as places:
            places.enter_context(self._places.place(visitor))
            places.enter_context(self._other_places.place(visitor, int(model != self._default)))
            places.callback(self._jobs.pop, key, None)
            sweep()
            folder = Folder(self._own_folder() / key)
            save(folder.path / SENT)
            process, answer = _process(folder.path, name, self._path if model == self._default else model, threshold, exercise)
            now = self._clock()
            self._jobs[key] = _Job(visitor, name, folder, process, answer, now + DEADLINE, now)
            thread = threading.Thread(target=self._follow, args=[key, places.pop_all()], name="posekit-clip", daemon=True)
            self._threads.add(thread)
            thread.start()
        return key

    def progress(self, key: str) -> tuple[str, int, int] | None:
        """The name of a clip in progress, how many frames are done, and of how many; None if no such clip is in progress."""
        job = self._jobs.get(key)
        if job is None:
            return None
        job.seen = self._clock()
        with suppress(OSError, ValueError):  # it is not there yet, or is being written
            job.done, job.total = (int(each) for each in (job.folder.path / PROGRESS).read_text().split())
        return job.name, job.done, job.total

    def get(self, key: str) -> Clip | None:
        """A clip's result; None if it has expired."""
        return self._results.get(key)

    def cancel(self, key: str) -> None:
        """Cancels a clip; nothing of it is left."""
        if job := self._jobs.get(key):
            job.cancelled = True
            job.process.kill()

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        """Kills the processes and deletes everything."""
        for key in list(self._jobs):
            self.cancel(key)
        for thread in list(self._threads):
            thread.join(5)
        self._results.close()
        self._held.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _own_folder(self) -> Path:
        """The folder for all clips, with a locked file that shows other servers that this one is running."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix=_FOLDERS))
                part = self._held.enter_context(atomic.reserved(self._folder / "server"))
                self._held.enter_context(part.open())  # on Windows an open file cannot be removed
            return self._folder

    def _follow(self, key: str, places: ExitStack) -> None:
        """Waits for the process, in a separate thread."""
        with places:  # the result is stored before the job is removed, so that one of the two is always found
            job = self._jobs[key]
            outcome = self._outcome(job)
            if outcome is None:
                return
            for name in (SENT, PROGRESS):
                (job.folder.path / name).unlink(missing_ok=True)
            about, error = (outcome, "") if isinstance(outcome, dict) else ({}, outcome)
            self._results.put(Clip(job.visitor, job.name, job.folder, about, error), key)

    def _outcome(self, job: _Job) -> dict[str, Any] | str | None:
        """What `work` returned, or what was wrong; None if the clip was given up."""
        try:
            answer = self._received(job)
            if isinstance(answer, int) and self._waited(job, MAX_CLIPS if answer > LARGE_PIXELS else 1):
                job.answer.send(True)
                answer = self._received(job)
            job.process.join(5)
            return None if job.cancelled or isinstance(answer, int) else answer
        except (EOFError, OSError):  # a decoder crashed, or the system killed it
            return None if job.cancelled else f"{job.name} cannot be decoded; save it again as an ordinary MP4"
        finally:
            job.process.kill()
            job.process.join()
            job.answer.close()

    def _received(self, job: _Job) -> dict[str, Any] | str | int | None:
        """What the process sends next; or a message that it takes too long, or None if nobody asks any longer."""
        while not job.answer.poll(1):
            if self._clock() > job.end:
                return f"{job.name} takes more than {DEADLINE / 60:.0f} minutes; send a shorter or smaller one"
            if self._is_unseen(job):
                return None
        answer: dict[str, Any] | str | int = job.answer.recv()
        return answer

    def _waited(self, job: _Job, room: int) -> bool:
        """Waits until there is room and all earlier clips have begun; returns False if the clip is given up in the meantime."""
        since = self._clock()
        while not self._begun(job, room):
            if job.cancelled or self._is_unseen(job):
                return False
            time.sleep(WAIT)
        job.end += self._clock() - since
        return True

    def _begun(self, job: _Job, room: int) -> bool:
        with self._lock:
            jobs = list(self._jobs.values())
            if sum(each.room for each in jobs) + room <= MAX_CLIPS and next(each for each in jobs if not each.room) is job:
                job.room = room
            return bool(job.room)

    def _is_unseen(self, job: _Job) -> bool:
        return self._clock() - job.seen > UNSEEN_TIMEOUT


def _process(*request: Any) -> tuple[BaseProcess, Connection]:
    """A process that does `work`, and the connection on which its answer arrives."""
    spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
    answer, sender = spawn.Pipe()
    process = spawn.Process(target=_work, args=(sender, *request), name="posekit-clip", daemon=True)
    process.start()
    sender.close()  # the process has its own; when that is closed, reading ends
    return process, answer


def _work(server: Connection, folder: Path, name: str, model: str, threshold: float, exercise: str) -> None:
    def begin(pixels: int) -> None:
        server.send(pixels)
        server.recv()

    server.send(work(folder, name, model, threshold, exercise, begin))


def sweep() -> None:
    """Removes the folders of servers that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*"):
        atomic.sweep(folder)
        if not any(folder.glob(".*.part")):
            shutil.rmtree(folder, ignore_errors=True)
