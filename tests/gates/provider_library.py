"""A small library of rules about providers, written by hand, and vettings to ask it about."""

from functools import lru_cache
from typing import Any

import tiny_library

from governance.gates.pipeline import Gates
from governance.settings import Settings

METRICS = ("on_time_delivery", "loss_damage")
_BOUNDS = "".join(
    f"  {metric}_{bound}: {{of: provider, type: number, minimum: 0, maximum: 1, title: Bound}}\n"
    for metric in METRICS
    for bound in ("low", "high")
)
_SAMPLES = "".join(
    f"  {metric}_sample: {{of: provider, type: integer, minimum: 0, title: Sample}}\n"
    for metric in METRICS
)
_VOCABULARY = f"""\
categories:
  logistics_services: {{title: All services}}
  fulfilment: {{parent: logistics_services, title: Fulfilment}}
  customs_brokerage: {{parent: logistics_services, title: Customs brokerage}}
attributes:
{_BOUNDS}{_SAMPLES}evidence_types:
  performance.on_time_delivery: {{title: Proof of delivery on time}}
  performance.loss_damage: {{title: Proof of little loss}}
  eu.licence.customs_broker: {{title: Customs representative}}
"""


def _rule(identifier: str, effect: str, when: str, more: str = "", category: str = "") -> str:
    return f"""\
  - id: {identifier}
    title: Rule {identifier}
    status: in_force
    from: 2026-01-01
    category: {category or "fulfilment"}
    effect: {effect}
    {f"when: {when}" if when else "note: it always holds"}
    {more or "note: no evidence"}
    source:
      citation: A standard
      url: https://example.org/standard
      rank: vendor
      read_on: 2026-11-01
      certainty: high
    cases: {{fires: [{{}}], silent: [{{}}], undetermined: [{{}}]}}
"""


_PROOF = "evidence: [performance.on_time_delivery]"
_RULES = (
    "rules:\n"
    + _rule("eu.on-time.proven", "require", "{on_time_delivery_low: {lt: 0.9}}", _PROOF)
    + _rule(
        "eu.on-time.breach",
        "review",
        "{on_time_delivery_high: {lt: 0.9}, on_time_delivery_sample: {gte: 11}}",
    )
    + _rule("eu.on-time.grave", "prohibit", "{on_time_delivery_high: {lt: 0.5}}")
    + _rule(
        "eu.loss.proven",
        "require",
        "{loss_damage_high: {gt: 0.06}}",
        "evidence: [performance.loss_damage]",
    )
    + _rule("eu.loss.breach", "review", "{loss_damage_low: {gt: 0.06}}")
    + _rule(
        "eu.broker.licence",
        "require",
        "",
        "evidence: [eu.licence.customs_broker]",
        "customs_brokerage",
    )
    + _rule(
        "eu.broker.proven",
        "require",
        "{on_time_delivery_low: {lt: 0.9}}",
        _PROOF,
        "customs_brokerage",
    )
)
FILES = tiny_library.FILES | {
    "vocabulary/provider.yaml": _VOCABULARY,
    "provider/EU/standards.yaml": _RULES,
}


@lru_cache
def gates(settings: Settings | None = None) -> Gates:
    """The gates over these rules."""
    return tiny_library.tiny_gates(FILES, settings)


GOOD = {"on_time_delivery": (60, 60), "loss_damage": (0, 60)}
NOTHING = {"on_time_delivery": (0, 0), "loss_damage": (0, 0)}


def cell(service: str = "fulfilment", market: str = "DE", **counted: Any) -> dict[str, Any]:
    """A flawless cell; `metric=(successes, trials)` changes a metric, None leaves it out."""
    counts = {name: pair for name, pair in (GOOD | counted).items() if pair is not None}
    return {
        "service": service,
        "market": market,
        "metrics": {name: {"successes": s, "trials": n} for name, (s, n) in counts.items()},
    }


def vetting(standing: str = "provisional", *cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A vetting on 2026-11-23 of a provider that serves these cells, or one flawless cell."""
    return {
        "as_of": "2026-11-23",
        "provider": {"id": "swift", "standing": standing},
        "cells": list(cells) or [cell()],
    } | more


def licence(**more: Any) -> dict[str, Any]:
    """A customs broker's licence of France, a member of the EU, for 2026."""
    return {
        "type": "customs_broker",
        "jurisdiction": "FR",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    } | more


def judged(standing: str = "provisional", *cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The result of such a vetting."""
    return gates().provider.evaluate(vetting(standing, *cells, **more))
