"""The files connector: a provider whose data lie in a folder, and whose orders are put there."""

from collections.abc import Callable, Mapping
from pathlib import Path

from governance.providers.connectors.amounts import Money
from governance.providers.connectors.answers import (
    Coverage,
    Inventory,
    Milestone,
    Observed,
    Order,
    Performance,
    Placement,
    PlacementOption,
    Quote,
    Stock,
    Tracking,
)
from governance.providers.connectors.credentials import Credential
from governance.providers.connectors.file_orders import CorruptOrder, KeyUsedOtherwise, place_order
from governance.providers.connectors.file_rates import by_lane, rate, refusal, serves
from governance.providers.connectors.file_reading import UnreadableFile, read_rows
from governance.providers.connectors.file_rows import (
    CoverageRow,
    MilestoneRow,
    NodeRow,
    PerformanceRow,
    RateRow,
    StockRow,
)
from governance.providers.connectors.protocol import (
    LONGEST_SENTENCE,
    A,
    Answer,
    Capability,
    Connector,
    Level,
    Message,
)
from governance.providers.connectors.questions import (
    CoverageQuestion,
    InventoryQuestion,
    OrderQuestion,
    PerformanceQuestion,
    PlacementQuestion,
    QuoteQuestion,
    TrackingQuestion,
)

# What the folder must hold for a call to be supported; `orders` is a folder itself.
_HOLDS = {
    Capability.COVERAGE: "coverage.yaml",
    Capability.QUOTE: "rates.csv",
    Capability.INVENTORY: "inventory.csv",
    Capability.PLACEMENT_OPTIONS: "nodes.yaml",
    Capability.CREATE_ORDER: "orders",
    Capability.TRACK: "tracking.csv",
    Capability.PERFORMANCE: "performance.json",
}


def connect(
    provider: str, options: Mapping[str, str], credentials: Mapping[str, Credential]
) -> "FilesConnector":
    """The entry point `files`: the one option is `folder`, and there are no credentials.

    ValueError for other options, for credentials, and for a folder that does not exist.
    """
    if set(options) != {"folder"} or credentials:
        raise ValueError("The files connector takes the option `folder` and no credentials")
    folder = Path(options["folder"])
    if not folder.is_dir():
        raise ValueError("`folder` names no folder: make it, or mend the path")
    return FilesConnector(provider, folder)


class FilesConnector(Connector):
    """Answers from the files as they are when asked; supports what there are files for."""

    def __init__(self, provider: str, folder: Path) -> None:
        self._provider = provider
        self._folder = folder

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The calls whose file, or folder, is there."""
        return frozenset(call for call, name in _HOLDS.items() if (self._folder / name).exists())

    def coverage(self, question: CoverageQuestion) -> Answer[Coverage]:
        """The services of the market's rows in `coverage.yaml`."""

        def read() -> Answer[Coverage]:
            rows = read_rows(self._file(Capability.COVERAGE), CoverageRow)
            there = {one for row in rows if row.market == question.market for one in row.services}
            return Coverage(question.market, tuple(sorted(there))), ()

        return self._answer(Capability.COVERAGE, read)

    def quote(self, question: QuoteQuestion) -> Answer[Quote]:
        """The lanes of `rates.csv` that go there; one that does not take the parcel says why."""

        def read() -> Answer[Quote]:
            path = self._file(Capability.QUOTE)
            lanes = by_lane(path.name, read_rows(path, RateRow))
            there = {name: breaks for name, breaks in lanes.items() if serves(breaks[0], question)}
            refusals = {name: refusal(breaks, question) for name, breaks in there.items()}
            taken = [breaks for name, breaks in there.items() if refusals[name] is None]
            messages = tuple(
                self._message(Level.INFO, Capability.QUOTE, "lane-refuses", f"lane {name} {why}")
                for name, why in refusals.items()
                if why is not None
            )
            return Quote(tuple(rate(breaks, question) for breaks in taken)), messages

        return self._answer(Capability.QUOTE, read)

    def inventory(self, question: InventoryQuestion) -> Answer[Inventory]:
        """The rows of `inventory.csv` of these things."""

        def read() -> Answer[Inventory]:
            rows = read_rows(self._file(Capability.INVENTORY), StockRow)
            return Inventory(
                tuple(
                    Stock(row.node, row.sku, row.on_hand, row.available, row.counted_at)
                    for row in rows
                    if row.sku in question.skus
                )
            ), ()

        return self._answer(Capability.INVENTORY, read)

    def placement_options(self, question: PlacementQuestion) -> Answer[Placement]:
        """The nodes of `nodes.yaml` that serve the market and have room for all the units."""

        def read() -> Answer[Placement]:
            rows = read_rows(self._file(Capability.PLACEMENT_OPTIONS), NodeRow)
            return Placement(
                tuple(
                    PlacementOption(
                        row.node,
                        row.country,
                        row.free_units,
                        Money(row.inbound_minor_units, row.currency),
                        row.lead_days,
                    )
                    for row in rows
                    if question.market in row.markets and question.units <= row.free_units
                )
            ), ()

        return self._answer(Capability.PLACEMENT_OPTIONS, read)

    def create_order(self, question: OrderQuestion) -> Answer[Order]:
        """Write the order into the folder `orders`, once for each idempotency key."""

        def write() -> Answer[Order]:
            try:
                return place_order(self._file(Capability.CREATE_ORDER), question), ()
            except KeyUsedOtherwise:
                why = "the idempotency key placed another order: use a new key for a new order"
                code = "idempotency-key-reused"
            except CorruptOrder as corrupt:
                why, code = f"{corrupt}: look at it, and move it away", "corrupt-order"
            return None, (self._message(Level.ERROR, Capability.CREATE_ORDER, code, why),)

        return self._answer(Capability.CREATE_ORDER, write)

    def track(self, question: TrackingQuestion) -> Answer[Tracking]:
        """The shipment's rows of `tracking.csv`."""

        def read() -> Answer[Tracking]:
            rows = read_rows(self._file(Capability.TRACK), MilestoneRow)
            of_it = sorted(
                (row for row in rows if row.shipment == question.shipment), key=lambda row: row.at
            )
            if not of_it:
                why = f"no shipment {question.shipment!r} in tracking.csv: check its number"
                message = self._message(Level.ERROR, Capability.TRACK, "unknown-shipment", why)
                return None, (message,)
            milestones = tuple(Milestone(row.milestone, row.at) for row in of_it)
            return Tracking(question.shipment, milestones), ()

        return self._answer(Capability.TRACK, read)

    def performance(self, question: PerformanceQuestion) -> Answer[Performance]:
        """The service's rows of `performance.json` in the market."""

        def read() -> Answer[Performance]:
            rows = read_rows(self._file(Capability.PERFORMANCE), PerformanceRow)
            metrics = tuple(
                Observed(row.metric, row.successes, row.trials, row.first_day, row.last_day)
                for row in rows
                if (row.service, row.market) == (question.service, question.market)
            )
            return Performance(question.service, question.market, metrics), ()

        return self._answer(Capability.PERFORMANCE, read)

    def _file(self, capability: Capability) -> Path:
        return self._folder / _HOLDS[capability]

    def _answer(self, capability: Capability, read: Callable[[], Answer[A]]) -> Answer[A]:
        try:
            return read()
        except UnreadableFile as unreadable:
            return None, tuple(
                self._message(Level.ERROR, capability, "unreadable-file", f"{fault}; mend the file")
                for fault in unreadable.faults
            )

    def _message(self, level: Level, capability: Capability, code: str, why: str) -> Message:
        return Message(level, code, f"{self._provider} ({capability}): {why}"[:LONGEST_SENTENCE])
