"""A small drop that the tiny library can judge, made, planned and judged without a planner."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from governance.db import transaction
from governance.decisions import service as decisions
from governance.drops import registry
from governance.drops.documents import DropDocument
from governance.drops.models import Drop, DropState
from governance.drops.states import take_step

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COVERED = ("DE", "FR", "GB", "IT")
DOCUMENT: dict[str, Any] = {
    "title": "Winter gadgets",
    "creator": {
        "id": "creator-1",
        "established_in": "DE",
        "kind": "creator",
        "tier": "established",
        "attributes": {},
    },
    "currency": "EUR",
    "products": [
        {
            "id": "p-1",
            "title": "A red gadget",
            "category": "gadgets",
            "hs": "850110",
            "origin": "CN",
            "attributes": {"colour": "red", "cells": 0},
            "offer_attributes": {"importer": "seller"},
            "evidence": [
                {"type": "de.register", "valid_from": "2026-01-01", "reference": "R 1"},
            ],
            "price": 2999,
            "unit_cost": 900,
            "salvage": 200,
            "resale": 600,
            "return_cost": 450,
            "weight_grams": 350,
            "share": 0.75,
            "dangerous_goods": "9",
            "ships_from": "CN",
            "duty_rates": {"GB": 2.5},
        },
        {
            "id": "p-2",
            "title": "Paper",
            "category": "paper",
            "price": 999,
            "unit_cost": 300,
            "weight_grams": 100,
            "share": 0.25,
            "ships_from": "DE",
        },
    ],
    "audience": {
        "DE": {"followers": 200_000, "usual_views": 40_000, "engagement_rate": 0.05},
        "FR": {"followers": 50_000},
        "US": {"followers": 10_000},
    },
    "reach": {"p10": 10_000, "p50": 30_000, "p90": 90_000},
    "channel": "live",
    "sale_from": "2026-12-01",
    "sale_to": "2026-12-07",
    "budget": 5_000_000,
    "service_level": {"in_stock": 0.95, "lead_days_p90": 7},
    "markets": ["DE", "FR", "GB"],
    "evidence": [{"type": "eu.declaration", "valid_from": "2026-01-01", "reference": "EU-123456"}],
}
_numbers = count(1)


def document(**changed: Any) -> dict[str, Any]:
    """The small drop's document with these fields changed."""
    return deepcopy(DOCUMENT) | changed


def make(engine: Engine, made_by: str = "key_portal", **changed: Any) -> str:
    """The id of a new draft."""
    read = DropDocument.model_validate(document(**changed))
    with transaction(engine, write=True) as session:
        return registry.create(session, read, covered=COVERED, made_by=made_by, now=NOW).id


def keep_a_plan(session: Session, drop: Drop) -> str:
    """Give the drop a plan that nobody made before; its digest."""
    plan = {"drop": drop.id, "version": drop.version, "number": next(_numbers)}
    digest = f"sha256:{plan['number']:064x}"
    registry.keep_plan(session, drop, plan, digest=digest, made_by="planner", now=NOW)
    return digest


def record_judgement(session: Session, drop: Drop, verdict: str, **changed: Any) -> str:
    """A decision of the drop gate on the plan that holds; or one that is changed so."""
    plan = registry.plan_of(session, drop).digest if drop.plan_id else None
    asked = {"drop": {"id": drop.id}, "plan": plan} | changed.pop("asked", {})
    row: dict[str, Any] = {"gate": "drop", "verdicts": {"": verdict}} | changed
    return decisions.append(
        session,
        path="governance.test",
        release="sha256:test",
        input_json=json.dumps(asked),
        result_json="{}",
        requested_by="test",
        labels={},
        metrics={},
        **row,
    )


VERDICTS = {
    DropState.APPROVED: "allowed",
    DropState.LIVE: "allowed",
    DropState.NEEDS_REVIEW: "needs_review",
    DropState.REJECTED: "prohibited",
    DropState.ON_HOLD: "needs_review",
}
"""What the drop gate says before a step to a state that only it opens."""


def step(engine: Engine, drop_id: str, to: DropState) -> None:
    """Lead a drop a step further, judged as it has to be."""
    with transaction(engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        if to is DropState.PLANNED:
            keep_a_plan(session, drop)
        judged = to in VERDICTS and drop.plan_id is not None
        decision_id = record_judgement(session, drop, VERDICTS[to]) if judged else None
        take_step(session, drop, to, actor="test", reason="so", decision_id=decision_id, now=NOW)


def lead(engine: Engine, drop_id: str, *states: DropState) -> None:
    """Lead a drop through these states."""
    for to in states:
        step(engine, drop_id, to)


def state_of(engine: Engine, drop_id: str) -> DropState:
    with transaction(engine) as session:
        return registry.get(session, drop_id).state
