"""Recorded decisions are judged alike by both policy engines, and replayed to the byte."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import SOAK, Opa, Service, served
from sqlmodel import Session

from governance.access.caller import Caller
from governance.db import transaction
from governance.decisions.models import Decision
from governance.eligibility import service as eligibility
from governance.eligibility.schemas import EligibilityRequest
from governance.gates.pipeline import canonical, open_pipeline
from governance.gates.sale import VERDICTS
from governance.rules.model import Library
from governance.rules.vocabulary import Attribute
from governance.settings import Settings

REQUESTS = 5_000 if SOAK else 1_000
DAYS = ("2024-02-29", "2026-11-22", "2027-01-01", "2028-12-01")
COUNTRIES = ("US", "CN", "DE", "GB", "BR")


def value(attribute: Attribute, chance: random.Random) -> Any:
    """A value that the attribute can have."""
    low = 0 if attribute.minimum is None else int(attribute.minimum)
    match attribute.type:
        case "boolean":
            return chance.random() < 0.3
        case "integer":
            return low + chance.choice([0, 1, 5, 36, 144, 10**6])
        case "number":
            high = 10**6 if attribute.maximum is None else attribute.maximum
            return min(high, low + chance.choice([0, 0.00001, 0.5, 1, 4.75, 24, 100.5]))
        case "choice":
            return chance.choice(attribute.values)
        case "set":
            return chance.sample(attribute.values, chance.randint(0, min(3, len(attribute.values))))
        case "country":
            return chance.choice(COUNTRIES)
        case "date":
            return chance.choice(DAYS)
        case "hs_code":
            return chance.choice(["330410", "611020", "851822", "950300", "2404120000", "010121"])
    return chance.choice(["x", "", "Ünïcode ☃", 'quote " and \\'])


def request(library: Library, chance: random.Random) -> dict[str, Any]:
    """A valid request about a generated product."""
    category = chance.choice(list(library.vocabulary.goods))
    lineage = set(library.vocabulary.lineage(category))
    looked_at = {
        name
        for rule in [*library.classification, *library.rules["sale"]]
        if not lineage.isdisjoint(rule.categories)
        for name in rule.attributes
    }
    declared = chance.choice([0.5, 0.9, 1.0, 1.0])
    parts: dict[str, dict[str, Any]] = {
        "seller": {"id": "s", "attributes": {}},
        "product": {"id": "p", "category": category, "attributes": {}},
        "offer": {"attributes": {}},
    }
    own = {"seller": ("established_in", "kind"), "product": ("hs", "origin")}
    own["offer"] = tuple(library.vocabulary.attributes[n].name for n in _OFFER)
    for name, attribute in library.vocabulary.attributes.items():
        if name not in looked_at or name == "import_mode" or chance.random() > declared:
            continue
        part = parts[attribute.of]
        place = part if name in own[attribute.of] else part["attributes"]
        place[name] = value(attribute, chance)
    types = [t for t in library.vocabulary.papers.values() if t.reference_pattern is None]
    evidence = [
        {
            "type": held.name,
            "valid_from": chance.choice(["2024-01-01", "2026-11-22"]),
            "valid_to": chance.choice([None, "2026-11-22", "2027-06-30"]),
            "reference": "R-1",
        }
        for held in types
        if chance.random() < chance.choice([0.0, 0.5, 1.0])
    ]
    markets = chance.choice(["all", chance.sample(library.covered_markets, 3), ["NO", "FR", "CN"]])
    return parts | {"as_of": chance.choice(DAYS), "markets": markets, "evidence": evidence[:200]}


_OFFER = (
    "units_per_consignment",
    "shipped_by",
    "importer",
    "stock_located_in_market",
    "first_placed_on_market",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service over the shipped rulesets with generated requests on its record."""
    chance = random.Random(20261122)
    with served(Settings(data_dir=tmp_path_factory.mktemp("recorded"))) as service:
        with transaction(service.engine) as session:
            caller = Caller("generated", "portal", service.pipeline.gates(session))
        library = caller.gates.library
        for _ in range(REQUESTS):
            asked = EligibilityRequest.model_validate(request(library, chance))
            eligibility.check(service.pipeline, asked, caller)
        yield service


def replays(service: Service, settings: Settings) -> Iterator[tuple[Decision, str]]:
    """Every sale decision with the result that an engine gives it now."""
    pipeline = open_pipeline(settings)
    with transaction(pipeline.engine) as session:
        for decision in service.decisions():
            if decision.gate == "sale":
                yield decision, _again(pipeline, session, decision)
    pipeline.engine.dispose()


def _again(pipeline, session: Session, decision: Decision) -> str:
    gates = pipeline.gates_of(session, decision.release)
    return canonical(gates.evaluate("sale", json.loads(decision.input)).result)


def test_the_generated_requests_reach_every_verdict(recorded: Service) -> None:
    reached = {
        mode["verdict"]
        for decision in recorded.decisions()
        for market in json.loads(decision.result)["markets"]
        for mode in market["import_modes"]
    }
    assert reached == set(VERDICTS)


@pytest.mark.soak
def test_the_embedded_engine_replays_every_decision_to_the_byte(recorded: Service) -> None:
    found = list(replays(recorded, recorded.settings))
    assert len(found) == REQUESTS
    assert [d.decision_id for d, result in found if result != d.result] == []


@pytest.mark.soak
def test_an_opa_server_judges_every_recorded_input_alike(recorded: Service, opa: Opa) -> None:
    by_opa = {"policy_engine": "opa", "opa_url": opa.url, "opa_timeout_seconds": 10}
    found = list(replays(recorded, recorded.settings.model_copy(update=by_opa)))
    assert len(found) == REQUESTS
    assert [d.decision_id for d, result in found if result != d.result] == []


def test_what_an_opa_server_decided_is_replayed_by_the_embedded_engine(
    tmp_path: Path, opa: Opa
) -> None:
    chance = random.Random(7)
    by_opa = Settings(
        data_dir=tmp_path, policy_engine="opa", opa_url=opa.url, opa_timeout_seconds=10
    )
    with served(by_opa) as service:  # replays by the embedded engine at its end
        with transaction(service.engine) as session:
            library = service.pipeline.gates(session).library
        for _ in range(50):
            answer = service.ask(request(library, chance))
            assert answer.status_code == 200, answer.text
        assert len(service.decisions()) == 50


def test_a_false_replay_is_told(recorded: Service, tmp_path: Path) -> None:
    """The check above can fail: another day of sale gives another result."""
    decision = recorded.decisions()[0]
    changed = json.loads(decision.input) | {"as_of": "2029-01-01"}
    with transaction(recorded.engine) as session:
        gates = recorded.pipeline.gates(session)
    assert canonical(gates.evaluate("sale", changed).result) != decision.result
