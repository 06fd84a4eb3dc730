"""Why a provider stands where it does and what would change it, in plain sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from governance.demo.words import asked, metric_words
from governance.drops.report.words import service_word
from governance.gates.provider_facts import LOWER_IS_BETTER, metrics
from governance.markets.countries import place_name
from governance.providers.models import Standing
from governance.providers.vetting.proof import flawless_needed, metric_of
from governance.rules.model import Library

Cell = Mapping[str, Any]
Counted = Mapping[tuple[str, str], Mapping[str, Mapping[str, int]]]
"""What the vetting counted, by service and market: successes and trials by metric."""

_NEAREST = 5
_NAMED = 6
_OF_SHIPMENTS = ("on_time_delivery", "valid_tracking", "cancellation", "loss_damage")
_BREACHES = ("prohibited", "needs_review")
_GENERAL = ("a_cell_", "breach:", "prohibited:", "licences_and_coverage", "proven_in_a_cell")


class Lack(NamedTuple):
    """A proof that is lacking, alike in some markets; `more` is None where no number would do."""

    service: str
    wanted: str
    counted: str
    more: int | None
    markets: tuple[str, ...]


class Breach(NamedTuple):
    """What a rule found for certain in a cell, on what, and how many successes would end that."""

    service: str
    market: str
    metric: str
    title: str
    bad: int
    trials: int
    more: int | None


def lacks(library: Library, cells: Iterable[Cell]) -> list[Lack]:
    """Every proof that is lacking, the nearest first; markets in which all is alike together."""
    alike: dict[tuple[str, str, str, int | None], list[str]] = defaultdict(list)
    for cell in cells:
        for one in cell["lacking_proof"]:
            wanted = asked(library.rules_by_id[one["rule"]], one["metric"])
            counted = f"{_good(one['metric'], one):,} of {one['trials']:,}"
            key = service_word(cell["service"]), wanted, counted, one["flawless_needed"]
            alike[key].append(cell["market"])
    found = [Lack(*key, tuple(markets)) for key, markets in alike.items()]
    return sorted(found, key=lambda one: (one.more is None, one.more, one.service, one.markets))


def nearest(library: Library, cells: Iterable[Cell], most: int = _NEAREST) -> list[str]:
    """What would prove the cells that lack nothing but proof, those that lack least first."""
    alike: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for cell in cells:
        needed = [one["flawless_needed"] for one in cell["lacking_proof"]]
        only_proof = len(needed) == len(cell["why"]) and None not in needed
        if cell["verdict"] == "needs_evidence" and only_proof:
            fewest, words = _would_prove(library, cell)
            alike[fewest, cell["service"], words].append(cell["market"])
    return [
        f"{service_word(service)} in {_places(markets)}: {words}."
        for (_, service, words), markets in sorted(alike.items())[:most]
    ]


def breaches(library: Library, cells: Iterable[Cell], counted: Counted) -> list[Breach]:
    """What was found for certain against the provider, the gravest first."""
    known = metrics(library.vocabulary)
    found = []
    for cell in sorted(cells, key=lambda cell: cell["verdict"] != "prohibited"):
        if cell["verdict"] not in _BREACHES:
            continue
        fired = [one["rule"] for one in cell["findings"] if one["state"] == "fires"]
        rules = [library.rules_by_id[name] for name in fired]
        worst = next((w for w in ("prohibit", "review") if any(r.effect == w for r in rules)), "")
        for rule in rules:
            metric = metric_of(rule, known)
            if rule.effect == worst and metric is not None:
                of = counted[cell["service"], cell["market"]][metric]
                more = flawless_needed(rule, metric, of["successes"], of["trials"])
                bad = of["trials"] - _good(metric, of)
                title = rule.title.replace(" %", "\u00a0%")
                found.append(
                    Breach(cell["service"], cell["market"], metric, title, bad, of["trials"], more)
                )
    return found


def why(
    standing: Standing, vetting: Mapping[str, Any], against: Sequence[Breach], allowed: int
) -> list[str]:
    """Why the provider stands there: what was found, and what the policy says."""
    sentences = [
        f"{_place(one.service, one.market)}: {one.bad:,} of {one.trials:,} "
        f"{metric_words(one.metric).bad} in 90 days. {one.title}."
        for one in against
    ]
    spoken_of = {(one.service, one.market) for one in against}
    others = [cell for cell in vetting["cells"] if cell["verdict"] in _BREACHES]
    sentences += [
        f"{_place(cell['service'], cell['market'])}: {one['message']}"
        for cell in others
        if (cell["service"], cell["market"]) not in spoken_of
        for one in cell["why"]
        if one["code"] in _BREACHES
    ]
    sentences += [
        one["message"] for one in vetting["reasons"] if not one["code"].startswith(_GENERAL)
    ]
    if sentences:
        return sentences
    if standing in (Standing.ACTIVE, Standing.REINSTATED) and allowed:
        return ["What rules ask for is proven where it is allowed; nothing speaks against it."]
    if standing is Standing.PROVISIONAL and not allowed:
        return ["Its licences are in order, and no service is proven in any market yet."]
    return [one["message"] for one in vetting["reasons"]]


def change(
    standing: Standing, vetting: Mapping[str, Any], against: Iterable[Breach]
) -> Iterator[str]:
    """What would change the standing; how cells would be proven is said by `nearest`."""
    lacking = [
        one["message"].removeprefix("Not held, or run out: ").removesuffix(".")
        for one in vetting["reasons"]
        if one["code"].startswith("licence_lacking:")
    ]
    for paper in lacking:
        yield f"It hands in a licence that is valid: {paper}."
    ending = [
        f"{_place(one.service, one.market)}: {_more(one.more, one.metric)} in a row, or the "
        "failures growing older than 90 days, would end that."
        for one in against
    ]
    if standing is Standing.APPLICANT:
        yield "With every licence in order and no incident open it becomes provisional."
    elif standing is Standing.PROVISIONAL:
        yield "It becomes active with the first service that is proven in a market."
    elif standing in (Standing.ACTIVE, Standing.REINSTATED):
        yield (
            "A certain breach in any market puts it on probation; a grave one, a grave incident "
            "or a licence that runs out suspends it."
        )
    elif standing is Standing.PROBATION:
        yield from ending
        yield "Then it becomes active again; a grave breach or incident suspends it."
    elif standing is Standing.SUSPENDED:
        yield from ending
        yield "Then a reviewer may ask for its reinstatement, which is judged as well."


def _would_prove(library: Library, cell: Cell) -> tuple[int, str]:
    """How many good ones a cell lacks, and that in words; shipments without any failure prove all.

    A shipment counts for several metrics at once, a stock count or a return for one.
    """
    alike: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in cell["lacking_proof"]:
        alike["shipment" if one["metric"] in _OF_SHIPMENTS else one["metric"]].append(one)
    parts = []
    for together in alike.values():
        most = max(together, key=lambda one: int(one["flawless_needed"]))
        metric, more = most["metric"], most["flawless_needed"]
        if len(together) > 1:
            parts.append((more, f"{more:,} more shipment{'s' * (more > 1)} without a failure"))
        else:
            parts.append((more, _more(more, metric)))
    parts.sort(reverse=True)
    listed = " and ".join(text for _, text in parts)
    wanted = "all that is asked"
    if len(cell["lacking_proof"]) == 1:
        (one,) = cell["lacking_proof"]
        wanted = asked(library.rules_by_id[one["rule"]], one["metric"])
    return parts[0][0], f"{listed} would prove {wanted}"


def _places(markets: list[str]) -> str:
    names = [place_name(one) for one in markets[:_NAMED]]
    if len(markets) > _NAMED:
        return f"{', '.join(names)} and {len(markets) - _NAMED} more, in each"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]}, in each"
    return names[0]


def _more(more: int | None, metric: str) -> str:
    words = metric_words(metric)
    if more is None:
        return f"more {words.goods} than anybody makes"
    return f"{more:,} more {words.good if more == 1 else words.goods}"


def _good(metric: str, counts: Mapping[str, int]) -> int:
    if metric in LOWER_IS_BETTER:
        return counts["trials"] - counts["successes"]
    return counts["successes"]


def _place(service: str, market: str) -> str:
    return f"{service_word(service)} in {place_name(market)}"
