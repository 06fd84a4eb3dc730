"""zen-engine: the rules as decision tables that collect every hit, in three layouts.

Three values in a table of two: an absent fact is given a value that every cell of its column lets
through ("?" for words; a number far below and one far above, in two columns, for thresholds), so a
hit means "not certainly false". Which hits fire and which wait for a fact is then a look at the
attributes of the row. All cells but those on sets are literals and thresholds, the forms that the
engine compiles best (it keeps a hash index over literals); rules without a condition stay outside.

Tables are compiled once (`ZenDecisionContent`) and asked through the engine's loader: that is 15
times as fast as `ZenDecision.evaluate`, which loses some 100 µs a call.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import zen

from peers.rules import Answer, Comparison, PeerRequest, PeerRule

Layout = Literal["decision", "market", "cell", "category"]
LAYOUTS: dict[Layout, str] = {
    "decision": "ZenDecision a market",
    "market": "table a market",
    "cell": "table a market and category",
    "category": "table a category",
}
_FAR = 10**12
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
Row = tuple[PeerRule, frozenset[str]]


class ZenPeer:
    """One of four layouts.

    `market`: a table a market, the category a column, 38 calls. `decision`: the same through a
    kept `ZenDecision` each. `cell`: a table a market and category, 38 short calls. `category`: a
    table a category with the rules of all markets in it, one call.
    """

    def __init__(
        self, rules: Sequence[PeerRule], covered: frozenset[tuple[str, str]], layout: Layout
    ) -> None:
        self.name = f"zen-engine: {LAYOUTS[layout]}"
        self._layout = layout
        self._covered = covered
        self._rows: dict[str, list[Row]] = {}
        self._always: dict[tuple[str, str], list[PeerRule]] = {}
        cells: dict[str, list[dict[str, str]]] = {}
        for rule in rules:
            if not rule.conjunctions:
                self._always.setdefault((rule.market, rule.category), []).append(rule)
            key = self._key(rule.market, rule.category)
            for conjunction in rule.conjunctions:
                rows = self._rows.setdefault(key, [])
                row = _row(conjunction) | {"_id": str(len(rows)), "row": str(len(rows))}
                if layout in ("market", "decision"):
                    row["category"] = f'"{rule.category}"'
                cells.setdefault(key, []).append(row)
                rows.append((rule, frozenset(c.attribute for c in conjunction)))
        tables = {key: zen.ZenDecisionContent(_table(rows)) for key, rows in cells.items()}
        engine = zen.ZenEngine({"loader": tables.__getitem__})
        self._evaluate: Callable[[str, dict[str, Any]], Any] = engine.evaluate
        if layout == "decision":
            decisions = {key: engine.create_decision(table) for key, table in tables.items()}
            self._evaluate = lambda key, context: decisions[key].evaluate(context)
        self._attributes = {c.attribute: c for r in rules for cs in r.conjunctions for c in cs}

    def prepare(self, request: PeerRequest) -> tuple[PeerRequest, dict[str, Any], frozenset[str]]:
        """The context of the tables and the missing attributes, made before the clock starts."""
        context: dict[str, Any] = {"category": request.category}
        for name, comparison in self._attributes.items():
            fact = request.facts.get(name)
            if comparison.operator in _SIGNS:
                context[f"{name}_low"] = -_FAR if fact is None else fact
                context[f"{name}_high"] = _FAR if fact is None else fact
            elif comparison.operator in ("contains", "lacks"):
                context[name] = [] if fact is None else fact
                context[f"{name}_known"] = fact is not None
            else:
                context[name] = "?" if fact is None else _word(fact)
        return request, context, frozenset(self._attributes.keys() - request.facts.keys())

    def ask(self, prepared: tuple[PeerRequest, dict[str, Any], frozenset[str]]) -> Answer:
        """Hits, their state, and the verdict of every market."""
        request, context, missing = prepared
        fired: dict[str, dict[str, PeerRule]] = {}
        waiting: dict[str, dict[str, PeerRule]] = {}
        for key in dict.fromkeys(self._key(market, request.category) for market in request.markets):
            rows = self._rows.get(key)
            if rows is None:
                continue
            for hit in self._evaluate(key, context)["result"]:
                rule, attributes = rows[hit["row"]]
                into = fired if attributes.isdisjoint(missing) else waiting
                into.setdefault(rule.market, {})[rule.id] = rule
        held = _held(request)
        return {
            market: self._judge(market, request.category, fired, waiting, held)
            for market in request.markets
        }

    def _judge(
        self, market: str, category: str, fired: dict[str, dict[str, PeerRule]],
        waiting: dict[str, dict[str, PeerRule]], held: frozenset[str],
    ) -> tuple[str, frozenset[tuple[str, str]]]:  # fmt: skip
        hits = fired.get(market, {})
        fires = [*self._always.get((market, category), ()), *hits.values()]
        waits = [rule for rule in waiting.get(market, {}) if rule not in hits]
        effects = {rule.effect for rule in fires}
        if "prohibit" in effects:
            verdict = "prohibited"
        elif (market, category) not in self._covered:
            verdict = "unknown"
        elif "review" in effects:
            verdict = "needs_review"
        elif waits:
            verdict = "needs_facts"
        elif any(paper not in held for rule in fires for paper in rule.evidence):
            verdict = "needs_evidence"
        else:
            verdict = "allowed"
        found = [(rule.id, "fires") for rule in fires]
        return verdict, frozenset([*found, *((rule, "undetermined") for rule in waits)])

    def _key(self, market: str, category: str) -> str:
        match self._layout:
            case "cell":
                return f"{market} {category}"
            case "category":
                return category
        return market


def _held(request: PeerRequest) -> frozenset[str]:
    return frozenset(
        evidence["type"]
        for evidence in request.evidence
        if evidence["valid_from"] <= request.as_of
        and (evidence["valid_to"] is None or evidence["valid_to"] >= request.as_of)
    )


def _row(conjunction: Sequence[Comparison]) -> dict[str, str]:
    """Column -> test. Two comparisons on one column are both asked."""
    row: dict[str, list[str]] = {}
    for comparison in conjunction:
        column, test = _cell(comparison)
        row.setdefault(column, []).append(test)
    return {
        column: tests[0] if len(tests) == 1 else " and ".join(f"({test})" for test in tests)
        for column, tests in row.items()
    }


def _cell(comparison: Comparison) -> tuple[str, str]:
    name, values = comparison.attribute, comparison.values
    match comparison.operator:
        case "gt" | "gte":
            return f"{name}_high", f"{_SIGNS[comparison.operator]} {values[0]}"
        case "lt" | "lte":
            return f"{name}_low", f"{_SIGNS[comparison.operator]} {values[0]}"
        case "in":
            return name, ", ".join(f'"{_word(value)}"' for value in (*values, "?"))
        case "not_in":
            words = ", ".join(f'"{_word(value)}"' for value in values)
            return name, f"$ not in [{words}]"
        case "contains":
            return name, f'contains($, "{values[0]}") or not({name}_known)'
    return name, f'not(contains($, "{values[0]}")) or not({name}_known)'


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(rows: Sequence[dict[str, str]]) -> str:
    columns = sorted({name for row in rows for name in row} - {"_id", "row"})
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": name, "name": name, "field": name} for name in columns],
        "outputs": [{"id": "row", "name": "row", "field": "row"}],
        "rules": [dict.fromkeys(columns, "") | row for row in rows],
    }
    nodes = [
        {"id": "facts", "name": "facts", "type": "inputNode"},
        {"id": "rules", "name": "rules", "type": "decisionTableNode", "content": content},
        {"id": "hits", "name": "hits", "type": "outputNode"},
    ]
    return json.dumps({"nodes": nodes, "edges": list(_edges("facts", "rules", "hits"))})


def _edges(*nodes: str) -> Iterator[dict[str, str]]:
    for source, target in pairwise(nodes):
        yield {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}
