"""The sale policy, whatever the case: nothing that speaks against a sale is ever passed over."""

from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.settings import Settings

AS_OF = "2026-11-22"
CLEAN = {
    "uncovered": [],
    "low_certainty": [],
    "oldest_research_days": 12,
    "doubts": [],
    "prohibit": [],
    "review": [],
    "undetermined": [],
    "require": [],
}
NAMES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2)
CASES = st.fixed_dictionaries(
    {
        "uncovered": NAMES,
        "low_certainty": NAMES,
        "oldest_research_days": st.integers(-100, 1500),
        "doubts": NAMES,
        "prohibit": NAMES,
        "review": NAMES,
        "undetermined": NAMES,
        "require": NAMES,
    }
)
DAYS = st.dates().map(lambda day: day.isoformat())
EVIDENCE = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["a", "b", "c"]),
            "valid_from": st.sampled_from(["2026-11-21", AS_OF, "2026-11-23"]) | DAYS,
            "valid_to": st.sampled_from([None, "2026-11-21", AS_OF, "2026-11-23"]) | DAYS,
            "reference": st.just("A-1"),
        }
    ),
    max_size=4,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=3,
)


def verdict(case: dict[str, Any], held: set[str]) -> str:
    """The verdict by the definition, gravest first, for a case that is whole."""
    if case["prohibit"]:
        return "prohibited"
    if case["uncovered"]:
        return "unknown"
    old = case["oldest_research_days"] > 730
    if case["review"] or case["low_certainty"] or case["doubts"] or old:
        return "needs_review"
    if case["undetermined"]:
        return "needs_facts"
    return "allowed" if set(case["require"]) <= held else "needs_evidence"


def engines(opa_settings: Settings, policies: dict[str, str]) -> list[PolicyEngine]:
    return [
        open_policy_engine(policies, "sha256:1", settings)
        for settings in (Settings(policy_engine="embedded"), opa_settings)
    ]


EACH = hypothesis_settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@EACH
@given(cases=st.lists(CASES, max_size=5), evidence=EVIDENCE)
def test_verdicts_are_those_of_the_definition_in_both_engines(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    cases: list[dict[str, Any]],
    evidence: list[dict[str, Any]],
) -> None:
    held = {
        one["type"]
        for one in evidence
        if one["valid_from"] <= AS_OF and (one["valid_to"] is None or one["valid_to"] >= AS_OF)
    }
    document = {"as_of": AS_OF, "evidence": evidence, "cases": cases}
    expected = {
        "verdicts": [verdict(case, held) for case in cases],
        "held": sorted(held),
        "oldest_research_allowed": 730,
    }
    for engine in engines(opa_settings, shipped_policies):
        assert engine.evaluate("governance.sale.judgement", document) == expected


@EACH
@given(cases=st.lists(CASES, min_size=1, max_size=5), evidence=EVIDENCE)
def test_a_case_is_judged_alike_alone_and_beside_others(
    shipped_policies: dict[str, str], cases: list[dict[str, Any]], evidence: list[dict[str, Any]]
) -> None:
    """By itself and by the papers that it asks for: so a judged case can be remembered."""
    engine = open_policy_engine(shipped_policies, "sha256:1", Settings(policy_engine="embedded"))
    path, document = "governance.sale.judgement", {"as_of": AS_OF, "evidence": evidence}
    together = engine.evaluate(path, document | {"cases": cases})
    for case, verdict_beside_others in zip(cases, together["verdicts"], strict=True):
        papers = [
            {name: held[name] for name in ("type", "valid_from", "valid_to")}
            for held in evidence
            if held["type"] in case["require"]
        ]
        alone = engine.evaluate(path, {"as_of": AS_OF, "evidence": papers, "cases": [case]})
        assert alone["verdicts"] == [verdict_beside_others]
        assert set(alone["held"]) == set(together["held"]) & set(case["require"])


@EACH
@given(field=st.sampled_from(sorted(CLEAN)), value=JSON, lacks=st.booleans())
def test_case_with_a_broken_field_is_never_allowed_and_the_engines_agree(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    field: str,
    value: Any,
    lacks: bool,
) -> None:
    case = {name: had for name, had in CLEAN.items() if name != field}
    if not lacks:
        case[field] = value
    document = {"as_of": AS_OF, "evidence": [], "cases": [case]}
    embedded, opa = (
        engine.evaluate("governance.sale.judgement", document)
        for engine in engines(opa_settings, shipped_policies)
    )
    assert embedded == opa
    if lacks or not _is_clean(field, value):
        assert embedded["verdicts"] != ["allowed"]


def _is_clean(field: str, value: Any) -> bool:
    if field == "oldest_research_days":
        return isinstance(value, int) and not isinstance(value, bool) and value <= 730
    return bool(value == [])
