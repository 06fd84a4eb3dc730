"""Connectors that behave in every way that a vendor's system can, for the tests of the socket."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from governance.providers.connectors.answers import Coverage, Order, Quote
from governance.providers.connectors.attempts import Patience
from governance.providers.connectors.protocol import Answer, Capability, Connector
from governance.providers.connectors.questions import (
    CoverageQuestion,
    OrderLine,
    OrderQuestion,
    QuoteQuestion,
    Recipient,
)
from governance.providers.connectors.resilience import Limits
from governance.providers.models import Service

IN_GERMANY = CoverageQuestion("DE")
DOES_RETURNS = Coverage("DE", (Service.RETURNS,))
SHORT = Limits(seconds=0.3, patience=Patience(3, 0.001, 0.002), failures_to_open=2)
NEVER = threading.Event()


def order(key: str | None = None, reference: str = "drop-7") -> OrderQuestion:
    """An order of one perfume for a buyer in Berlin."""
    recipient = Recipient("Erika Muster", "Am Tor 1", "10115", "Berlin", "DE")
    return OrderQuestion(reference, Service.FULFILMENT, (OrderLine("scent", 1),), recipient, key)


class Scripted(Connector):
    """Does one act after the other, the last one again and again, and counts."""

    def __init__(self, *acts: Callable[[], Any]) -> None:
        self._acts = acts
        self.asked = 0

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.COVERAGE, Capability.CREATE_ORDER})

    def coverage(self, question: CoverageQuestion) -> Answer[Coverage]:
        return self._act()

    def create_order(self, question: OrderQuestion) -> Answer[Order]:
        return self._act()

    def _act(self) -> Any:
        self.asked += 1
        return self._acts[min(self.asked, len(self._acts)) - 1]()


def answers() -> Answer[Coverage]:
    return DOES_RETURNS, ()


def takes_the_order() -> Answer[Order]:
    return Order("1", datetime(2026, 11, 23, tzinfo=UTC)), ()


def breaks() -> Any:
    raise ConnectionResetError("the line went dead")


def leaves() -> Any:
    raise SystemExit(3)


def hangs() -> Any:
    """For longer than anything here waits, and yet not for the rest of the run."""
    NEVER.wait(20)


def babbles() -> Any:
    return {"services": ["returns"]}


class Hanging(Connector):
    """Takes a question for a quote, and does not come back."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.QUOTE})

    def quote(self, question: QuoteQuestion) -> Answer[Quote]:
        return hangs()


CLOSED: list[str] = []


class Closing(Connector):
    """Says when it is closed; fails at it, or hangs, where its options say so."""

    def __init__(self, provider: str, options: Any) -> None:
        self._provider, self._ends = provider, options.get("ends")

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset()

    def close(self) -> None:
        if self._ends:
            {"breaks": breaks, "hangs": hangs, "leaves": leaves}[self._ends]()
        CLOSED.append(self._provider)


def hanging(provider: str, options: Any, credentials: Any) -> Connector:
    """The entry point of a connector that hangs."""
    return Hanging()


def closing(provider: str, options: Any, credentials: Any) -> Connector:
    """The entry point of a connector that can be seen to be closed."""
    return Closing(provider, options)


@contextmanager
def installed(folder: Path, package: str, **points: str) -> Iterator[None]:
    """The entry points of a package as pip leaves them, in a folder that Python looks in."""
    info = folder / f"{package}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    declared = "\n".join(f"{name} = {target}" for name, target in points.items())
    (info / "entry_points.txt").write_text(f"[governance.connectors]\n{declared}\n")
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
