"""Plans of drops to ask the drop gate about, over the shipped rulesets and policies."""

import random
from functools import lru_cache
from typing import Any

from governance.gates.pipeline import Gates
from governance.releases.content import read_tree
from governance.releases.loaded import load_release
from governance.settings import Settings

PLAN = "sha256:" + "a" * 64
FIRST, LAST = "2026-12-01", "2026-12-14"
FACTS = {
    "exposure_usd": 10_000,
    "budget_share": 0.5,
    "creator_tier": "new",
    "creator_past_drops": 3,
    "history_days": 90,
    "orders_spread": 3.5,
    "unplaced_share": 0.0,
    "engagement_rate": 0.04,
    "made_up_data": False,
    "exchange_rates_days": 1,
    "plan_hours": 2,
    "lead_days_p90": 9.5,
    "low_certainty_clearance": False,
}
EVIDENCE = ("eu.responsible_person", "us.fcc_sdoc")


def gates_by(**engine: Any) -> Gates:
    settings = Settings(**engine)
    return Gates(load_release(read_tree(settings.rulesets_dir, settings.policies_dir), settings))


@lru_cache
def shipped() -> Gates:
    """The gates over what is shipped, judging in this process."""
    return gates_by(policy_engine="embedded")


def cell(provider: str = "swift", service: str = "last_mile", **more: Any) -> dict[str, Any]:
    served = {"provider": provider, "service": service, "market": "DE"}
    return served | {"standing": "active", "verdict": "allowed"} | more


def market(code: str = "DE", product: str = "shirt", **more: Any) -> dict[str, Any]:
    """A product in a market, with nothing against it."""
    return {
        "market": code,
        "product": product,
        "units": 100,
        "sale": [sale(FIRST), sale(LAST)],
        "import_modes": ["commercial"],
        "import_modes_allowed": ["commercial"],
        "evidence_ends": [],
        "providers": [cell(market=code)],
        "refused_by_lane": [],
        "refused_by_node": [],
        "clearance_open": True,
        "lead_days_p90": 9.5,
        "lead_days_limit": None,
    } | more


def sale(day: str, verdict: str = "allowed") -> dict[str, Any]:
    return {"as_of": day, "verdict": verdict, "decision_id": f"dec_{day}"}


def node(name: str = "swift/berlin", **more: Any) -> dict[str, Any]:
    return {"node": name, "units": 100, "capacity": 500} | more


def approval(*codes: str, **more: Any) -> dict[str, Any]:
    """An approval that counts: of this plan, and independent."""
    given = {"approver": "key_reviewer", "independent": True, "plan": PLAN}
    return given | {"reasons": list(codes)} | more


def plan(
    *markets: dict[str, Any], facts: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A plan that is allowed, but for what is given; a fact that is None is left out."""
    known = {name: v for name, v in (FACTS | (facts or {})).items() if v is not None}
    drop = {"id": "drp_1", "creator": "c-1", "title": "Shirts", "tier": "new"}
    return {
        "as_of": FIRST,
        "judged_on": "2026-11-23",
        "plan": PLAN,
        "drop": drop | {"tier": known.get("creator_tier", "new")},
        "facts": known,
        "stale": [],
        "markets": list(markets) or [market()],
        "nodes": [node()],
        "approvals": [],
    } | more


def judged(*markets: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The result for such a plan."""
    return shipped().drop.evaluate(plan(*markets, **more))


def generated(chance: random.Random) -> dict[str, Any]:
    """A valid request, with or without anything against it."""
    trouble = chance.choice([0.0, 0.0, 0.03, 0.1, 0.3])

    def odd(usual: Any, *others: Any) -> Any:
        return chance.choice(others) if chance.random() < trouble else usual

    verdicts = ("prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence")
    standings = ("applicant", "provisional", "probation", "suspended", "reinstated", "delisted")
    markets = [
        market(
            code,
            product,
            units=odd(chance.randint(1, 500), 0),
            sale=[sale(FIRST, odd("allowed", *verdicts)), sale(LAST, odd("allowed", *verdicts))],
            import_modes=odd(["commercial"], [], ["commercial", "personal_parcel"]),
            import_modes_allowed=odd(["commercial"], [], ["personal_parcel"]),
            evidence_ends=odd([], *([one] for one in EVIDENCE)),
            providers=odd(
                [
                    cell(
                        name,
                        chance.choice(["last_mile", "fulfilment"]),
                        market=code,
                        standing=odd("active", *standings),
                        verdict=odd("allowed", *verdicts),
                    )
                    for name in chance.sample(["swift", "grand", "snail"], chance.randint(1, 2))
                ],
                [],
            ),
            refused_by_lane=odd([], ["swift/air"], ["grand/sea"]),
            refused_by_node=odd([], ["swift/berlin"]),
            clearance_open=odd(True, False),
            lead_days_p90=chance.choice([3, 9.5, 20.25]),
            lead_days_limit=odd(None, 9.5, 20.25, 5.0),
        )
        for code in chance.sample(["DE", "FR", "JP", "US"], odd(chance.randint(1, 4), 0))
        for product in chance.sample(["shirt", "mug"], chance.randint(1, 2))
    ]
    facts = FACTS | {
        "creator_tier": chance.choice(["new", "established", "star"]),
        "exposure_usd": odd(20_000, 30_000, 300_000, 3_000_000, 30_000_000),
        "budget_share": odd(0.5, 0.98, 1.0),
        "creator_past_drops": odd(3, 0),
        "history_days": odd(90, 731),
        "orders_spread": odd(3.25, 8, 9.5),
        "unplaced_share": odd(0, 0.2),
        "engagement_rate": odd(0.04, 0.001, 0.5),
        "made_up_data": odd(False, True),
        "exchange_rates_days": odd(1, 3, 8),
        "plan_hours": odd(2, 400, 2000),
        "lead_days_p90": odd(9.5, 31),
        "low_certainty_clearance": odd(False, True),
    }
    known = {name: value for name, value in facts.items() if odd(True, False, True, True)}
    codes = [f"review:{rule.id}" for rule in shipped().library.rules["drop"]]
    return plan(
        *markets,
        facts=dict.fromkeys(facts) | known,
        as_of=FIRST,
        stale=[
            {"what": chance.choice(["release", "document", "standing"]), "which": "it"}
            for _ in range(odd(0, 1, 2))
        ],
        nodes=[node(units=odd(100, 500, 501)), node("grand/lyon", capacity=odd(100, 99))],
        approvals=[
            approval(
                *(codes if chance.random() < 0.7 else chance.sample(codes, 3)),
                independent=chance.random() < 0.8,
                plan=chance.choice([PLAN, PLAN, "sha256:other"]),
            )
            for _ in range(chance.choice([0, 0, 1, 2]))
        ],
    ) | ({} if markets else {"markets": []})
