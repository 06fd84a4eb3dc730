"""The statements of a decision are shown to those who may see the decision."""

import pytest
from serving import Service, assert_problem
from statement_cases import decided, gadget, owed

from governance.access import keys
from governance.access.models import Role
from governance.audit.statements.schemas import StatementsOut
from governance.db import transaction


@pytest.mark.parametrize("role", ["portal", "reviewer", "auditor", "admin"])
def test_who_sees_the_decision_sees_its_statements(service: Service, role: str) -> None:
    decision = decided(service, gadget("DE", "IT", attributes={"colour": "red"}))
    path = f"/v1/decisions/{decision.decision_id}/statements"
    answer = service.get(path, role=role)
    assert answer.status_code == 200
    told = StatementsOut.model_validate_json(answer.content)
    assert told.statements == owed(service, decision)
    assert [one.territories for one in told.statements] == [["DE"], ["IT"]]


def test_a_decision_that_owes_none_has_an_empty_list(service: Service) -> None:
    decision = decided(service, gadget("FR"))
    path = f"/v1/decisions/{decision.decision_id}/statements"
    answer = service.get(path)
    assert answer.json() == {"decision_id": decision.decision_id, "statements": []}


def test_a_portal_does_not_see_the_statements_of_another(service: Service) -> None:
    with transaction(service.engine, write=True) as session:
        secret = keys.load_secret(service.settings)
        _, key = keys.create(session, secret, name="elsewhere", role=Role.PORTAL)
    path = f"/v1/decisions/{decided(service, gadget('IT')).decision_id}/statements"
    answer = service.client.get(path, headers={"Authorization": f"Bearer {key}"})
    assert_problem(answer, 403, "forbidden")


def test_nobody_sees_them_without_a_key(service: Service) -> None:
    path = f"/v1/decisions/{decided(service, gadget('IT')).decision_id}/statements"
    assert service.get(path, role=None).status_code == 401


def test_an_unknown_decision_has_none(service: Service) -> None:
    path = "/v1/decisions/01M80W19C15W9N4JD4AM3T6GHA/statements"
    assert_problem(service.get(path, role="admin"), 404, "not-found")
