"""The drop policy, whatever the plan: the verdict of its definition, in both engines."""

from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from governance.errors import EngineUnavailable
from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.settings import Settings

PATH = "governance.drop.judgement"
PLAN = "sha256:1"
CELL = {"provider": "p", "service": "s", "market": "DE", "standing": "active", "verdict": "allowed"}
YES = {"verdict": "allowed"}
MARKET: dict[str, Any] = {
    "units": 5,
    "sale": [YES, YES],
    "import_modes": ["a"],
    "import_modes_allowed": ["a"],
    "evidence_ends": [],
    "providers": [CELL],
    "refused_by_lane": [],
    "refused_by_node": [],
    "clearance_open": True,
    "lead_days_p90": 9.5,
    "lead_days_limit": None,
}
NODE: dict[str, Any] = {"node": "p/n", "units": 5, "capacity": 5}
SERVING = ("provisional", "active", "probation", "reinstated")
VERDICTS = st.sampled_from(["allowed", "allowed", "allowed", "unknown", "needs_review"])
CELLS = st.builds(
    lambda name, standing, verdict: CELL | {"provider": name, "standing": standing} | verdict,
    st.sampled_from(["p", "q"]),
    st.sampled_from([*SERVING, "applicant", "suspended"]),
    st.builds(lambda verdict: {"verdict": verdict}, VERDICTS),
)
SOME = st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True)
NONE = st.just([]) | SOME
ODD = st.fixed_dictionaries(
    {},
    optional={
        "units": st.integers(0, 3),
        "sale": st.lists(st.builds(lambda v: {"verdict": v}, VERDICTS), min_size=2, max_size=2),
        "import_modes": SOME,
        "import_modes_allowed": SOME,
        "evidence_ends": NONE,
        "providers": st.lists(CELLS, max_size=2),
        "refused_by_lane": NONE,
        "refused_by_node": NONE,
        "clearance_open": st.booleans(),
        "lead_days_limit": st.sampled_from([None, 9, 9.5, 9.4999, 10]),
    },
)
MARKETS = st.lists(
    st.just(MARKET) | st.builds(lambda odd: MARKET | odd, ODD), min_size=1, max_size=3
) | st.just([])
APPROVALS = st.fixed_dictionaries(
    {
        "independent": st.booleans(),
        "plan": st.sampled_from([PLAN, PLAN, "sha256:2"]),
        "reasons": st.lists(
            st.sampled_from(["review:a", "review:b", "clearance_not_open", "prohibited:a"]),
            max_size=3,
        ),
    }
)
STALE = st.fixed_dictionaries({"what": st.just("document"), "which": st.sampled_from(["a", "b"])})
NODES = st.builds(lambda units: NODE | {"units": units}, st.integers(3, 6))
PLANS = st.fixed_dictionaries(
    {
        "plan": st.just(PLAN),
        "prohibit": st.just([]) | NONE,
        "review": NONE,
        "undetermined": st.just([]) | NONE,
        "uncovered": st.just([]) | NONE,
        "stale": st.just([]) | st.lists(STALE, max_size=2),
        "markets": MARKETS,
        "nodes": st.lists(NODES, max_size=2),
        "approvals": st.lists(APPROVALS, max_size=2),
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=3,
)
SOUND: dict[str, Any] = {
    "plan": PLAN,
    "prohibit": [],
    "review": [],
    "undetermined": [],
    "uncovered": [],
    "stale": [],
    "markets": [MARKET],
    "nodes": [NODE],
    "approvals": [],
}
EACH = hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def own_reasons(market: dict[str, Any]) -> set[str]:
    """What stands against a market, by the definition."""
    limit = market["lead_days_limit"]
    simple = {
        "sale_not_allowed_on_first_day": market["sale"][0] != YES,
        "sale_not_allowed_on_last_day": market["sale"][1] != YES,
        "no_import_mode": not market["import_modes"],
        "no_provider": not market["providers"],
        "clearance_not_open": not market["clearance_open"],
        "lead_time_over_limit": limit is not None and market["lead_days_p90"] > limit,
    }
    found = {code for code, stands in simple.items() if stands}
    for mode in set(market["import_modes"]) - set(market["import_modes_allowed"]):
        found.add(f"import_mode_not_allowed:{mode}")
    for field in ("evidence_ends", "refused_by_lane", "refused_by_node"):
        found |= {f"{field}:{name}" for name in market[field]}
    for cell in market["providers"]:
        if cell["standing"] not in SERVING:
            found.add(f"provider_not_serving:{cell['provider']}")
        if cell["verdict"] != "allowed":
            found.add(f"provider_not_allowed:{cell['provider']}/s/DE")
    return found


def against_plan(plan: dict[str, Any]) -> set[str]:
    """What stands against the plan as a whole and cannot be lifted, by the definition."""
    found = {f"prohibited:{name}" for name in plan["prohibit"]}
    found |= {f"stale:document:{one['which']}" for one in plan["stale"]}
    found |= {f"node_over_capacity:{n['node']}" for n in plan["nodes"] if n["units"] > 5}
    if not plan["markets"]:
        found.add("no_market")
    elif sum(market["units"] for market in plan["markets"]) == 0:
        found.add("no_units")
    return found


def judgement(plan: dict[str, Any]) -> dict[str, Any]:
    """The judgement by the definition."""
    reviewed = {f"review:{name}" for name in plan["review"]}
    approved = {
        code
        for one in plan["approvals"]
        if one["independent"] and one["plan"] == PLAN
        for code in one["reasons"]
        if code in reviewed
    }
    whole = against_plan(plan)
    verdict = "allowed"
    for word, stands in (
        ("needs_facts", plan["undetermined"]),
        ("needs_review", reviewed - approved),
        ("unknown", plan["uncovered"]),
        ("prohibited", whole),
    ):
        verdict = word if stands else verdict
    own = [own_reasons(market) for market in plan["markets"]]
    return {
        "verdict": "prohibited" if any(own) else verdict,
        "reasons": [
            *sorted(whole.union(*own)),
            *(f"not_covered:{name}" for name in plan["uncovered"]),
            *sorted(reviewed - approved),
            *(f"undetermined:{name}" for name in plan["undetermined"]),
        ],
        "approved_reasons": sorted(approved),
        "markets": [
            {"verdict": "prohibited" if found else verdict, "reasons": sorted(found)}
            for found in own
        ],
    }


_OPEN: dict[str, list[PolicyEngine]] = {}


def engines(opa_settings: Settings, policies: dict[str, str]) -> list[PolicyEngine]:
    """Both engines, opened once for all examples."""
    if opa_settings.opa_url not in _OPEN:
        _OPEN[opa_settings.opa_url] = [
            open_policy_engine(policies, "sha256:drops", settings)
            for settings in (Settings(policy_engine="embedded"), opa_settings)
        ]
    return _OPEN[opa_settings.opa_url]


def answer(engine: PolicyEngine, plan: dict[str, Any]) -> Any:
    """The judgement, or None where there is none."""
    try:
        return engine.evaluate(PATH, plan)
    except EngineUnavailable:
        return None


@EACH
@given(plan=PLANS)
def test_judgements_are_those_of_the_definition_in_both_engines(
    opa_settings: Settings, shipped_policies: dict[str, str], plan: dict[str, Any]
) -> None:
    embedded, opa = (e.evaluate(PATH, plan) for e in engines(opa_settings, shipped_policies))
    assert embedded == opa
    assert embedded == judgement(plan)


@EACH
@given(field=st.sampled_from([*MARKET]), value=JSON, lacks=st.booleans())
def test_a_broken_market_is_never_allowed_and_the_engines_agree(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    field: str,
    value: Any,
    lacks: bool,
) -> None:
    broken = {name: had for name, had in MARKET.items() if name != field}
    if not lacks:
        broken[field] = value
    plan = SOUND | {"markets": [MARKET, broken]}
    embedded, opa = (answer(e, plan) for e in engines(opa_settings, shipped_policies))
    assert embedded == opa
    is_number = isinstance(value, int) and not isinstance(value, bool)
    sound = not lacks and (
        value == MARKET[field]
        or (field == "units" and is_number and value >= 0)
        or (field == "lead_days_p90" and is_number)
        or (field == "lead_days_limit" and is_number and value >= 9.5)
        or (field == "import_modes_allowed" and isinstance(value, list) and "a" in value)
    )
    assert (embedded["verdict"] == "allowed") is sound
    assert (embedded["markets"][1]["verdict"] == "allowed") is sound
    assert embedded["markets"][0]["verdict"] == "allowed"


@EACH
@given(field=st.sampled_from([*SOUND]), value=JSON, lacks=st.booleans())
def test_a_broken_plan_is_never_allowed_and_the_engines_agree(
    opa_settings: Settings,
    shipped_policies: dict[str, str],
    field: str,
    value: Any,
    lacks: bool,
) -> None:
    plan = {name: had for name, had in SOUND.items() if name != field}
    if not lacks:
        plan[field] = value
    embedded, opa = (answer(e, plan) for e in engines(opa_settings, shipped_policies))
    assert embedded == opa
    if embedded is None:
        return  # no verdict, and nothing goes live
    harmless = field in ("plan", "approvals") or (field != "markets" and value == [])
    assert (embedded["verdict"] == "allowed") is (harmless and not lacks)
