import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from irloom.core.errors import BadValue, ConfigError, EndpointError
from irloom.models import json_client
from irloom.models.json_client import JsonClient
from tests.answering import Answering, Reply, Request, answering

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(lambda request, number: Reply({"n": number})) as running:
        yield running


def client(server: Answering, **settings: Any) -> JsonClient:
    return JsonClient(server.url, **({"first_wait": 0.0, "timeout": 60.0, "retries": 2} | settings))


def test_what_is_sent_and_read(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", f" {KEY}\n")  # blanks around a key are no part of it
    assert client(server, api_key_env="A_KEY").post("/v1/x", {"text": "é\ud800", "n": 1}) == {"n": 1}
    (request,) = server.requests
    assert (request.path, request.body) == ("/v1/x", {"text": "é?", "n": 1})  # half a pair of surrogates is no text
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    client(server).post("/x", {})
    assert "authorization" not in server.requests[1].headers


@pytest.mark.parametrize("status", sorted(json_client.RETRIED))
def test_a_busy_server_is_asked_again(server: Answering, status: int) -> None:
    server.reply = lambda request, number: Reply({}, status) if number < 3 else Reply([1])
    assert client(server).post("/x", {}) == [1]
    assert len(server.requests) == 3


def test_tries_end_with_the_last_reason(server: Answering) -> None:
    server.reply = lambda request, number: Reply({"error": "broken\n\x1b[31m"}, 500)
    with pytest.raises(EndpointError, match=r"/x does not answer after 3 tries: status 500: .*broken") as caught:
        client(server).post("/x", {})
    assert caught.value.status == 500
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 418, 422, 424])
def test_a_refusal_is_not_tried_again(server: Answering, status: int) -> None:
    server.reply = lambda request, number: Reply({"error": "no"}, status)
    with pytest.raises(EndpointError, match=f"refuses: status {status}.*no") as caught:
        client(server).post("/x", {})
    assert caught.value.status == status
    assert len(server.requests) == 1


class Hurry(threading.Event):
    """Writes down how long it was to wait, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return False


class SetMeanwhile(Hurry):
    """Is set while it is waited for."""

    def wait(self, timeout: float | None = None) -> bool:
        super().wait(timeout)
        self.set()
        return True


def test_waits_double_and_follow_retry_after(server: Answering) -> None:
    stop = Hurry()
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30))
    told = {1: {}, 2: {"Retry-After": "7"}, 3: {"Retry-After": "0.25"}, 4: {"Retry-After": soon}, 5: {"Retry-After": "soon"}}
    told |= {6: {"Retry-After": "86400"}, 7: {"Retry-After": "-1"}}
    server.reply = lambda request, number: Reply({}, 429, told[number]) if number in told else Reply(1)
    assert client(server, retries=7, first_wait=0.5).post("/x", {}, stop=stop) == 1
    waits = stop.waits
    assert waits[:3] == [0.5, 7.0, 0.25]
    assert 20 < waits[3] <= 30
    assert waits[4:] == [8.0, 60.0, 32.0]  # 0.5 doubled at each try; what asks for a day is asked again in a minute


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(EndpointError, match=r"does not answer after 2 tries: .*refused"):
        JsonClient(url, retries=1, first_wait=0.0).post("/x", {})


@pytest.mark.parametrize(
    ("reply", "timeout", "problem"),
    [
        (Reply(1, late=True), 0.2, "timed out"),
        (Reply([1] * 5000, drip=0.05), 0.2, "timed out"),  # bytes come, each in time, and the answer does not
        (Reply([1] * 100, cut=20), 60.0, "cut off|bytes read"),
        (Reply(silent=True), 60.0, "closed connection|reset"),
    ],
)
def test_answers_that_do_not_come_whole_are_asked_for_again(server: Answering, reply: Reply, timeout: float, problem: str) -> None:
    ours = client(server, timeout=timeout)

    def at_first(request: Request, number: int) -> Reply:
        ours.timeout = 60.0  # for the next try: the answer that is whole has all the time
        return reply if number == 1 else Reply("whole")

    server.reply = at_first
    assert ours.post("/x", {}) == "whole"
    server.reply = lambda request, number: reply
    with pytest.raises(EndpointError, match=problem) as caught:
        client(server, timeout=timeout, retries=0).post("/x", {})
    assert caught.value.status is None


def test_headers_that_come_byte_by_byte_are_not_waited_for() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not over.wait(0.03):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(EndpointError, match="timed out"):  # though the header has no end
            JsonClient(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=0.2, retries=0).post("/x", {})
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "body", [b"<html><body>502</body></html>", b"", b'{"a": ', b"\xff\xfe", b"[" * 200_000, b"1" * 5000], ids=lambda body: repr(body[:8])
)
def test_answers_that_are_not_json(server: Answering, body: bytes) -> None:
    server.reply = lambda request, number: Reply(body)
    with pytest.raises(EndpointError, match="answers what is not JSON"):
        client(server).post("/x", {})
    assert len(server.requests) == 1


@pytest.mark.parametrize("length", [True, False])
def test_a_huge_answer_is_not_read(server: Answering, length: bool) -> None:
    server.reply = lambda request, number: Reply(b" " * 5_000_000, length=length)
    with pytest.raises(EndpointError, match="answers more than 2,000,000 bytes"):
        client(server, longest_answer=2_000_000).post("/x", {})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(server: Answering, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", KEY)
    with answering(lambda request, number: Reply("taken")) as other:
        server.reply = lambda request, number: Reply({}, status, {"Location": f"{other.url}/steal?token=hidden"})
        with pytest.raises(EndpointError, match=rf"redirects to {other.url}/steal \(status {status}\)") as caught:
            client(server, api_key_env="A_KEY").post("/x", {})
        assert other.requests == []
    assert "hidden" not in str(caught.value)


def test_the_key_is_in_no_error(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", KEY)
    server.reply = lambda request, number: Reply({"error": f"bad key {KEY}"}, 401)
    asked = client(server, api_key_env="A_KEY")
    with pytest.raises(EndpointError, match=r"bad key \*\*\*") as caught:
        asked.post("/x", {})
    assert KEY not in repr(caught.value) + repr(caught.value.__cause__) + repr(vars(asked))
    monkeypatch.setenv("A_KEY", f"{KEY}\r\nX-Injected: 1")
    with pytest.raises(ConfigError, match="A_KEY holds what no key may hold") as bad:
        asked.post("/x", {})
    assert KEY not in str(bad.value)
    with pytest.raises(BadValue) as address:
        JsonClient(f"https://me:{KEY}@host/v1")
    assert KEY not in str(address.value) + repr(address.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host",
        "ftp://host",
        "file:///etc/passwd",
        "http://",
        "http://host/v1?key=1",
        "http://h#a",
        "http://a b",
        "http://h:99999",
        "http://[::1",
    ],
)
def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(BadValue, match="base_url"):
        JsonClient(url)


def test_arguments() -> None:
    for wrong in ({"retries": -1}, {"timeout": 0.0}, {"timeout": float("nan")}, {"first_wait": -1.0}):
        with pytest.raises(BadValue, match=next(iter(wrong))):
            JsonClient("http://host", **wrong)


def test_nothing_is_tried_once_it_is_to_stop(server: Answering) -> None:
    stop = SetMeanwhile()
    server.reply = lambda request, number: Reply({}, 503)
    with pytest.raises(EndpointError, match="the work was ended"):
        client(server, first_wait=30.0).post("/x", {}, stop=stop)
    assert stop.waits == [30.0]
    assert len(server.requests) == 1


def test_eight_threads_on_one_client(server: Answering) -> None:
    server.reply = lambda request, number: Reply(request.body["n"])
    asked, found = client(server), {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: asked.post("/x", {"n": n})})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: n for n in range(8)}


def test_secure_connections_check_certificates() -> None:
    assert json_client._trust().check_hostname
    assert issubclass(json_client._Secure, http.client.HTTPSConnection)


def raw(answer: bytes) -> str:
    """The address of a server that says these bytes once, whatever it is asked."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not answer after 1 tries"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n1", "does not answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n1", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[1]", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n[1]", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[1]", "not JSON"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "not JSON"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[bad\r\nContent-Length: 0\r\n\r\n", "redirects to nowhere"),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "redirects to nowhere"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://me:secret@host:81/v2\r\nContent-Length: 0\r\n\r\n", r"redirects to https://host:81/v2 "),
        (b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", r"does not answer after 1 tries: status 429; ask for less at once \(workers\)"),
        (b"HTTP/1.1 307 Found\r\nLocation: /else?key=1\r\nContent-Length: 0\r\n\r\n", r"redirects to /else \(status 307\)"),
        (b"HTTP/1.1 308 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "redirects to /etc/passwd"),
        (b"HTTP/1.1 999 What\r\nContent-Length: 3\r\n\r\nabc", "refuses: status 999: abc"),
        (b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", "refuses: status 401"),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(value[9:50]),
)
def test_servers_that_speak_no_http_or_bad_http(answer: bytes, problem: str) -> None:
    with pytest.raises(EndpointError, match=problem):
        JsonClient(raw(answer), retries=0).post("/x", {})


def test_json_with_a_mark_before_it_is_read() -> None:
    answer = b"\xef\xbb\xbf[1]"
    assert JsonClient(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + answer), retries=0).post("/x", {}) == [1]
