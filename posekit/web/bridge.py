"""Connects the server, which speaks ASGI, to Flask, which speaks WSGI: a request takes a thread only once its body is complete."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from weakref import WeakValueDictionary

from werkzeug.test import run_wsgi_app

from posekit.web.clips import MAX_CLIP_BYTES, MAX_CLIPS, RETRY_AFTER
from posekit.web.connections import connection_limit
from posekit.web.feed import MAX_VIEWERS
from posekit.web.limits import BusyError, Limit, visitor_name
from posekit.web.proxy import forwarded_address
from posekit.web.sessions import MAX_VISITOR_FRAMES
from posekit.web.uploads import MAX_FORM, MAX_UPLOAD_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: The most bytes of bodies and answers in transit, in total and for one visitor.
MAX_BYTES = 128 * 2**20
MAX_VISITOR_BYTES = 48 * 2**20

#: The largest body that is kept. A larger one is discarded, up to the second limit, or the sender would not read the answer.
MAX_BODY = MAX_UPLOAD_BYTES + MAX_FORM
MAX_DISCARDED = 64 * 2**20

#: How many requests of one visitor are processed at the same time; the rest wait, without making anybody else wait. Frames mostly
#: wait for a model. Photos and pages need the interpreter's lock, so more of them would only keep it from others.
MAX_VISITOR_WORK = {"frame": MAX_VISITOR_FRAMES, "photo": 4, "page": 2}

#: After a page, its place stays taken for as long as the page took, up to this many seconds, so that one visitor has the
#: interpreter's lock for at most half of the time.
MAX_REST = 0.05

#: How many seconds the place of a refused request stays taken, since a visitor who asks again at once would keep the server busy.
REFUSAL_REST = 0.5

#: Where live frames are sent to.
FRAME_PATH = "/live/frame"

#: Where clips are sent to; their bodies are kept in temporary files.
CLIPS_PATH = "/clips"
MAX_CLIP_BODY = MAX_CLIP_BYTES + MAX_FORM

#: How many seconds a body may take, since the line may be slow; and how many may pass without a byte of it.
BODY_TIMEOUT = 180.0
SILENCE_TIMEOUT = 15.0

#: How many seconds a body waits unread for room, and how many pass between two checks. A visitor who is refused at once tries again
#: at once, and then what was read of the body was read for nothing.
ROOM_TIMEOUT = 10.0
ROOM_INTERVAL = 0.25

#: How many seconds a viewer may take to receive a frame from the camera.
FRAME_TIMEOUT = 10.0

#: How many bytes of an answer are sent at a time; each part has the connection's deadline.
PART = 2**18

_FULL = "too much is being sent at once. Please try again in a moment."


class Bridge:
    """An ASGI application around a WSGI application.

    Args:
        app: the WSGI application.
        threads: how many requests it processes at the same time, besides streams.
        proxy: the address of a reverse proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.
    """

    def __init__(self, app: Any, threads: int, proxy: str | None) -> None:
        self._app, self._proxy = app, proxy
        self._threads = ThreadPoolExecutor(threads, "posekit-request")
        self._streams = ThreadPoolExecutor(MAX_VIEWERS, "posekit-stream")
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()
        self._requests = connection_limit()  # behind a proxy, requests tell the visitor, but connections do not
        self._bytes = Limit(MAX_BYTES, MAX_VISITOR_BYTES, _FULL)
        self._clip_bytes = Limit(2 * MAX_CLIPS * MAX_CLIP_BODY, MAX_CLIP_BODY, _FULL, retry_after=RETRY_AFTER)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers a request, unless its visitor has too many already."""
        if {name for name, _ in scope["headers"]} >= {b"content-length", b"transfer-encoding"}:
            await _say(send, 400, "This request has two lengths.")  # a proxy may take its end for another request (RFC 9112, 6.3)
            return
        environ = _environ(scope, self._proxy)
        visitor = visitor_name(environ["REMOTE_ADDR"])
        try:
            with self._requests.place(visitor):
                await self._handle(scope, environ, receive, send, visitor)
        except ConnectionError:
            pass
        except BusyError as error:
            await _say(send, 503, str(error), error.retry_after)
        except (TimeoutError, asyncio.TimeoutError):
            await _say(send, 408, "That took too long to arrive.")
        except Exception:
            logging.getLogger("posekit").exception("cannot answer %s %s", scope["method"], scope["path"])
            await _say(send, 500, "Something went wrong here.")

    async def _handle(self, scope: Message, environ: dict[str, Any], receive: Receive, send: Send, visitor: str) -> None:
        is_clip = (scope["method"], scope["path"]) == ("POST", CLIPS_PATH)
        limit, most = (self._clip_bytes, MAX_CLIP_BODY) if is_clip else (self._bytes, MAX_BODY)
        room = _room(scope, most)
        await _wait_for_room(limit, visitor, room)
        try:
            with TemporaryFile() if is_clip else BytesIO() as kept:
                length = await _read(receive, kept, most)
                if length:
                    environ["CONTENT_LENGTH"] = str(max(length, int(environ.get("CONTENT_LENGTH", 0))))
                kept.seek(0)
                environ["wsgi.input"] = kept
                await self._answer(environ, receive, send, visitor)
        finally:
            limit.release(visitor, room)

    def close(self) -> None:
        """Stops accepting work."""
        for executor in (self._threads, self._streams):
            executor.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, environ: dict[str, Any], receive: Receive, send: Send, visitor: str) -> None:
        loop = asyncio.get_running_loop()
        kind = "page" if environ["REQUEST_METHOD"] != "POST" else "frame" if environ["PATH_INFO"] == FRAME_PATH else "photo"
        turns = self._turns.setdefault((visitor, kind), asyncio.Semaphore(MAX_VISITOR_WORK[kind]))
        await turns.acquire()
        began, rest = loop.time(), 0.0
        try:
            parts, status, headers, body = await loop.run_in_executor(self._threads, _run, self._app, environ)
            rest = min(loop.time() - began, MAX_REST) if kind == "page" else REFUSAL_REST * (status[0] in "45")
        finally:
            loop.call_later(rest, turns.release)
        head = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        start = {"type": "http.response.start", "status": int(status.split()[0]), "headers": head}
        if body is None:
            await self._stream(parts, start, receive, send)
            return
        with self._bytes.place(visitor, len(body)):
            await send(start)
            for at in range(0, len(body), PART):
                await send({"type": "http.response.body", "body": body[at : at + PART], "more_body": True})
            await send({"type": "http.response.body"})

    async def _stream(self, parts: Any, start: Message, receive: Receive, send: Send) -> None:
        """Sends a stream. A viewer takes a thread only while waiting for the next frame, and is sent away if it does not read."""
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(receive())  # after the body, the next message says that the viewer has left
        try:
            await send(start)
            while part := await loop.run_in_executor(self._streams, next, parts, b""):
                if gone.done():
                    return
                await asyncio.wait_for(send({"type": "http.response.body", "body": part, "more_body": True}), FRAME_TIMEOUT)
            await send({"type": "http.response.body"})
        except (TimeoutError, asyncio.TimeoutError):
            return
        finally:
            gone.cancel()
            with suppress(ValueError):  # its thread is still using it
                parts.close()


def _room(scope: Message, most: int) -> int:
    """How many bytes a body may take: as many as its head announces, or else the most that are kept."""
    fields = dict(scope["headers"])
    return most if b"transfer-encoding" in fields else min(int(fields.get(b"content-length", 0)), most)


async def _wait_for_room(limit: Limit, visitor: str, count: int) -> None:
    """Reserves room for a body before any of it is read; raises `BusyError` if there is none for a while."""
    loop = asyncio.get_running_loop()
    end = loop.time() + ROOM_TIMEOUT
    while True:
        try:
            return limit.acquire(visitor, count)
        except BusyError:
            if loop.time() >= end:
                raise
        await asyncio.sleep(ROOM_INTERVAL)


async def _read(receive: Receive, kept: IO[bytes], most: int) -> int:
    """Reads the body into `kept`, unless it is larger than `most`, and returns its length in bytes."""
    loop, length = asyncio.get_running_loop(), 0
    end = loop.time() + BODY_TIMEOUT
    while True:
        message = await asyncio.wait_for(receive(), min(SILENCE_TIMEOUT, end - loop.time()))
        if message["type"] == "http.disconnect":
            raise ConnectionError
        part = message.get("body", b"")
        length += len(part)
        if length <= most:
            kept.write(part)
        if not message.get("more_body") or length > max(most, MAX_DISCARDED):
            return length


def _run(app: Any, environ: dict[str, Any]) -> tuple[Any, str, Any, bytes | None]:
    """The answer's parts, status and headers, and all of its bytes unless it is a stream (without a length) or part of a file."""
    parts: Any
    parts, status, headers = run_wsgi_app(app, environ)
    has_body = int(status.split()[0]) not in (204, 304) and environ["REQUEST_METHOD"] != "HEAD"
    if has_body and ("Content-Length" not in headers or "Accept-Ranges" in headers):
        return parts, status, headers, None
    try:
        return parts, status, headers, b"".join(parts)
    finally:
        parts.close()


async def _say(send: Send, status: int, text: str, retry_after: int = 1) -> None:
    """Sends a short answer and closes the connection; sends nothing if another answer has begun."""
    kind, after = (b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", str(retry_after).encode())
    with suppress(RuntimeError):
        await send({"type": "http.response.start", "status": status, "headers": [kind, (b"connection", b"close"), after]})
        await send({"type": "http.response.body", "body": text.encode()})


def _environ(scope: Message, proxy: str | None) -> dict[str, Any]:
    """The WSGI environment (PEP 3333), without its input."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        if b"_" not in raw and raw != b"transfer-encoding":  # one with an underscore could pass for another header
            _add(environ, raw.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    if proxy and client[0] == proxy:
        environ["REMOTE_ADDR"] = forwarded_address(environ.get("HTTP_X_FORWARDED_FOR", "")) or proxy
        if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
            environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
    return environ


def _add(environ: dict[str, Any], name: str, value: str) -> None:
    key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
    between = "; " if name == "COOKIE" else ","
    environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
