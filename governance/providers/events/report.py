"""What became of the events that were sent: taken in, heard before, or set aside and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from governance.providers.events.lines import Line, TooLong
from governance.providers.events.observation import Reason, Refused

LISTED = 100
"""So many of the events that were set aside are listed in a report; all are stored."""

_BODY_CHARACTERS = 2_000
_TEXT_CHARACTERS = 500


@dataclass(frozen=True)
class SetAside:
    """An event that was not taken in: where it stood, and what is wrong with it where.

    `line` counts from 1: lines of an upload, places in a batch. `pointer` is a JSON pointer into
    the event.
    """

    line: int
    pointer: str
    reason: Reason
    message: str
    hint: str | None
    body: str
    digest: str

    def row(self) -> dict[str, Any]:
        """The columns of the table but for the instant."""
        return vars(self) | {"reason": self.reason.value}


@dataclass
class Report:
    """How many events were taken in, were there already, were set aside; the first of these last.

    `read` is how many lines were dealt with and committed.
    """

    read: int = 0
    accepted: int = 0
    repeated: int = 0
    set_aside_total: int = 0
    set_aside: list[SetAside] = field(default_factory=list)

    def add(self, read: int, accepted: int, repeated: int, refused: Iterable[SetAside]) -> None:
        """Add what became of a batch that is committed."""
        self.read += read
        self.accepted += accepted
        self.repeated += repeated
        for one in refused:
            self.set_aside_total += 1
            if len(self.set_aside) < LISTED:
                self.set_aside.append(one)


def refused(line: Line, why: Refused) -> SetAside:
    """The line set aside, with as much of it as is kept."""
    return _set_aside(line.number, line.body, sha256(line.body).hexdigest(), why)


def too_long(line: TooLong, most: int) -> SetAside:
    """A line set aside of which only the beginning was read."""
    why = Refused(
        Reason.TOO_LONG,
        "",
        f"The line has {line.length:,} bytes, and at most {most:,} are read",
        "send one event a line",
    )
    return _set_aside(line.number, line.beginning, line.digest, why)


def _set_aside(number: int, body: bytes, digest: str, why: Refused) -> SetAside:
    return SetAside(
        line=number,
        pointer=_storable(why.pointer, _TEXT_CHARACTERS),
        reason=why.reason,
        message=_storable(why.message, _TEXT_CHARACTERS),
        hint=None if why.hint is None else _storable(why.hint, _TEXT_CHARACTERS),
        body=_storable(body[: 4 * _BODY_CHARACTERS].decode("utf-8", "replace"), _BODY_CHARACTERS),
        # the same event may first come too early, and later with another fault
        digest=sha256(f"{why.reason} {digest}".encode()).hexdigest(),
    )


def _storable(text: str, most: int) -> str:
    """The text without what no database keeps, cut to so many characters."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return shown.replace("\x00", "\ufffd")
