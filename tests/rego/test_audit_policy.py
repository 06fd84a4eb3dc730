"""The audit policy in both engines: alike, whatever they are asked, and nothing shown by chance."""

from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from governance.errors import EngineUnavailable
from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.settings import Settings

FIELDS = ["/seller/id", "/product/id", "/product/title", "/evidence/*/reference"]
SHOWN = {
    ("portal", "read"): FIELDS,
    ("reviewer", "read"): FIELDS[:3],
    ("auditor", "read"): FIELDS[:3],
    ("admin", "read"): FIELDS,
    ("auditor", "export"): FIELDS[1:3],
    ("admin", "export"): FIELDS[:3],
}
ROLES = st.sampled_from(["portal", "reviewer", "auditor", "admin", "anonymous", "owner"])
PURPOSES = st.sampled_from(["read", "export", "print"])
GATES = st.sampled_from(["sale", "access", "erasure", "drop"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.sampled_from(["sale", "read", "admin"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("id"), inner, max_size=1),
    max_leaves=3,
)
EACH = hypothesis_settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def answers(
    opa_settings: Settings, policies: dict[str, str], rule: str, document: dict[str, Any]
) -> list[Any]:
    """What each engine answers; None where it answers nothing."""
    embedded = Settings(policy_engine="embedded")
    return [
        _answer(open_policy_engine(policies, "sha256:1", settings), rule, document)
        for settings in (embedded, opa_settings)
    ]


def _answer(engine: PolicyEngine, rule: str, document: dict[str, Any]) -> Any:
    try:
        return engine.evaluate(f"governance.audit.{rule}", document)
    except EngineUnavailable:
        return None


@EACH
@given(role=ROLES, purpose=PURPOSES, gate=GATES, fields=st.permutations([*FIELDS, "/seller/name"]))
def test_masks_are_those_of_the_table_in_both_engines(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    role: str,
    purpose: str,
    gate: str,
    fields: list[str],
) -> None:
    caller = {"id": "key_1", "role": role}
    document = {"caller": caller, "purpose": purpose, "gate": gate, "fields": fields}
    shown = SHOWN.get((role, purpose), []) if gate == "sale" else []
    expected = {"masked": [field for field in fields if field not in shown]}
    assert answers(opa_settings, shipped_policies, "masks", document) == [expected, expected]


@EACH
@given(
    part=st.sampled_from(["caller", "purpose", "gate", "fields"]), value=JSON, lacks=st.booleans()
)
def test_a_broken_question_is_answered_alike_and_shows_nothing_more(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    part: str,
    value: Any,
    lacks: bool,
) -> None:
    caller = {"id": "key_1", "role": "admin"}
    document = {"caller": caller, "purpose": "export", "gate": "sale", "fields": FIELDS}
    document = {name: had for name, had in document.items() if name != part}
    if not lacks:
        document[part] = value
    embedded, opa = answers(opa_settings, shipped_policies, "masks", document)
    assert embedded == opa
    if document.get("fields") == FIELDS and embedded is not None:
        meant = {"purpose": ("read", "export"), "gate": ("sale",)}.get(part, ())
        assert embedded["masked"] == FIELDS or value in meant


@EACH
@given(gate=st.one_of(GATES, JSON), lacks=st.booleans())
def test_retention_is_answered_alike(
    opa_settings: Settings, shipped_policies: dict[str, str], gate: Any, lacks: bool
) -> None:
    document = {} if lacks else {"gate": gate}
    expected = {"retain_days": 1826} if not lacks and isinstance(gate, str) else None
    assert answers(opa_settings, shipped_policies, "retention", document) == [expected] * 2
