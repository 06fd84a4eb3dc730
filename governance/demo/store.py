"""What the store shows: every provider with its standing, its cells, its rates, and why."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from governance.decisions import service as decisions
from governance.demo import outlook
from governance.demo.intervals import Bar, bars, durations
from governance.demo.words import ORDER, VERDICTS
from governance.drops.report.words import SERVICES
from governance.gates.pipeline import Pipeline
from governance.markets.countries import place_name
from governance.providers import models as registered
from governance.providers.performance.metrics import metrics
from governance.providers.vetting.explanation import explain
from governance.providers.vetting.sentences import sentence
from governance.providers.vetting.touches import touches
from governance.rules.model import Library


@dataclass(frozen=True)
class Step:
    """A step that was taken, by which decision and for what reasons."""

    on: date
    before: str
    after: str
    decision_id: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Node:
    """A warehouse and the stock last counted in it; None where nothing was ever counted."""

    name: str
    country: str
    units: int | None


@dataclass(frozen=True)
class Touched:
    """What a suspension touches: lanes into so many markets, and stock."""

    lanes: int
    markets: int
    nodes: Sequence[Node]

    @property
    def units(self) -> int:
        return sum(one.units or 0 for one in self.nodes)


@dataclass(frozen=True)
class Card:
    """A provider in the store.

    `verdicts` are of the drop's markets, by service, then by market; `tally` counts those of all
    markets, by service, then by verdict. `nearest` is of the drop's markets, too.
    """

    id: str
    name: str
    about: str
    sample: bool
    standing: str
    serves: bool
    since: date
    decision_id: str
    why: Sequence[str]
    change: Sequence[str]
    nearest: Sequence[str]
    lacks: Sequence[outlook.Lack]
    bars: Sequence[Bar]
    durations: Sequence[str]
    steps: Sequence[Step]
    touched: Touched
    rules: Sequence[Mapping[str, str]]
    tally: Mapping[str, Mapping[str, int]]
    verdicts: Mapping[str, Mapping[str, str]]

    @property
    def allowed(self) -> int:
        """In how many of these cells it is allowed; the standing says whether it may serve."""
        return sum(v == "allowed" for by in self.verdicts.values() for v in by.values())

    @property
    def cells(self) -> int:
        """How many services in how many of the drop's markets it offers, multiplied."""
        return sum(len(by) for by in self.verdicts.values())


@dataclass(frozen=True)
class Store:
    """The page's content: providers in the order of their standing, markets by code with name."""

    as_of: date
    release: str
    markets: Mapping[str, str]
    cards: Sequence[Card]

    @property
    def open_to(self) -> dict[str, int]:
        """In how many markets somebody who may serve at all is allowed, by service."""
        return {
            service: len(
                {
                    market
                    for card in self.cards
                    if card.serves
                    for market, verdict in card.verdicts.get(service, {}).items()
                    if verdict == "allowed"
                }
            )
            for service in SERVICES
        }


def read_store(session: Session, pipeline: Pipeline, as_of: datetime) -> Store:
    """The store as it is at an instant, from the record: vettings, steps, shipments, registry."""
    gates = pipeline.gates(session)
    measured = metrics(session, as_of)
    rates, times = bars(measured), durations(measured)
    providers = session.exec(
        select(registered.Provider).order_by(col(registered.Provider.name))
    ).all()
    cards = [
        _card(session, pipeline, gates.library, one, rates.get(one.id, []), times.get(one.id, []))
        for one in sorted(providers, key=lambda one: ORDER.index(one.standing))
    ]
    return Store(
        as_of=as_of.astimezone(UTC).date(),
        release=gates.digest,
        markets={code: place_name(code) for code in gates.library.covered_markets},
        cards=cards,
    )


def _card(
    session: Session,
    pipeline: Pipeline,
    library: Library,
    provider: registered.Provider,
    rates: Sequence[Bar],
    times: Sequence[str],
) -> Card:
    explained = explain(session, pipeline, provider.id)
    vetting, standing = explained["vetting"], provider.standing
    cells, drop = vetting["cells"], library.covered_markets
    asked = json.loads(decisions.get(session, vetting["decision_id"]).input)
    counted = {(cell["service"], cell["market"]): cell["metrics"] for cell in asked["cells"]}
    against = outlook.breaches(library, cells, counted)
    allowed = sum(cell["verdict"] == "allowed" for cell in cells)
    return Card(
        id=provider.id,
        name=provider.name,
        about=provider.description,
        sample=provider.sample,
        standing=standing.value,
        serves=standing.serves,
        since=explained["since"].date(),
        decision_id=vetting["decision_id"],
        why=outlook.why(standing, vetting, against, allowed),
        change=list(outlook.change(standing, vetting, against)),
        nearest=outlook.nearest(library, [one for one in cells if one["market"] in drop]),
        lacks=outlook.lacks(library, cells),
        bars=rates,
        durations=times,
        steps=[_step(library, one) for one in explained["steps"]],
        touched=_touched(session, provider.id),
        rules=_rules(cells),
        tally=_tally(cells),
        verdicts=_verdicts([one for one in cells if one["market"] in drop]),
    )


def _verdicts(cells: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    offered: dict[str, dict[str, str]] = {}
    for cell in cells:
        offered.setdefault(cell["service"], {})[cell["market"]] = cell["verdict"]
    known = {service: offered.pop(service) for service in SERVICES if service in offered}
    return known | offered


def _tally(cells: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    counted = {service: Counter(by.values()) for service, by in _verdicts(cells).items()}
    return {
        service: {verdict: many[verdict] for verdict in VERDICTS if many[verdict]}
        for service, many in counted.items()
    }


def _rules(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The rules that are not silent in some cell, each once, with its source."""
    found = {one["rule"]: one for cell in cells for one in cell["findings"]}
    return [
        {"id": name, "title": one["title"]}
        | {"citation": one["source"]["citation"], "url": _web(one["source"]["url"])}
        for name, one in sorted(found.items())
    ]


def _web(url: str) -> str:
    """The address where it is one of the web, else nothing: it becomes a link."""
    return url if url.startswith(("https://", "http://")) else ""


def _step(library: Library, taken: Mapping[str, Any]) -> Step:
    reasons = [code for code in taken["reasons"] if not code.startswith("a_cell_")]
    return Step(
        on=taken["changed_at"].date(),
        before=str(taken["from_standing"]),
        after=str(taken["to_standing"]),
        decision_id=taken["decision_id"],
        reasons=[sentence(library, code) for code in reasons or taken["reasons"]],
    )


def _touched(session: Session, provider_id: str) -> Touched:
    found = touches(session, provider_id)
    mine = select(registered.Node).where(col(registered.Node.provider_id) == provider_id)
    names = {one.id: one.name for one in session.exec(mine)}
    nodes = [
        Node(names[one["id"]], place_name(one["country"]), one["units"]) for one in found["nodes"]
    ]
    into = {lane["to_market"] for lane in found["lanes"]}
    return Touched(lanes=len(found["lanes"]), markets=len(into), nodes=nodes)
