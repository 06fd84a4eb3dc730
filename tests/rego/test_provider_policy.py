"""The provider policy, whatever the vetting: no step without proof, none outside the table."""

from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from governance.migrations.versions.v0003_providers import _STEPS as STEPS
from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.settings import Settings

PATH = "governance.provider.judgement"
AS_OF = "2026-11-23"
FIELDS = ("uncovered", "doubts", "prohibit", "review", "undetermined", "licences", "proofs")
CLEAN: dict[str, Any] = {field: [] for field in FIELDS}
BETTER = {
    "provisional": ("applicant",),
    "active": ("provisional", "probation", "reinstated"),
    "reinstated": ("suspended",),
}
NAMES = st.just([]) | st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True)
ONLY_ONE = st.sampled_from(FIELDS).map(lambda field: CLEAN | {field: ["a"]})
CELLS = st.lists(
    st.just(CLEAN) | ONLY_ONE | st.fixed_dictionaries(dict.fromkeys(FIELDS, NAMES)), max_size=3
)
DAYS = st.sampled_from(["2026-11-22", AS_OF, "2026-11-24"])
LICENCES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["a", "b"]), "valid_from": DAYS, "valid_to": st.none() | DAYS}
    ),
    max_size=3,
)
VETTINGS = st.fixed_dictionaries(
    {
        "as_of": st.just(AS_OF),
        "standing": st.sampled_from([*STEPS, "delisted"]),
        "licences": LICENCES,
        "open_incidents": st.just([]) | st.lists(st.sampled_from(["minor", "grave"]), max_size=2),
        "reinstatement_requested": st.booleans(),
        "delisting_requested": st.booleans(),
        "cells": CELLS,
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=3,
)
EACH = hypothesis_settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def held(vetting: dict[str, Any]) -> set[str]:
    return {
        one["type"]
        for one in vetting["licences"]
        if one["valid_from"] <= AS_OF and (one["valid_to"] is None or one["valid_to"] >= AS_OF)
    }


def verdict(cell: dict[str, Any], licences: set[str]) -> str:
    """The verdict by the definition, gravest first."""
    if cell["prohibit"]:
        return "prohibited"
    if cell["uncovered"]:
        return "unknown"
    if cell["review"] or cell["doubts"]:
        return "needs_review"
    if cell["undetermined"]:
        return "needs_facts"
    return "needs_evidence" if cell["proofs"] or set(cell["licences"]) - licences else "allowed"


def standing(vetting: dict[str, Any]) -> str:
    """The standing by the definition: the gravest step that is called for and exists."""
    licences, cells, now = held(vetting), vetting["cells"], vetting["standing"]
    lacking = any(set(cell["licences"]) - licences for cell in cells)
    grave = lacking or "grave" in vetting["open_incidents"] or any(c["prohibit"] for c in cells)
    covered = any(not cell["uncovered"] for cell in cells)
    known = covered and not any(cell["undetermined"] for cell in cells)
    in_order = (
        not vetting["open_incidents"]
        and known
        and not grave
        and not any(cell["review"] or cell["doubts"] for cell in cells)
    )
    called_for = {
        "delisted": vetting["delisting_requested"],
        "suspended": grave,
        "probation": any(cell["review"] for cell in cells),
        "active": in_order and any(verdict(c, licences) == "allowed" for c in cells),
        "provisional": in_order,
        "reinstated": vetting["reinstatement_requested"] and known and not grave,
    }
    wanted = [word for word, called in called_for.items() if called and word in STEPS.get(now, ())]
    return wanted[0] if wanted else now


def engines(opa_settings: Settings, policies: dict[str, str]) -> list[PolicyEngine]:
    return [
        open_policy_engine(policies, "sha256:1", settings)
        for settings in (Settings(policy_engine="embedded"), opa_settings)
    ]


def test_the_steps_are_those_of_the_registry(
    opa_settings: Settings, shipped_policies: dict[str, str]
) -> None:
    for engine in engines(opa_settings, shipped_policies):
        steps = engine.evaluate("governance.provider.steps", {})
        assert steps == {start: sorted(ends) for start, ends in STEPS.items()} | {"delisted": []}


@EACH
@given(vetting=VETTINGS)
def test_judgements_are_those_of_the_definition_in_both_engines(
    opa_settings: Settings, shipped_policies: dict[str, str], vetting: dict[str, Any]
) -> None:
    embedded, opa = (e.evaluate(PATH, vetting) for e in engines(opa_settings, shipped_policies))
    assert embedded == opa
    assert embedded["held"] == sorted(held(vetting))
    assert embedded["verdicts"] == [verdict(cell, held(vetting)) for cell in vetting["cells"]]
    assert embedded["standing"] == standing(vetting)


@EACH
@given(
    field=st.sampled_from(FIELDS), value=JSON, lacks=st.booleans(), now=st.sampled_from([*STEPS])
)
def test_a_broken_cell_never_betters_a_standing_and_the_engines_agree(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    field: str,
    value: Any,
    lacks: bool,
    now: str,
) -> None:
    cell = {name: had for name, had in CLEAN.items() if name != field}
    if not lacks:
        cell[field] = value
    vetting = {
        "as_of": AS_OF,
        "standing": now,
        "licences": [],
        "open_incidents": [],
        "reinstatement_requested": True,
        "delisting_requested": False,
        "cells": [CLEAN, cell],
    }
    embedded, opa = (e.evaluate(PATH, vetting) for e in engines(opa_settings, shipped_policies))
    assert embedded == opa
    if lacks:
        assert embedded["verdicts"] == ["allowed"]
    if lacks or value != []:
        assert embedded["verdicts"] != ["allowed", "allowed"]
        # that nothing covers a cell, or that proof lacks there, takes nothing from the clean one
        sound = not lacks and isinstance(value, list) and field in ("uncovered", "proofs")
        assert embedded["standing"] != "active" or now == "active" or sound
    if lacks:
        assert now not in BETTER.get(embedded["standing"], ())
