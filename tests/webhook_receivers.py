"""Receivers of webhooks on this host, and what sends to them at a time that a test chooses."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select
from standardwebhooks import Webhook

from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from governance.drops.webhooks.outbox import emit
from governance.drops.webhooks.post import poster
from governance.drops.webhooks.signing import storage_key
from governance.drops.webhooks.worker import Dispatch, drain
from governance.settings import Settings

SECRET = b"0123456789abcdef0123456789abcdef"
KEY = storage_key(SECRET)
NOW = datetime.now(UTC)
TRYING_OUT = Settings(
    webhooks_allow_private=True, webhook_timeout_seconds=5, webhook_interval_seconds=0.02
)

_POST = poster(TRYING_OUT)


@dataclass(frozen=True)
class Received:
    """A request as it came in; header names in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified_by(self, secret: str) -> Any:
        """The body, verified with an independent library. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """An HTTP server that answers as it is told to and keeps what it is sent."""

    url: str = ""
    status: int | Callable[[Received], int] = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: Event = field(default_factory=Event)
    received: list[Received] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _lock: Lock = field(default_factory=Lock)

    def take(self, one: Received) -> int:
        with self._lock:
            self.received.append(one)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.answers.wait()
        with self._lock:
            self._at_once -= 1
        return self.status if isinstance(self.status, int) else self.status(one)

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]


@contextmanager
def receiving(**told: Any) -> Iterator[Receiver]:
    """A receiver on a free port of the host until the end of the block."""
    receiver = Receiver(**told)
    receiver.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            named = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(Received(self.path, named, body)))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.answers.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Clock:
    """A time that only a test moves, from when it began: a signature holds for five minutes."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


def dispatch_at(engine: Engine, clock: Callable[[], datetime]) -> Dispatch:
    return Dispatch(engine, KEY, _POST, clock)


def deliver(dispatch: Dispatch) -> int:
    """Send all that is due, one after another; attempts made."""
    return drain(dispatch, Event())


def subscribe(engine: Engine, url: str, **other: Any) -> tuple[str, str]:
    """An endpoint that sees everything, unless told otherwise: its id and its secret."""
    asked = {"kinds": None, "created_by": "cli:test", "audience": None, "description": ""} | other
    with transaction(engine, write=True) as session:
        endpoint, secret = registry.add(session, KEY, url, now=NOW, **asked)
        return endpoint.id, secret


def happen(engine: Engine, count: int = 1, kind: str = "drop.live", **other: Any) -> None:
    """Write so many events, each in a transaction of its own."""
    for number in range(count):
        with transaction(engine, write=True) as session:
            emit(session, kind, f"drp_{number}", {"drop": f"drp_{number}"}, NOW, **other)


def states(engine: Engine, endpoint_id: str) -> list[DeliveryState]:
    return [one.state for one in delivery_rows(engine, endpoint_id)]


def delivery_rows(engine: Engine, endpoint_id: str) -> list[WebhookDelivery]:
    """Its deliveries in the order of the events."""
    mine = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    with transaction(engine) as session:
        return list(session.exec(mine.order_by(col(WebhookDelivery.event_number))))


def endpoint_row(engine: Engine, endpoint_id: str) -> WebhookEndpoint:
    with transaction(engine) as session:
        return session.get_one(WebhookEndpoint, endpoint_id)
