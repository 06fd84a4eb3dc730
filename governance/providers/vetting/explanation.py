"""Explains a standing: the vetting behind it, cell by cell, and what would change it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Session

from governance.decisions import service as decisions
from governance.gates.pipeline import Gates, Pipeline
from governance.gates.provider_facts import metrics
from governance.providers import registry
from governance.providers.models import StandingChange
from governance.providers.vetting.models import Vetting
from governance.providers.vetting.proof import flawless_needed, metric_of
from governance.providers.vetting.sentences import sentence
from governance.providers.vetting.standing import changes_of, next_standings
from governance.rules.listing import source_json
from governance.rules.model import Library, Rule

Document = dict[str, Any]


def explain(session: Session, pipeline: Pipeline, provider_id: str) -> Document:
    """Where a provider stands and why (see `schemas.StandingOut`). Raises NotFound.

    The latest vetting is spelled out with the rules of the release under which it was judged.
    """
    provider = registry.provider(session, provider_id)
    latest = session.get(Vetting, provider_id)
    return {
        "provider": provider.id,
        "name": provider.name,
        "sample": provider.sample,
        "standing": provider.standing,
        "since": provider.standing_since,
        "steps_lead_to": next_standings(session, provider.standing),
        "vetting_due_since": latest and latest.due_since,
        "vetting": _vetting(session, pipeline, latest),
        "steps": [step(one) for one in changes_of(session, provider_id)],
    }


def step(change: StandingChange) -> Document:
    """A step that was taken (see `schemas.StepOut`)."""
    return {
        "number": change.number,
        "from_standing": change.from_standing,
        "to_standing": change.to_standing,
        "decision_id": change.decision_id,
        "reasons": change.reason.split(", "),
        "touches": change.touches or None,
        "changed_at": change.changed_at,
    }


def spelled_out(library: Library, asked: Mapping[str, Any], result: Mapping[str, Any]) -> Document:
    """A vetting's reasons and cells in sentences, with the rules that were found and their law."""
    counted = {(cell["service"], cell["market"]): cell["metrics"] for cell in asked["cells"]}
    return {
        "as_of": result["as_of"],
        "reasons": [
            {"code": code, "message": sentence(library, code)} for code in result["reasons"]
        ],
        "cells": [
            _cell(library, cell, counted[cell["service"], cell["market"]])
            for cell in result["cells"]
        ],
    }


def _vetting(session: Session, pipeline: Pipeline, latest: Vetting | None) -> Document | None:
    if latest is None or latest.decision_id is None:
        return None
    decision = decisions.get(session, latest.decision_id)
    gates: Gates = pipeline.gates_of(session, decision.release)
    asked, result = json.loads(decision.input), json.loads(decision.result)
    return {
        "decision_id": decision.decision_id,
        "release": decision.release,
        "decided_at": decision.timestamp,
        "confirmed_at": latest.vetted_at,
        **spelled_out(gates.library, asked, result),
    }


def _cell(
    library: Library, cell: Mapping[str, Any], counted: Mapping[str, Mapping[str, int]]
) -> Document:
    found = [(library.rules_by_id[name], state) for name, state in cell["findings"]]
    return {
        "service": cell["service"],
        "market": cell["market"],
        "verdict": cell["verdict"],
        "labels": cell["labels"],
        "why": list(_why(library, cell, found)),
        "lacking_proof": list(_lacking_proof(library, cell, found, counted)),
        "findings": [
            {"rule": rule.id, "title": rule.title, "state": state, "source": source_json(rule)}
            for rule, state in found
        ],
    }


def _why(
    library: Library, cell: Mapping[str, Any], found: list[tuple[Rule, str]]
) -> Iterator[Document]:
    """Sentences on what speaks against the cell, the gravest first."""
    for effect, code in (("prohibit", "prohibited"), ("review", "needs_review")):
        for rule, state in found:
            if state == "fires" and rule.effect == effect:
                yield {"code": code, "message": f"{rule.title}."}
    if cell["verdict"] == "unknown":
        yield {"code": "unknown", "message": "No rules cover this service in this market yet."}
    for doubt in cell["doubts"]:
        yield {"code": "needs_review", "message": sentence(library, doubt)}
    for name in cell["missing_facts"]:
        title = library.vocabulary.attributes[name].title
        yield {"code": "needs_facts", "message": f"Not known: {title}."}
    for name in cell["missing_evidence"]:
        kind = library.vocabulary.evidence_types[name]
        if kind.observed:
            yield {"code": "needs_proof", "message": f"Deliveries do not prove yet: {kind.title}."}
        else:
            yield {"code": "needs_evidence", "message": f"Not held, or run out: {kind.title}."}


def _lacking_proof(
    library: Library,
    cell: Mapping[str, Any],
    found: list[tuple[Rule, str]],
    counted: Mapping[str, Mapping[str, int]],
) -> Iterator[Document]:
    known = metrics(library.vocabulary)
    for rule, state in found:
        observed = any(library.vocabulary.evidence_types[name].observed for name in rule.evidence)
        metric = metric_of(rule, known)
        if state != "fires" or not observed or metric is None or metric not in counted:
            continue
        counts = counted[metric]
        more = flawless_needed(rule, metric, counts["successes"], counts["trials"])
        yield {
            "metric": metric,
            "rule": rule.id,
            "asked": f"{rule.title}.",
            "successes": counts["successes"],
            "trials": counts["trials"],
            "flawless_needed": more,
        }
