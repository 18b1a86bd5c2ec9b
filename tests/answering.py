"""A small server on loopback that answers JSON requests as a test says, in every wrong way too."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer.

    `body` is sent as JSON, or as it is where it is bytes. It begins when the server ends where it is `late`; `cut` bytes of it are sent,
    then the connection ends; `drip` seconds lie between its bytes; `silent` closes the connection without a word. Without `length` its
    end is its length.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    cut: int | None = None
    drip: float = 0.0
    silent: bool = False
    length: bool = True


@dataclass(frozen=True)
class Request:
    """What came: the path, the body, the headers in lower case."""

    path: str
    body: dict[str, Any]
    headers: Mapping[str, str]


@dataclass
class Answering:
    """The server: `reply` gets each request and its number from 1; `most` is how many were answered at once."""

    reply: Callable[[Request, int], Reply]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    open: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def take(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            number = len(self.requests)
            self.open += 1
            self.most = max(self.most, self.open)
        reply = self.reply(request, number)
        if reply.late:
            self.over.wait()
        return reply

    def left(self) -> None:
        with self.lock:
            self.open -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64  # who connects while others do is not turned away


@contextmanager
def answering(reply: Callable[[Request, int], Reply]) -> Iterator[Answering]:
    """The server, running until the block ends."""
    served = Answering(reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = Request(self.path, body, {name.lower(): value for name, value in self.headers.items()})
            answer = served.take(request)
            served.left()
            with suppress(ConnectionError):
                self._send(answer)

        def _send(self, answer: Reply) -> None:
            if answer.silent:
                return
            payload = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, text in answer.headers.items():
                self.send_header(name, text)
            if answer.length:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            payload = payload[: answer.cut]
            if not answer.drip:
                self.wfile.write(payload)
            for byte in payload if answer.drip else b"":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                served.over.wait(answer.drip)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        served.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
