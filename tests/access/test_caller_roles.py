"""Every endpoint by every role: what the access policy opens, and that nothing else is open."""

import json

from fastapi.routing import APIRoute
from serving import Service, wait_until
from tiny_drop import document, keep_a_plan
from tiny_library import ask

from governance.app import create_app
from governance.db import transaction
from governance.drops import registry

EVERYONE = {"portal", "reviewer", "auditor", "admin"}
READERS = {"reviewer", "auditor", "admin"}
EXPORTERS = {"auditor", "admin"}
ASKERS = {"portal", "reviewer", "admin"}
WRITERS = {"reviewer", "admin"}
PROVIDER = {
    "id": "acme",
    "name": "Acme",
    "services": [{"service": "last_mile", "markets": ["DE"]}],
}
PAST_DROP = {
    "drop": "d-1",
    "creator": "c-1",
    "category": "toys",
    "launched_on": "2026-01-01",
    "markets": [
        {"country": "DE", "audience": 9, "reached": 8, "visits": 7, "orders": 6, "returns": 5}
    ],
}
RATES = {"base": "EUR", "source": "a bank", "rates": {"USD": "1.25"}}
WEBHOOK = {"url": "https://hooks.invalid/governance"}
BODIES = {
    ("POST", "/v1/eligibility"): ask("DE"),
    ("PUT", "/v1/providers/{provider_id}"): PROVIDER,
    ("POST", "/v1/providers/import"): {"providers": [PROVIDER]},
    ("POST", "/v1/provider-events"): [{}],
    ("POST", "/v1/drops"): document(),
    ("PUT", "/v1/drops/{drop_id}"): document(title="Another"),
    ("POST", "/v1/drops/{drop_id}/close"): {"reason": "No longer wanted"},
    ("POST", "/v1/drops/{drop_id}/plan"): {},
    ("POST", "/v1/drops/{drop_id}/submit"): {},
    ("POST", "/v1/drops/{drop_id}/withdraw"): {"reason": "Not yet"},
    ("POST", "/v1/drops/{drop_id}/approve"): {
        "decision_id": "d",
        "comment": "Seen",
        "approver": None,
    },
    ("POST", "/v1/drops/{drop_id}/reject"): {"reason": "Too much at risk"},
    ("POST", "/v1/drops/{drop_id}/hold"): {"reason": "A complaint"},
    ("POST", "/v1/webhooks"): WEBHOOK,
    ("POST", "/v1/past-drops"): PAST_DROP,
    ("PUT", "/v1/exchange-rates/{day}"): RATES,
    ("POST", "/v1/providers/{provider_id}/vettings"): {},
    ("POST", "/v1/providers/{provider_id}/incidents"): {"severity": "minor", "title": "Late"},
    ("POST", "/v1/providers/{provider_id}/incidents/{number}/close"): {"resolution": "Mended"},
}
MEDIA_TYPES = {
    ("POST", "/v1/provider-events"): "application/cloudevents-batch+json",
    ("POST", "/v1/past-drops"): "application/x-ndjson",
}
QUERIES = {("PUT", "/v1/drops/{drop_id}"): "?version=1"}
OPEN_TO = {
    ("POST", "/v1/eligibility"): ASKERS,
    ("GET", "/v1/markets"): EVERYONE,
    ("GET", "/v1/categories"): EVERYONE,
    ("GET", "/v1/categories/{category}"): EVERYONE,
    ("GET", "/v1/evidence-types"): EVERYONE,
    ("GET", "/v1/rules"): EVERYONE,
    ("GET", "/v1/rules/{rule_id}"): EVERYONE,
    ("GET", "/v1/decisions"): EVERYONE,  # the portal: its own
    ("GET", "/v1/decisions/facets"): EVERYONE,
    ("GET", "/v1/decisions/export"): EXPORTERS,
    ("GET", "/v1/decisions/{decision_id}"): READERS,
    ("GET", "/v1/decisions/{decision_id}/proof"): READERS,
    ("GET", "/v1/decisions/{decision_id}/statements"): READERS,
    ("GET", "/v1/log"): READERS,
    ("GET", "/v1/log/keys"): READERS,
    ("GET", "/v1/log/checkpoint"): READERS,
    ("GET", "/v1/log/tile/{path}"): READERS,
    ("GET", "/v1/log/consistency"): READERS,
    ("GET", "/v1/providers"): EVERYONE,
    ("GET", "/v1/providers/compare"): EVERYONE,
    ("GET", "/v1/providers/{provider_id}"): EVERYONE,
    ("PUT", "/v1/providers/{provider_id}"): WRITERS,
    ("POST", "/v1/providers/import"): WRITERS,
    ("GET", "/v1/providers/{provider_id}/performance"): EVERYONE,
    ("GET", "/v1/providers/{provider_id}/scorecard"): EVERYONE,
    ("POST", "/v1/providers/{provider_id}/vettings"): WRITERS,
    ("GET", "/v1/providers/{provider_id}/standing"): EVERYONE,
    ("GET", "/v1/providers/{provider_id}/incidents"): EVERYONE,
    ("POST", "/v1/providers/{provider_id}/incidents"): WRITERS,
    ("POST", "/v1/providers/{provider_id}/incidents/{number}/close"): WRITERS,
    ("GET", "/v1/standing-changes"): EVERYONE,
    ("GET", "/v1/connectors"): EVERYONE,
    ("POST", "/v1/provider-events"): {"portal", "admin"},
    ("GET", "/v1/provider-events/set-aside"): EVERYONE,
    ("POST", "/v1/drops"): {"portal", "admin"},
    ("GET", "/v1/drops"): EVERYONE,  # the portal: its own
    ("GET", "/v1/drops/{drop_id}"): EVERYONE,
    ("PUT", "/v1/drops/{drop_id}"): {"portal", "admin"},
    ("GET", "/v1/drops/{drop_id}/changes"): EVERYONE,
    ("GET", "/v1/drops/{drop_id}/plan"): EVERYONE,
    ("POST", "/v1/drops/{drop_id}/close"): {"portal", "admin"},
    ("POST", "/v1/drops/{drop_id}/plan"): {"portal", "admin"},
    ("POST", "/v1/drops/{drop_id}/submit"): {"portal", "admin"},
    ("POST", "/v1/drops/{drop_id}/withdraw"): {"portal", "admin"},
    ("POST", "/v1/drops/{drop_id}/approve"): ASKERS,
    ("POST", "/v1/drops/{drop_id}/reject"): ASKERS,
    ("POST", "/v1/drops/{drop_id}/live"): {"portal", "admin"},
    ("POST", "/v1/drops/{drop_id}/hold"): WRITERS,
    ("GET", "/v1/drops/{drop_id}/verdict"): EVERYONE,
    ("GET", "/v1/drops/{drop_id}/report"): EVERYONE,
    ("POST", "/v1/webhooks"): {"portal", "admin"},
    ("GET", "/v1/webhooks"): {"portal", "admin"},
    ("GET", "/v1/webhooks/{webhook_id}"): {"portal", "admin"},
    ("DELETE", "/v1/webhooks/{webhook_id}"): {"portal", "admin"},
    ("POST", "/v1/webhooks/{webhook_id}/rotate"): {"portal", "admin"},
    ("POST", "/v1/webhooks/{webhook_id}/enable"): {"portal", "admin"},
    ("POST", "/v1/webhooks/{webhook_id}/test"): {"portal", "admin"},
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): {"portal", "admin"},
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{number}/resend"): {"portal", "admin"},
    ("POST", "/v1/past-drops"): {"portal", "admin"},
    ("GET", "/v1/past-drops"): EVERYONE,
    ("PUT", "/v1/exchange-rates/{day}"): {"portal", "admin"},
    ("GET", "/v1/exchange-rates"): EVERYONE,
    ("GET", "/v1/exchange-rates/{day}"): EVERYONE,
}
# What is answered to those who may, where it is not 200. A draft takes no step but to a plan, which
# needs past drops; nothing was sent that could be sent again.
ANSWERED = {
    ("POST", "/v1/drops/{drop_id}/plan"): 422,
    ("POST", "/v1/drops/{drop_id}/submit"): 409,
    ("POST", "/v1/drops/{drop_id}/withdraw"): 409,
    ("POST", "/v1/drops/{drop_id}/approve"): 409,
    ("POST", "/v1/drops/{drop_id}/reject"): 409,
    ("POST", "/v1/drops/{drop_id}/live"): 409,
    ("POST", "/v1/drops/{drop_id}/hold"): 409,
    ("GET", "/v1/drops/{drop_id}/verdict"): 409,
    ("GET", "/v1/drops/{drop_id}/report"): 404,
    ("POST", "/v1/webhooks"): 201,
    ("DELETE", "/v1/webhooks/{webhook_id}"): 204,
    ("POST", "/v1/webhooks/{webhook_id}/test"): 202,
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{number}/resend"): 404,
    ("POST", "/v1/providers/{provider_id}/incidents"): 201,
    ("POST", "/v1/drops"): 201,
}
REFUSED = "prohibited"
WITHOUT_KEY = {("GET", "/healthz"), ("GET", "/readyz")}


def endpoints() -> set[tuple[str, str]]:
    document = create_app().openapi()
    return {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }


def open_incident(service: Service) -> str:
    """The number of a new incident of the provider."""
    made = service.client.post(
        "/v1/providers/acme/incidents",
        json={"severity": "minor", "title": "Late"},
        headers=service.headers("admin"),
    )
    return str(made.json()["incident"]["number"])


def make_webhook(service: Service) -> str:
    """The id of a webhook of the portal, the only one that there is."""
    headers = service.headers("admin")
    for one in service.client.get("/v1/webhooks", headers=headers).json()["webhooks"]:
        service.client.delete(f"/v1/webhooks/{one['id']}", headers=headers)
    made = service.client.post("/v1/webhooks", json=WEBHOOK, headers=service.headers("portal"))
    return str(made.json()["webhook"]["id"])


def make_drop(service: Service, *, draft: bool) -> str:
    """The id of a new drop of the portal, with a plan if it is no draft."""
    made = service.client.post("/v1/drops", json=document(), headers=service.headers("portal"))
    if draft:
        return str(made.json()["id"])
    with transaction(service.engine, write=True) as session:
        drop = registry.locked(session, made.json()["id"])
        keep_a_plan(session, drop)
    return str(drop.id)


def test_every_endpoint_is_in_the_matrix() -> None:
    assert endpoints() == OPEN_TO.keys() | WITHOUT_KEY
    hidden = {
        route.path
        for route in create_app().routes
        if isinstance(route, APIRoute) and not route.include_in_schema
    }
    assert hidden == {"/docs", "/docs/oauth2-redirect"}  # the documentation page, without a key


def test_every_endpoint_is_open_to_the_roles_of_the_policy_and_to_nobody_else(
    service: Service,
) -> None:
    decision = service.ask(ask("DE"), role="admin").json()["decision_id"]
    names = {
        "{category}": "gadgets",
        "{rule_id}": "de.gadgets.red",
        "{decision_id}": decision,
        "{path}": "0/000.p/1",
        "{provider_id}": "acme",
        "{day}": "2026-01-02",
        "compare": "compare?market=DE&service=last_mile&weight_grams=500",
        "consistency": "consistency?first=1&second=1",
    }
    known = service.client.put(
        "/v1/providers/acme", json=PROVIDER, headers=service.headers("admin")
    )
    assert known.status_code == 201, known.text
    proof = f"/v1/decisions/{decision}/proof"
    wait_until(lambda: service.get(proof, role="admin").status_code == 200, "it was not sealed")
    put = service.client.put(
        "/v1/exchange-rates/2026-01-02", json=RATES, headers=service.headers("admin")
    )
    assert put.status_code == 201, put.text
    wrong = []
    for (method, path), roles in OPEN_TO.items():
        for role in [*EVERYONE, None, "revoked"]:
            address = path
            if "{number}" in path:
                names["{number}"] = open_incident(service)
            if "{drop_id}" in path:
                names["{drop_id}"] = make_drop(service, draft=(method, path) in ANSWERED)
            if "{webhook_id}" in path:
                names["{webhook_id}"] = make_webhook(service)
            for placeholder, name in names.items():
                address = address.replace(placeholder, name)
            address += QUERIES.get((method, path), "")
            before = len(service.decisions())
            body = BODIES.get((method, path))
            media_type = MEDIA_TYPES.get((method, path), "application/json")
            headers = service.headers(role) | {"Content-Type": media_type}
            answer = service.client.request(method, address, json=body, headers=headers)
            done = ANSWERED.get((method, path), 200)
            expected = done if role in roles else 401 if role in (None, "revoked") else 403
            rows = service.decisions()[before:]
            refusals = [row for row in rows if json.loads(row.result).get("verdict") == REFUSED]
            if answer.status_code != expected or len(refusals) != (expected != done):
                wrong.append((method, path, role, answer.status_code, len(refusals)))
    assert wrong == []


def test_health_is_open_to_everyone_and_leaves_no_row(service: Service) -> None:
    before = service.dump()
    for _, path in WITHOUT_KEY:
        for role in [*EVERYONE, None, "revoked"]:
            assert service.get(path, role=role).status_code == 200
    assert service.dump() == before
