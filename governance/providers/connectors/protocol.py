"""What every connector speaks: seven calls, each answered with details and messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Generic, Protocol, TypeVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked_dataclass

from governance.providers.connectors.amounts import STRICT
from governance.providers.connectors.answers import (
    Coverage,
    Inventory,
    Order,
    Performance,
    Placement,
    Quote,
    Tracking,
)
from governance.providers.connectors.credentials import Credential
from governance.providers.connectors.questions import (
    CoverageQuestion,
    InventoryQuestion,
    OrderQuestion,
    PerformanceQuestion,
    PlacementQuestion,
    QuoteQuestion,
    TrackingQuestion,
)

Q = TypeVar("Q")
A = TypeVar("A", covariant=True)
LONGEST_SENTENCE = 2000


class Capability(StrEnum):
    """A call that a connector may support, named as the method that answers it."""

    COVERAGE = "coverage"
    QUOTE = "quote"
    INVENTORY = "inventory"
    PLACEMENT_OPTIONS = "placement_options"
    CREATE_ORDER = "create_order"
    TRACK = "track"
    PERFORMANCE = "performance"


class Level(StrEnum):
    """How grave a message is: an error says why there are no details, or not all of them."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@checked_dataclass(frozen=True, config=STRICT)
class Message:
    """What there is to say about an answer: a code for machines, a sentence for people.

    The sentence names the provider and the call, and says what to do.
    """

    level: Level
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    sentence: Annotated[str, Field(min_length=1, max_length=LONGEST_SENTENCE)]


Messages = tuple[Message, ...]
Answer = tuple[A | None, Messages]


def error(code: str, sentence: str) -> Message:
    """A message that says why there are no details, or not all of them."""
    return Message(Level.ERROR, code, sentence[:LONGEST_SENTENCE])


def unsupported(who: str, capability: Capability) -> Answer[A]:
    """The answer of a connector that does not do this."""
    return None, (
        error(
            "unsupported-call",
            f"{who} does not support {capability}: look at its capabilities before asking",
        ),
    )


class Connector(Protocol):
    """A provider's system. Derive from it, and write the methods of the calls you support.

    A failure that asking again would not mend is answered as `(None, messages)`. Whatever a method
    raises is taken for a passing one, and reads are asked again. Methods are called from several
    threads at the same time, and should give up on their own before the time limit does.
    """

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The calls that this connector supports."""
        ...

    def coverage(self, question: CoverageQuestion) -> Answer[Coverage]:
        """The services on offer in a market."""
        return unsupported(type(self).__name__, Capability.COVERAGE)

    def quote(self, question: QuoteQuestion) -> Answer[Quote]:
        """What a parcel costs, and how long it takes."""
        return unsupported(type(self).__name__, Capability.QUOTE)

    def inventory(self, question: InventoryQuestion) -> Answer[Inventory]:
        """What the provider holds, node by node."""
        return unsupported(type(self).__name__, Capability.INVENTORY)

    def placement_options(self, question: PlacementQuestion) -> Answer[Placement]:
        """Which nodes would take in stock for a market."""
        return unsupported(type(self).__name__, Capability.PLACEMENT_OPTIONS)

    def create_order(self, question: OrderQuestion) -> Answer[Order]:
        """Place an order; the same `idempotency_key` never places a second one."""
        return unsupported(type(self).__name__, Capability.CREATE_ORDER)

    def track(self, question: TrackingQuestion) -> Answer[Tracking]:
        """Where a shipment is."""
        return unsupported(type(self).__name__, Capability.TRACK)

    def performance(self, question: PerformanceQuestion) -> Answer[Performance]:
        """How the provider says that it performed."""
        return unsupported(type(self).__name__, Capability.PERFORMANCE)

    def close(self) -> None:
        """Let go of what it holds (connections, files); nothing is asked after it."""
        return


# What an entry point names: provider, options (paths, addresses), credentials by name.
ConnectorFactory = Callable[[str, Mapping[str, str], Mapping[str, Credential]], Connector]


@dataclass(frozen=True)
class Call(Generic[Q, A]):
    """A call: what is asked, what is answered, and whether it changes something over there."""

    capability: Capability
    question: type[Q]
    answer: type[A]
    changes: bool = False


COVERAGE = Call(Capability.COVERAGE, CoverageQuestion, Coverage)
QUOTE = Call(Capability.QUOTE, QuoteQuestion, Quote)
INVENTORY = Call(Capability.INVENTORY, InventoryQuestion, Inventory)
PLACEMENT_OPTIONS = Call(Capability.PLACEMENT_OPTIONS, PlacementQuestion, Placement)
CREATE_ORDER = Call(Capability.CREATE_ORDER, OrderQuestion, Order, changes=True)
TRACK = Call(Capability.TRACK, TrackingQuestion, Tracking)
PERFORMANCE = Call(Capability.PERFORMANCE, PerformanceQuestion, Performance)
