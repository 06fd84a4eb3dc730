"""The audit policy decides who is shown what; whatever it does not answer well shows nothing."""

import json
from typing import Any

import pytest
from tiny_library import tiny_gates

from governance.audit.masks import disclosure, event_pointer, masked_fields, retain_days
from governance.decisions.personal import put_back, take_out
from governance.errors import EngineUnavailable
from governance.gates import filing
from governance.gates.filing import BY_GATE as GATES
from governance.gates.pipeline import Gates
from governance.rego.engine import open_policy_engine
from governance.releases.loaded import LoadedRelease
from governance.settings import Settings

FIELDS = filing.SALE.personal.fields
POLICY = """package governance.audit

masks := {masks}

retention := {retention}
"""
REQUEST = {
    "seller": {"id": "s-1"},
    "product": {"id": "p-1", "title": None},
    "evidence": [{"reference": "R-1"}, {"reference": None}, {"reference": "R-3"}],
}


@pytest.fixture(scope="module")
def gates() -> Gates:
    return tiny_gates()


def gates_under(gates: Gates, masks: Any = None, retention: Any = None) -> Gates:
    """The same gates under an audit policy that always gives these answers."""
    text = POLICY.format(masks=json.dumps(masks), retention=json.dumps(retention))
    engine = open_policy_engine({"audit/policy.rego": text}, "sha256:odd", Settings())
    return Gates(LoadedRelease("sha256:odd", gates.library, engine))


@pytest.mark.parametrize(
    ("role", "purpose", "masked"),
    [
        ("portal", "read", []),
        ("reviewer", "read", ["/evidence/*/reference"]),
        ("auditor", "read", ["/evidence/*/reference"]),
        ("admin", "read", []),
        ("auditor", "export", ["/seller/id", "/evidence/*/reference"]),
        ("admin", "export", ["/evidence/*/reference"]),
        ("portal", "export", list(FIELDS)),
        ("anonymous", "read", list(FIELDS)),
        ("", "export", list(FIELDS)),
    ],
)
def test_each_role_is_shown_what_the_policy_lists(
    gates: Gates, role: str, purpose: Any, masked: list[str]
) -> None:
    assert masked_fields(gates, "key_1", role, purpose, "sale") == masked


def test_nothing_is_masked_where_nothing_is_personal(gates: Gates) -> None:
    for gate in [name for name, filed in GATES.items() if filed.personal is None]:
        assert masked_fields(gates, "key_1", "anonymous", "read", gate) == []


@pytest.mark.parametrize(
    "answer",
    [None, [], "", {}, {"masked": None}, {"masked": "/seller/id"}, {"masked": {"/seller/id": 1}},
     {"masked": [1]}, {"masked": [None]}, {"masked": [["/seller/id"]]}, {"masked": ["/offer"]},
     {"masked": ["/seller/id", "/input/seller/id"]}, {"withheld": []}],
)  # fmt: skip
def test_an_answer_that_is_none_masks_by_failing(gates: Gates, answer: Any) -> None:
    with pytest.raises(EngineUnavailable):
        masked_fields(gates_under(gates, masks=answer), "key_1", "admin", "read", "sale")


def test_masked_fields_come_in_the_order_of_the_gate_and_once(gates: Gates) -> None:
    odd = gates_under(gates, masks={"masked": [FIELDS[2], FIELDS[0], FIELDS[2]]})
    assert masked_fields(odd, "key_1", "admin", "read", "sale") == [FIELDS[0], FIELDS[2]]


def test_a_release_without_an_audit_policy_shows_nothing_personal(gates: Gates) -> None:
    engine = open_policy_engine({"x/policy.rego": "package x\n\na := 1\n"}, "sha256:x", Settings())
    bare = Gates(LoadedRelease("sha256:x", gates.library, engine))
    with pytest.raises(EngineUnavailable):
        masked_fields(bare, "key_1", "admin", "read", "sale")
    with pytest.raises(EngineUnavailable):
        retain_days(bare, "sale")


def test_every_gate_has_a_retention(gates: Gates) -> None:
    assert {gate: retain_days(gates, gate) for gate in GATES} == dict.fromkeys(GATES, 1826)


@pytest.mark.parametrize("days", [0, -1, 36_526, 1.5, True, "1826", None, [1826]])
def test_a_retention_that_is_no_number_of_days_erases_nothing(gates: Gates, days: Any) -> None:
    with pytest.raises(EngineUnavailable):
        retain_days(gates_under(gates, retention={"retain_days": days}), "sale")
    with pytest.raises(EngineUnavailable):
        retain_days(gates_under(gates, retention=days), "sale")


def test_what_is_shown_masked_and_erased_is_all_that_was_committed_to() -> None:
    recorded, personal = take_out(REQUEST, filing.SALE.personal)
    seen = disclosure(recorded, personal.opened, FIELDS, ["/evidence/*/reference"])
    assert list(seen.opened) == ["/input/seller/id", "/input/product/id"]
    assert seen.masked == ["/input/evidence/0/reference", "/input/evidence/2/reference"]
    assert seen.erased == []
    event = put_back({"input": recorded}, seen.opened)
    assert event["input"]["seller"] == REQUEST["seller"]
    assert event["input"]["evidence"] == recorded["evidence"]


def test_what_is_erased_is_not_masked() -> None:
    recorded, _ = take_out(REQUEST, filing.SALE.personal)
    seen = disclosure(recorded, {}, FIELDS, FIELDS)
    assert seen.opened == {}
    assert seen.masked == []
    assert seen.erased == [
        "/input/seller/id",
        "/input/product/id",
        "/input/evidence/0/reference",
        "/input/evidence/2/reference",
    ]


def test_a_value_that_is_no_longer_counted_as_personal_is_withheld() -> None:
    recorded, personal = take_out(REQUEST, filing.SALE.personal)
    seen = disclosure(recorded, personal.opened, ["/seller/id"], [])
    assert list(seen.opened) == ["/input/seller/id"]
    assert "/input/product/id" in seen.masked


def test_a_pattern_is_placed_in_the_event_like_a_pointer() -> None:
    assert event_pointer("/evidence/*/reference") == "/input/evidence/*/reference"
