"""Plans of drops over the shipped rulesets: both engines judge alike, to the byte."""

import random

from drop_requests import gates_by, generated, shipped
from serving import SOAK, Opa

from governance.gates.pipeline import canonical

PLANS = 5_000 if SOAK else 300


def test_the_engines_give_the_same_result_to_the_byte(opa: Opa) -> None:
    by_opa = gates_by(policy_engine="opa", opa_url=opa.url, opa_timeout_seconds=10)
    chance = random.Random(20261123)
    verdicts = set()
    for _ in range(PLANS):
        asked = generated(chance)
        result = shipped().drop.evaluate(asked)
        assert canonical(by_opa.drop.evaluate(asked)) == canonical(result)
        verdicts.add(result["verdict"])
    assert verdicts == {"prohibited", "needs_review", "needs_facts", "allowed"}
