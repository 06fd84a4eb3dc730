"""What the tests of statements of reasons share: sellers in the EU, and what they are owed."""

import json
from typing import Any

from serving import Service
from tiny_library import ask

from governance.audit.statements.schemas import Statement
from governance.audit.statements.statements import statements
from governance.db import transaction
from governance.decisions.models import Decision

IN_THE_EU = {"id": "lena.mueller@example.eu", "established_in": "DE", "kind": "creator"}
PERSONAL = ("lena.mueller@example.eu", "sku-lena-1", "Lena's signature", "PAPER-LENA-7781")


def drop(*markets: str, category: str = "nicotine", **changes: Any) -> dict[str, Any]:
    """A request of a creator in Germany against the shipped rulesets, with personal values."""
    return {
        "as_of": "2026-11-23",
        "seller": changes.get("seller", IN_THE_EU),
        "product": {
            "id": "sku-lena-1",
            "title": "Lena's signature",
            "category": category,
            "attributes": changes.get("attributes", {"nicotine_product": "disposable_vape"}),
        },
        "markets": list(markets) or "all",
        "evidence": [
            {
                "type": "eu.responsible_person",
                "valid_from": "2026-01-01",
                "valid_to": None,
                "reference": "PAPER-LENA-7781",
            }
        ],
    }


def gadget(*markets: str, **changes: Any) -> dict[str, Any]:
    """A request of a creator in Germany against the tiny library; see `tiny_library.ask`."""
    return ask(*markets, **({"seller": {"established_in": "DE"}} | changes))


def decided(service: Service, request: dict[str, Any]) -> Decision:
    """The decision that the request leads to, as it is on the record."""
    answer = service.ask(request)
    assert answer.status_code == 200, answer.text
    found = [d for d in service.decisions() if d.decision_id == answer.json()["decision_id"]]
    return found[0]


def owed(service: Service, decision: Decision, **changed: Any) -> list[Statement]:
    """The statements for a decision, under settings that differ as told."""
    with transaction(service.engine) as session:
        library = service.pipeline.gates_of(session, decision.release).library
    return statements(decision, library, service.settings.model_copy(update=changed))


def asked_and_owed(service: Service, request: dict[str, Any]) -> list[Statement]:
    return owed(service, decided(service, request))


def refused_places(decision: Decision) -> list[str]:
    """Every place of the recorded result that is not allowed."""
    markets = json.loads(decision.result)["markets"]
    places = [(market["market"], market["verdict"]) for market in markets]
    places += [(r["region"], r["verdict"]) for market in markets for r in market["regions"]]
    return sorted(place for place, verdict in places if verdict != "allowed")
