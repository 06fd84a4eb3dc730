"""A request sent twice is done once: the first answer is kept under the caller's key.

Record and effect are one transaction, so there is never an effect without its remembered answer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, insert

from governance.access.models import IdempotentAnswer
from governance.errors import FieldError, GovernanceError, InvalidRequest

HEADER = "Idempotency-Key"
_MAX_KEY = 255
KEPT_FOR = timedelta(days=1)
"""How long an answer is remembered; after that the same key is a new request."""

_under_way: set[tuple[str, str]] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """An answer as it was sent: HTTP status, body text, media type."""

    status: int
    body: str
    media_type: str


class IdempotencyMismatch(GovernanceError):
    """The key was used for another request."""

    status = 422
    code = "idempotency-mismatch"
    title = "This idempotency key belongs to another request"


class IdempotencyConflict(GovernanceError):
    """Two requests with one key at the same time."""

    status = 409
    code = "idempotency-conflict"
    title = "A request with this idempotency key is under way"


def remembered(session: Session, caller_id: str, key: str, request_hash: str) -> Answer | None:
    """The answer that was given under this key, or None.

    Raises IdempotencyMismatch where the key was used for a request of another hash, and
    InvalidRequest for a key that is not 1 to 255 printable ASCII characters.
    """
    _check(key)
    row = session.get(IdempotentAnswer, (caller_id, key))
    if row is None or row.created_at <= datetime.now(UTC) - KEPT_FOR:
        return None
    if row.request_hash != request_hash:
        raise IdempotencyMismatch(f"{HEADER} {key!r} was sent before with another request")
    return Answer(row.status, row.body, row.media_type)


def remember(session: Session, caller_id: str, key: str, request_hash: str, answer: Answer) -> None:
    """Keep the answer, in the caller's transaction, and let go of those that are too old.

    Raises IdempotencyConflict where a racing request kept one first; the caller's transaction is
    then lost, as it must be. Raises InvalidRequest as `remembered` does.
    """
    _check(key)
    session.flush()  # what waits to be written must not fail under the name of this insert
    now = datetime.now(UTC)
    session.exec(delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) <= now - KEPT_FOR))
    row = {
        "caller_id": caller_id,
        "key": key,
        "request_hash": request_hash,
        "status": answer.status,
        "body": answer.body,
        "media_type": answer.media_type,
        "created_at": now,
    }
    try:
        session.exec(insert(IdempotentAnswer).values(row))
    except IntegrityError as error:
        raise _conflict(key) from error


@contextmanager
def under_way(caller_id: str, key: str) -> Iterator[None]:
    """Holds the key while its request is done; raises IdempotencyConflict where it is held.

    Holds within this process only: between processes `remember` decides.
    """
    _check(key)
    held = (caller_id, key)
    with _lock:
        if held in _under_way:
            raise _conflict(key)
        _under_way.add(held)
    try:
        yield
    finally:
        with _lock:
            _under_way.remove(held)


def _check(key: str) -> None:
    if not (0 < len(key) <= _MAX_KEY and key.isascii() and key.isprintable()):
        why = f"{HEADER} is 1 to {_MAX_KEY} printable ASCII characters"
        raise InvalidRequest(why, errors=[FieldError(HEADER, why, "a UUID is a good one")])


def _conflict(key: str) -> IdempotencyConflict:
    return IdempotencyConflict(
        f"The first request with {HEADER} {key!r} is still under way or has just ended: "
        "send it again"
    )
