"""What mends a reason of the drop gate: the changes that would do, each by itself."""

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Literal, NamedTuple

from governance.gates.drop_facts import DropRequest, MarketEntry
from governance.gates.drop_judgement import Judgement
from governance.rules.conditions import literals
from governance.rules.model import Rule

Kind = Literal[
    "evidence", "provider", "lane", "node", "import_mode", "fewer_units", "plan_again",
    "exchange_rates", "less_stock", "review", "leave_out",
]  # fmt: skip

EXPOSURE = "exposure_usd"
_NOT_SERVING = "provider_not_serving"


class Change(NamedTuple):
    """One change to a drop; where `market` or `product` is None it is meant for all of them.

    `what` is what is changed: the type of evidence to renew, the provider (or `provider/service`
    in the market), lane or stockroom to replace, the way in to do without, the stockroom to give
    no more than it takes, the most that the stock may cost in whole US dollars, the code to be
    reviewed, the market or product to leave out; `plan` or `rates` to be made or brought in anew.
    """

    change: Kind
    market: str | None
    product: str | None
    what: str

    def means(self, entry: MarketEntry) -> bool:
        """Whether it is meant for that product in that market."""
        return self.market in (None, entry.market) and self.product in (None, entry.product)


_RENEWED: Mapping[str, Change] = {
    "plan_hours": Change("plan_again", None, None, "plan"),
    "exchange_rates_days": Change("exchange_rates", None, None, "rates"),
}
"""What makes an old input new, by the fact that says how old it is."""


def mends(asked: DropRequest, judged: Judgement) -> Iterator[tuple[Change, ...]]:
    """For each reason that stands, the changes that would mend it, the mildest first.

    Empty for a reason that no change mends for certain, such as a fact that nobody declared.
    """
    own = {code for found in judged.markets for code in found.reasons}
    dismissed = {name for kind, name in map(_parts, own) if kind == _NOT_SERVING}
    bad: dict[str, list[bool]] = {}
    for entry, found in zip(asked.markets, judged.markets, strict=True):
        bad.setdefault(entry.market, []).append(bool(found.reasons))
    for entry, found in zip(asked.markets, judged.markets, strict=True):
        without = tuple(_leaving_out(entry, bad[entry.market]))
        for code in found.reasons:
            yield (*_of_market(entry, code, dismissed), *without)
    fired = {one.rule.id: one.rule for one in judged.findings if one.state == "fires"}
    for code in judged.reasons:
        if code not in own:
            yield tuple(_of_plan(code, fired))


def _leaving_out(entry: MarketEntry, bad: list[bool]) -> Iterator[Change]:
    """Leaving a whole market out is no mend while something can be sold there."""
    if all(bad):
        yield Change("leave_out", entry.market, None, entry.market)
    if len(bad) > 1:
        yield Change("leave_out", entry.market, entry.product, entry.product)


def _of_market(entry: MarketEntry, code: str, dismissed: set[str]) -> Iterator[Change]:
    """What mends a market's reason beside leaving it out."""
    kind, name = _parts(code)
    match kind, name.split("/"):
        case "evidence_ends", _:
            yield Change("evidence", None, entry.product, name)
        case "provider_not_serving", _:
            yield Change("provider", None, None, name)
        case "provider_not_allowed", [provider, service, market]:
            if provider in dismissed:
                yield Change("provider", None, None, provider)
            yield Change("provider", market, None, f"{provider}/{service}")
        case "refused_by_lane" | "refused_by_node", [provider, *_]:
            if provider in dismissed:
                yield Change("provider", None, None, provider)
            instead: Kind = "lane" if kind == "refused_by_lane" else "node"
            yield Change(instead, None, entry.product, name)
        case "import_mode_not_allowed", _:
            if set(entry.import_modes).intersection(entry.import_modes_allowed):
                yield Change("import_mode", entry.market, entry.product, name)


def _of_plan(code: str, fired: Mapping[str, Rule]) -> Iterator[Change]:
    """What mends a reason that stands against the plan as a whole."""
    kind, name = _parts(code)
    if kind == "stale":
        yield _RENEWED["plan_hours"]
    elif kind == "node_over_capacity":
        yield Change("fewer_units", None, None, name)
    elif name in fired:
        attributes = fired[name].attributes
        yield from (change for of, change in _RENEWED.items() if of in attributes)
        # What a reviewer may let through need not be made smaller.
        exposed = [rule for rule in fired.values() if EXPOSURE in rule.attributes]
        limits = [limit for rule in exposed for limit in _limits(rule)]
        limited = any(rule.effect == "prohibit" for rule in exposed)
        if EXPOSURE in attributes and limits and limited:
            yield Change("less_stock", None, None, str(max(0, min(limits))))
        if kind == "review":
            yield Change("review", None, None, code)


def _limits(rule: Rule) -> Iterator[int]:
    """The whole dollars up to which a rule lets the stock cost."""
    for literal in literals(rule.condition):
        if literal.attribute == EXPOSURE and literal.comparison in ("gt", "gte"):
            bound = float(literal.values[0])
            yield floor(bound) if literal.comparison == "gt" else ceil(bound) - 1


def _parts(code: str) -> tuple[str, str]:
    kind, _, name = code.partition(":")
    return kind, name
