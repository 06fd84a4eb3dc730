"""Connectors that behave in every way that a vendor's system can, for the tests of the socket."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from governance.providers.connectors.answers import Coverage, Order
from governance.providers.connectors.attempts import Patience
from governance.providers.connectors.protocol import Answer, Capability, Connector
from governance.providers.connectors.questions import (
    CoverageQuestion,
    OrderLine,
    OrderQuestion,
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
