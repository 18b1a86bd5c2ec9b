"""JsonClient: JSON over HTTP to one server, with nothing but the standard library."""

import http.client
import io
import json
import os
import re
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message as Headers
from email.utils import parsedate_to_datetime
from functools import cache
from threading import Event
from typing import Any

from irloom.core.errors import BadValue, ConfigError, EndpointError
from irloom.core.once import Once

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may do better."""
LONGEST_WAIT = 60.0
"""Seconds of one wait at most, whatever the server asks for."""
_EXCERPT = 300
"""Characters of a server's own words that an error repeats."""
_PIECE = 1 << 20


class JsonClient:
    """Asks one server and reads JSON.

    A request that fails with a status of `RETRIED`, or that gets no answer, is tried again after a wait that doubles, or that the
    answer's Retry-After names. No redirect is followed, so that a key goes nowhere but to the server named here. The key is read from
    the environment for each request; it is in no error and no fingerprint.

    Args:
        base_url: what stands before each path, such as "http://localhost:8000/v1".
        api_key_env: environment variable that holds the key, sent as a bearer token; without one no key is sent.
        timeout: seconds for a connection, and for the whole answer from when the request is sent.
        retries: how often a failed request is tried again.
        first_wait: seconds before the first new try.
        longest_answer: bytes of an answer at most.

    Raises:
        BadValue: an argument is out of its range, or the address holds a password, a query or a blank.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key_env: str = "",
        timeout: float = 60.0,
        retries: int = 5,
        first_wait: float = 0.5,
        longest_answer: int = 1 << 28,
    ) -> None:
        _check_address(base_url)
        if retries < 0:
            raise BadValue("retries", retries, "0 or more")
        if not timeout > 0 or not first_wait >= 0:
            raise BadValue("timeout, first_wait", (timeout, first_wait), "more than 0, 0 or more")
        self.base_url, self.api_key_env = base_url.rstrip("/"), api_key_env
        self.timeout, self.retries, self.first_wait, self.longest_answer = timeout, retries, first_wait, longest_answer
        self._opener: Once[urllib.request.OpenerDirector] = Once()

    def post(self, path: str, body: Mapping[str, Any], *, stop: Event | None = None) -> Any:
        """What the server answers to a JSON body, read as JSON.

        Args:
            path: what follows the base address, such as "/rerank".
            body: what is sent.
            stop: once set, nothing is tried again.

        Raises:
            EndpointError: the server refuses, redirects, does not answer after all tries, or its answer is too long or no JSON.
            ConfigError: the key holds what no header may hold.
        """
        url = self.base_url + path
        data = json.dumps(body, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")  # half a pair of surrogates becomes "?"
        wait, tries = self.first_wait, 0
        while True:
            if stop is not None and stop.is_set():
                raise EndpointError(url, "is not asked: the work was ended")
            tries += 1
            try:
                return self._read(url, self._once(url, data))
            except urllib.error.HTTPError as error:
                status: int | None = error.code
                reason, told = self._words(error)
                if error.code not in RETRIED:
                    raise EndpointError(url, _refusal(error.code, reason, error.headers), status=status) from None
                pause = wait if told is None else told
            except (OSError, http.client.HTTPException) as error:
                reason, status, pause = self._hidden(_reason(error)), None, wait
                if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
                    raise EndpointError(url, f"cannot be trusted: {reason}") from None
            if tries > self.retries:
                raise EndpointError(url, f"does not answer after {tries} tries: {reason}{_advice(status)}", status=status)
            _wait(min(pause, LONGEST_WAIT), stop)
            wait *= 2

    def _once(self, url: str, data: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "irloom"}
        if key := self._key():
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(url, data=data, headers=headers, method="POST")  # noqa: S310 (checked: http or https)
        with self._opener.get(_make_opener).open(request, timeout=self.timeout) as response:
            pieces, size = [], 0
            while piece := response.read(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > self.longest_answer:
                    raise EndpointError(url, f"answers more than {self.longest_answer:,} bytes", status=response.status)
            if response.length:  # a body that was cut is shorter than its own length says
                raise http.client.IncompleteRead(b"", response.length)
        return b"".join(pieces)

    def _read(self, url: str, payload: bytes) -> Any:
        try:
            return json.loads(payload)
        except (ValueError, RecursionError) as error:
            begins = self._excerpt(payload)
            raise EndpointError(url, f"answers what is not JSON ({type(error).__name__}); it begins with {begins!r}", status=200) from None

    def _key(self) -> str:
        key = os.environ.get(self.api_key_env, "").strip() if self.api_key_env else ""
        if not re.fullmatch(r"[\x21-\x7e]*", key):
            raise ConfigError(f"the environment variable {self.api_key_env} holds what no key may hold: blanks, or other than ASCII")
        return key

    def _words(self, error: urllib.error.HTTPError) -> tuple[str, float | None]:
        """What an answer that failed says, and how long it asks to wait."""
        with error:
            try:
                text = self._excerpt(error.read(_PIECE))
            except (OSError, http.client.HTTPException):
                text = ""
        return f"status {error.code}" + (f": {text}" if text else ""), _retry_after(error.headers)

    def _excerpt(self, payload: bytes) -> str:
        """The beginning of a server's words on one line, without the key, should it repeat it."""
        text = "".join(letter if letter.isprintable() else " " for letter in payload[: 4 * _EXCERPT].decode("utf-8", "replace"))
        return self._hidden(" ".join(text.split()))[:_EXCERPT]

    def _hidden(self, text: str) -> str:
        key = self._key()
        return text.replace(key, "***") if key else text


class _Until(io.RawIOBase):
    """The bytes of a socket until a deadline: a server that sends one byte now and then is not waited for forever."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket, self._raw = connection, connection.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (connection.gettimeout() or LONGEST_WAIT)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        timed: Any = io.BufferedReader(_Until(sock))
        self.fp.close()
        self.fp = timed


class _Plain(http.client.HTTPConnection):
    response_class = _TimedResponse


class _Secure(http.client.HTTPSConnection):
    response_class = _TimedResponse


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates count: read from disk once, at the first secure request."""
    return ssl.create_default_context()


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def __init__(self) -> None:
        urllib.request.HTTPHandler.__init__(self)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Plain, req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, req, context=_trust())


def _make_opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS, by a proxy where the environment names one; nothing that follows redirects or opens files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Handler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _check_address(base_url: str) -> None:
    expected = (
        "an address that starts with http:// or https:// and holds no password, no query and no blank; the key is read from the environment"
    )
    try:
        parts = urllib.parse.urlsplit(base_url)
        ok = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise BadValue("base_url", "an address that cannot be read", expected) from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise BadValue("base_url", f"{parts.scheme}://*** of {parts.hostname}", expected)
    if not ok or not re.fullmatch(r"[\x21-\x7e]+", base_url):
        raise BadValue("base_url", base_url, expected)


def _refusal(status: int, reason: str, headers: Headers) -> str:
    if 300 <= status < 400:
        return f"redirects to {_place(headers.get('Location') or '')} (status {status}), which is not followed; name it instead"
    return f"refuses: {reason}"


def _place(location: str) -> str:
    """Where a redirect leads, without what may be secret."""
    try:
        target = urllib.parse.urlsplit(location)
        server = target.netloc.rpartition("@")[2]
        place = f"{target.scheme}://{server}{target.path}" if server else target.path
    except ValueError:
        place = ""
    return "".join(letter for letter in place if letter.isprintable())[:_EXCERPT] or "nowhere"


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", None)
    if isinstance(inner, TimeoutError) or isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was cut off"
    return str(inner or error) or type(error).__name__


def _advice(status: int | None) -> str:
    """What may help where a server asks for fewer requests."""
    return "; ask for less at once (workers), or wait longer (retries, first_wait)" if status in (429, 529) else ""


def _retry_after(headers: Headers) -> float | None:
    """Seconds that an answer asks to wait: a number, or a date."""
    told = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", told):
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()) if told else None
    except (ValueError, TypeError):
        return None


def _wait(seconds: float, stop: Event | None) -> None:
    if stop is None:
        time.sleep(seconds)
    else:
        stop.wait(seconds)
