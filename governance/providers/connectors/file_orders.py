"""Orders as files: each written whole or not at all, and once for each idempotency key."""

import os
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from ulid import ULID

from governance.providers.connectors.amounts import STRICT, Instant
from governance.providers.connectors.answers import Order
from governance.providers.connectors.questions import OrderQuestion


class KeyUsedOtherwise(Exception):
    """The idempotency key has placed another order; nothing was written."""


class CorruptOrder(Exception):
    """The file of an order is not one that was written here."""


@dataclass(frozen=True, config=STRICT)
class _Placed:
    accepted_at: Instant
    order: OrderQuestion


_PLACED = TypeAdapter(_Placed)


def place_order(folder: Path, order: OrderQuestion) -> Order:
    """Write an order to `<order id>.json`; the same one under the same key is the same order.

    Raises KeyUsedOtherwise, CorruptOrder, and OSError where the folder cannot be written.
    """
    placed = _Placed(datetime.now(UTC), order)
    path = folder / f"{_order_id(order)}.json"
    if not _write_new(path, _PLACED.dump_json(placed, indent=2)):
        placed = _read(path)
        if placed.order != order:
            raise KeyUsedOtherwise
    return Order(path.stem, placed.accepted_at)


def _order_id(order: OrderQuestion) -> str:
    if order.idempotency_key is None:
        return str(ULID())
    # A key is any text; its digest is a file name.
    return sha256(order.idempotency_key.encode()).hexdigest()[:32]


def _read(path: Path) -> _Placed:
    try:
        return _PLACED.validate_json(path.read_bytes(), strict=True)
    except ValidationError:
        raise CorruptOrder(f"{path.name} is not an order that was written here") from None


def _write_new(path: Path, content: bytes) -> bool:
    """Give a file its name once it is whole on the disk; False where the name is taken."""
    # Readable by its owner only: it holds the recipient.
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, takes no name that is taken.
            os.link(part, path)
            new = True
        except FileExistsError:
            new = False
    finally:
        Path(part).unlink()
    # Also for a name that another one gave just now: its order is about to be confirmed, too.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return new
