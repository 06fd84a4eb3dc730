"""A long log for the audit's benchmark, and an eligibility call with and without its audit."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from measure import Side

from governance.access.caller import at_the_shell
from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.personal import take_out
from governance.eligibility.answer import answer
from governance.gates.filing import SALE
from governance.gates.pipeline import Pipeline, canonical, open_pipeline
from governance.gates.sale import POLICY_PATH
from governance.settings import Settings

_CATEGORIES = ("apparel", "accessories", "cosmetics", "toys", "books", "nicotine")
_MARKETS = ("DE", "FR", "GB", "US", "CA", "JP", "AU", "SG", "SA", "BR", "IN")
_REPLAYED = 50_000  # a replay judges again: a part of the log tells its speed
_IN_A_COMMIT = 1_000


@dataclass(frozen=True)
class Filled:
    """How many of the decisions, from the first on, lie before an instant (ISO 8601)."""

    replayed: int
    replay_until: str


def three_market_requests(chance: random.Random, count: int = 600) -> list[dict[str, Any]]:
    """Requests as a portal sends them: a seller, a product with a title and a paper, 3 markets."""
    return [
        {
            "as_of": "2026-11-22",
            "seller": {"id": f"creator-{number:06}", "established_in": "US", "kind": "creator"},
            "product": {
                "id": f"product-{number:06}",
                "title": f"A thing of the winter drop, number {number}",
                "category": chance.choice(_CATEGORIES),
                "hs": None,
                "origin": chance.choice(("US", "CN", "VN")),
                "attributes": {},
            },
            "offer": {"import_mode": "commercial", "attributes": {}},
            "markets": chance.sample(_MARKETS, 3),
            "evidence": [],
        }
        for number in range(count)
    ]


def fill(
    pipeline: Pipeline,
    requests: Sequence[Mapping[str, Any]],
    count: int,
    tell: Callable[[int], None],
) -> Filled:
    """Record so many decisions, each with an id, a time and personal values of its own."""
    gates = at_the_shell(pipeline).gates
    evaluations = [gates.evaluate("sale", request) for request in requests]
    fields = SALE.personal
    assert fields is not None
    replayed, until = 0, ""
    for start in range(0, count, _IN_A_COMMIT):
        with transaction(pipeline.engine, write=True) as session:
            for number in range(start, min(start + _IN_A_COMMIT, count)):
                request = dict(requests[number % len(requests)])
                request["seller"] = request["seller"] | {"id": f"creator-{number:08}"}
                recorded, personal = take_out(request, fields)
                one = evaluations[number % len(evaluations)]
                replace(one, request=recorded, personal=personal).record(session, "key_portal")
        if start < _REPLAYED:
            replayed, until = min(start + _IN_A_COMMIT, count), datetime.now(UTC).isoformat()
        tell(start)
    return Filled(replayed, until)


class Overhead:
    """An eligibility call as it was before there was an audit, and as it is, in turns."""

    def __init__(self, settings: Settings) -> None:
        self._pipeline = open_pipeline(settings)
        self._caller = at_the_shell(self._pipeline)
        requests = three_market_requests(random.Random(1), 60)
        self.sides = (
            Side("without audit", self._bare, requests),
            Side("with audit", self._audited, requests),
        )

    def _audited(self, request: dict[str, Any]) -> None:
        evaluation = self._caller.gates.evaluate("sale", request)
        with transaction(self._pipeline.engine, write=True) as session:
            recorded = evaluation.record(session, self._caller.id)
            self._spell(recorded, evaluation.result)

    def _bare(self, request: dict[str, Any]) -> None:
        result = self._caller.gates.again("sale", request)
        with transaction(self._pipeline.engine, write=True) as session:
            recorded = decisions.append(
                session,
                gate="sale",
                path=POLICY_PATH,
                release=self._caller.gates.digest,
                input_json=canonical(request),
                result_json=canonical(result),
                requested_by=self._caller.id,
                labels={"service": "governance"},
                metrics={"timer_evaluate_ns": 1},
                verdicts={},
            )
            self._spell(recorded, result)

    def _spell(self, decision_id: str, result: Mapping[str, Any]) -> None:
        library = self._caller.gates.library
        json.dumps(answer(decision_id, self._caller.gates.digest, result, library))
