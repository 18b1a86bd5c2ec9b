import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError, ShapeMismatch
from irloom.core.types import Document, Query
from irloom.models.encoders.openai import OpenAIEncoder

Answer = Callable[[dict[str, Any], int], tuple[int, Any, dict[str, str]]]


class Server:
    """An embeddings endpoint on loopback. `answer` gets the request's body and number, and gives status, body, headers."""

    def __init__(self) -> None:
        self.answer: Answer = lambda body, number: (200, vectors(body), {})
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append(body | {"path": self.path})
                outer.keys.append(self.headers.get("Authorization"))
                status, value, headers = outer.answer(body, len(outer.requests))
                payload = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *parts: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()


def vectors(body: dict[str, Any]) -> dict[str, Any]:
    """Length and first letter of each text as its vector, in reversed order: the index decides."""
    rows: list[Any] = [[float(len(text)), float(ord(text[0]))] for text in body["input"]]
    if body["encoding_format"] == "base64":
        rows = [base64.b64encode(np.array(row, dtype="<f4").tobytes()).decode() for row in rows]
    return {"data": [{"index": place, "embedding": row} for place, row in enumerate(rows)][::-1]}


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()
    running.thread.join()


def encoder(server: Server, **settings: Any) -> OpenAIEncoder:
    return OpenAIEncoder(server.url, "small", **({"normalize": False, "first_wait": 0.0} | settings))


@pytest.mark.parametrize("encoding_format", ["float", "base64"])
def test_batches_and_order(server: Server, encoding_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "secret")
    ours = encoder(server, batch_size=2, encoding_format=encoding_format, query_prompt="q", api_key_env="A_KEY")
    found = ours.encode_documents([Document("1", "aaa"), Document("2", "b", "t"), Document("3", "")])
    assert found.tolist() == [[3, 97], [3, 116], [1, 32]]  # "aaa"; "t b"; a blank stands for the empty text
    assert found.dtype == np.float32
    assert [len(request["input"]) for request in server.requests] == [2, 1]
    assert ours.encode_queries([Query("1", "x")]).tolist() == [[2, 113]]
    assert server.requests[-1] == {"model": "small", "input": ["qx"], "encoding_format": encoding_format, "path": "/v1/embeddings"}
    assert set(server.keys) == {"Bearer secret"}
    assert ours.encode_queries([]).shape == (0, 0)


def test_vectors_get_length_one(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = encoder(server, normalize=True).encode_queries([Query("1", "abc")])
    assert np.linalg.norm(found) == pytest.approx(1)
    assert server.keys == [None]


def test_a_busy_server_is_asked_again(server: Server) -> None:
    server.answer = lambda body, number: (429 if number == 1 else 503, {}, {"Retry-After": "0"}) if number < 3 else (200, vectors(body), {})
    assert encoder(server, retries=2).encode_queries([Query("1", "x")]).shape == (1, 2)
    assert len(server.requests) == 3


def test_tries_end(server: Server) -> None:
    server.answer = lambda body, number: (500, {"error": "broken"}, {})
    with pytest.raises(ModelError, match=r"does not answer after 2 tries: status 500.*broken"):
        encoder(server, retries=1).encode_queries([Query("1", "x")])


def test_a_refusal_is_not_tried_again(server: Server) -> None:
    server.answer = lambda body, number: (401, {"error": "no key"}, {})
    with pytest.raises(ModelError, match=r"refuses: status 401.*no key"):
        encoder(server).encode_queries([Query("1", "x")])
    assert len(server.requests) == 1


def test_nobody_answers(server: Server) -> None:
    url = server.url.replace(str(server.http.server_address[1]), "9")
    with pytest.raises(ModelError, match="does not answer after 1 tries"):
        OpenAIEncoder(url, "small", retries=0).encode_queries([Query("1", "x")])


def test_the_width_is_asked_for_and_checked(server: Server) -> None:
    with pytest.raises(ShapeMismatch, match=r"expected \(n, 3\)"):
        encoder(server, dim=3).encode_queries([Query("1", "x")])
    assert server.requests[0]["dimensions"] == 3


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"<html>", "not JSON"),
        ([], "not a JSON object"),
        ({}, "not an embeddings list"),
        ({"data": [{"index": 0, "embedding": "%%%"}]}, "not an embeddings list"),
        ({"data": []}, "1 texts were sent, and vectors came back for 0"),
        ({"data": [{"index": 1, "embedding": [1.0]}]}, "1 texts were sent"),
        ({"data": [{"index": 0, "embedding": []}]}, "one width"),
        (b'{"data": [{"index": 0, "embedding": [NaN]}]}', "NaN or infinity"),
    ],
)
def test_answers_that_break_the_protocol(server: Server, answer: Any, problem: str) -> None:
    server.answer = lambda body, number: (200, answer, {})
    with pytest.raises(ModelError, match=problem):
        encoder(server, retries=0).encode_queries([Query("1", "x")])


def test_arguments() -> None:
    for wrong in (
        {"base_url": "file:///etc/passwd"},
        {"encoding_format": "int8"},
        {"batch_size": 0},
        {"retries": -1},
        {"dim": 0},
        {"timeout": 0.0},
    ):
        with pytest.raises(BadValue, match=next(iter(wrong))):
            OpenAIEncoder(**({"base_url": "http://localhost", "model": "m"} | wrong))


def test_space_and_fingerprint() -> None:
    first, second = OpenAIEncoder("http://one/v1", "m"), OpenAIEncoder("http://two/v1/", "m")
    assert first.space == second.space
    assert first.fingerprint != second.fingerprint
    assert first.space != OpenAIEncoder("http://one/v1", "m", query_prompt="q").space
    assert first.compatible_with == ()
