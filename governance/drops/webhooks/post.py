"""One attempt over HTTP: to the very address that was checked, and never longer than it may take.

There is no second look at the name between the check and the connection, so an answer of the name
server that changes meanwhile leads nowhere. No redirect is followed, no proxy is asked.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpcore
import httpx

from governance.drops.webhooks.addresses import Resolve, refusal, resolve
from governance.drops.webhooks.schedule import read_retry_after
from governance.settings import Settings

_MOST_READ = 16_384  # bytes of an answer, which says nothing to us
_BUSY = (429, 502, 503, 504)
_RECEIVER_FAILED = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_MAX_ERROR = 300


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: the status of an answer, or why there was none."""

    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_good(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more (410)."""
        return self.status == 410

    @property
    def is_busy(self) -> bool:
        """Whether the endpoint is best left alone for a while: silent, or overloaded."""
        return self.status is None or self.status in _BUSY


Post = Callable[[str, Mapping[str, str], bytes, datetime], Outcome]
"""Sends a body with these headers to an address now. Raises nothing that a receiver can cause."""


class _Refused(Exception):
    """The address is none to which anything is sent."""


def poster(configured: Settings, find: Resolve = resolve) -> Post:
    """What sends: over TLS with the public roots, names found by `find`."""
    trusted = httpx.create_ssl_context(trust_env=False)
    allow_private = configured.webhooks_allow_private
    seconds = configured.webhook_timeout_seconds

    def post(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Outcome:
        url = httpx.URL(address)
        encrypted = url.scheme == "https"
        if not encrypted and not allow_private:
            return Outcome(error="nothing is sent without TLS")
        backend = _CheckedBackend(find, seconds, allow_private, encrypted)
        try:
            return _exchange(url, headers, body, now, backend, trusted)
        except _Refused as refused:
            return Outcome(error=str(refused)[:_MAX_ERROR])
        except _RECEIVER_FAILED as error:
            words = str(error) or type(error).__name__
            return Outcome(error=words[:_MAX_ERROR])
        except (OSError, UnicodeError) as error:  # of the name server, or a name that can be none
            return Outcome(error=f"the name {url.host} is not found: {error}"[:_MAX_ERROR])

    return post


def _exchange(
    url: httpx.URL,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    backend: "_CheckedBackend",
    trusted: ssl.SSLContext,
) -> Outcome:
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    sent = {"host": url.netloc.decode(), "content-type": "application/json", "connection": "close"}
    sent["user-agent"] = "governance-webhooks"
    with (
        httpcore.ConnectionPool(trusted, network_backend=backend) as pool,
        pool.stream(
            "POST", target, headers=[*sent.items(), *headers.items()], content=body
        ) as answer,
    ):
        _read_some(answer)
        named = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
        asked = read_retry_after(named.get(b"retry-after"), now)
        return Outcome(
            status=answer.status,
            error=None if 200 <= answer.status < 300 else f"HTTP status {answer.status}",
            retry_after=asked if answer.status in (429, 503) else None,
        )


def _read_some(answer: httpcore.Response) -> None:
    """Let the receiver say a little before the connection is closed; its status has counted."""
    read = 0
    with suppress(*_RECEIVER_FAILED):
        for part in answer.iter_stream():
            read += len(part)
            if read > _MOST_READ:
                return


class _CheckedBackend(httpcore.NetworkBackend):
    """Resolves a name, checks every address of it, and connects to one of just those."""

    def __init__(self, find: Resolve, seconds: float, allow_private: bool, encrypted: bool) -> None:
        self._find = find
        self._allow_private = allow_private
        self._encrypted = encrypted
        self._deadline = time.monotonic() + seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers; each has its part of the time."""
        addresses = self._find(host, port)
        if not addresses:
            raise socket.gaierror("it has no address")
        for address in addresses:
            why = refusal(address, allow_private=self._allow_private, encrypted=self._encrypted)
            if why is not None:
                raise _Refused(f"{host} leads to {address}: {why}")
        failed: Exception | None = None
        for place, address in enumerate(addresses):
            share = _left(self._deadline) / (len(addresses) - place)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, share)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")


class _TimedStream(httpcore.NetworkStream):
    """A connection on which all reading and writing together must end by a deadline.

    A timeout for each read would let a receiver that sends a byte now and then go on for ever.
    """

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for an attempt is over")
    return left
