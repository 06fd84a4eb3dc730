"""Spells out what the drop gate said last of a drop, and what has changed since."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from governance.access.caller import Caller
from governance.db import transaction
from governance.decisions import service as decisions
from governance.drops import registry
from governance.drops.judging.errors import NotPassed
from governance.drops.models import Drop
from governance.drops.planner.served import served
from governance.gates.drop_reasons import change_sentence, sentence
from governance.gates.pipeline import Pipeline
from governance.rules.model import Library


def verdict(
    pipeline: Pipeline, caller: Caller, drop_id: str, now: datetime | None = None
) -> dict[str, Any]:
    """The latest decision of the drop gate on a drop (see `schemas.VerdictOut`).

    It is spelled out with the rules of the release under which it was judged.
    Raises NotFound, NotPassed where it was never judged since it was planned.
    """
    with transaction(pipeline.engine) as session:
        drop = registry.visible(session, caller, drop_id)
        if drop.judged_decision_id is None:
            raise NotPassed(
                f"{drop.id} is {drop.state.value}, and its plan was not judged: submit it",
                state=drop.state.value,
            )
        decision = decisions.get(session, drop.judged_decision_id)
        library = pipeline.gates_of(session, decision.release).library
        asked, result = json.loads(decision.input), json.loads(decision.result)
        in_force = caller.gates.digest
        plan = json.loads(registry.plan_of(session, drop, result["plan"]).plan)
        stale = list(
            _stale(session, drop, asked, decision.release, in_force, now or datetime.now(UTC))
        )
    return {
        "id": drop.id,
        "state": drop.state,
        "decision_id": decision.decision_id,
        "release": decision.release,
        "plan": result["plan"],
        "as_of": result["as_of"],
        "judged_on": result["judged_on"],
        "stale": stale,
        "not_sold_in": [
            {"product": product, "market": one["market"], "regions": one["not_sold_in"]}
            for product, sales in plan["sale"].items()
            for one in sales
            if one["not_sold_in"]
        ],
    } | spelled_out(library, result)


def spelled_out(library: Library, result: Mapping[str, Any]) -> dict[str, Any]:
    """The verdicts of a result, with every code in a sentence."""

    def sentences(codes: list[str]) -> list[dict[str, str]]:
        return [{"code": code, "message": sentence(library, code)} for code in codes]

    return {
        "verdict": result["verdict"],
        "reasons": sentences(result["reasons"]),
        "approved_reasons": sentences(result["approved_reasons"]),
        "markets": [one | {"reasons": sentences(one["reasons"])} for one in result["markets"]],
        "changes": [one | {"message": change_sentence(library, one)} for one in result["changes"]],
    }


def _stale(
    session: Session,
    drop: Drop,
    asked: Mapping[str, Any],
    release: str,
    in_force: str,
    now: datetime,
) -> Iterator[dict[str, str]]:
    if release != in_force:
        yield {"what": "release", "message": f"Another release is in force: {in_force}."}
    then = {
        (cell["provider"], cell["service"], cell["market"]): (cell["standing"], cell["verdict"])
        for market in asked["markets"]
        for cell in market["providers"]
    }
    providers = served(session, {provider for provider, _, _ in then})
    for (provider, service, market), (standing, was) in sorted(then.items()):
        known = providers.get(provider)
        is_now = (known.standing.value, known.verdict(service, market)) if known else None
        if is_now is None or is_now != (standing, was):
            now_in_words = " and ".join(is_now) if is_now else "not registered"
            yield {
                "what": "standing",
                "message": f"{provider}, {service} in {market}, is {now_in_words}; "
                f"it was {standing} and {was}.",
            }
    today = min(now.astimezone(UTC).date(), drop.sale_to).isoformat()
    if today > asked["judged_on"]:
        yield {"what": "day", "message": f"It was judged on {asked['judged_on']}."}
