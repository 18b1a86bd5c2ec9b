"""A small HTTP server on loopback whose faults a test chooses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Served:
    """What the server does; a test changes it between requests.

    `files` by path; `breaks` are numbers of bytes after which the next answers end, one each; `etag` goes with each answer and is
    compared with If-Range unless `blind`; without `ranges` a Range is ignored; `status` answers everything; `lengths` says whether an
    answer tells its length, `chunked` whether it comes in HTTP's chunks instead. `asked` holds the path and the Range of each request.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    etag: str = '"one"'
    date: str = ""
    ranges: bool = True
    blind: bool = False
    lengths: bool = True
    chunked: bool = False
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Served]:
    """The server, running until the block ends."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            served.asked.append((self.path, wanted))
            data = served.files.get(self.path)
            if served.status != 200 or data is None:
                self.send_error(served.status if served.status != 200 else 404)
                return
            start = self._start(wanted)
            if start > len(data) or (wanted and start == len(data) and served.ranges):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if served.etag:
                self.send_header("ETag", served.etag)
            if served.date:
                self.send_header("Last-Modified", served.date)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            if served.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif served.lengths:
                self.send_header("Content-Length", str(len(data) - start))
            self.send_header("Connection", "close")
            self.end_headers()
            end = start + served.breaks.pop(0) if served.breaks else len(data)
            with suppress(ConnectionError):
                self.wfile.write(self._framed(data[start:end], whole=end >= len(data)) if served.chunked else data[start:end])

        def _framed(self, data: bytes, *, whole: bool) -> bytes:
            return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data) if whole else b"%x\r\n%s" % (len(data) + 1, data)

        def _start(self, wanted: str) -> int:
            match = re.fullmatch(r"bytes=(\d+)-", wanted)
            condition = self.headers.get("If-Range", "")
            same = served.blind or not condition or condition in (served.etag, served.date)
            return int(match[1]) if match and served.ranges and same else 0

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
