"""A request sent twice under one Idempotency-Key is decided once."""

from concurrent.futures import ThreadPoolExecutor

from serving import Service, assert_problem
from tiny_library import ask


def sale_decisions(service: Service) -> int:
    return sum(decision.gate == "sale" for decision in service.decisions())


def test_the_same_request_gives_the_same_bytes_and_one_decision(database_service: Service) -> None:
    first = database_service.ask(ask("DE"), Idempotency_Key="k-1")
    again = database_service.ask(ask("DE"), Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert sale_decisions(database_service) == 1


def test_the_same_request_written_otherwise_is_the_same_request(database_service: Service) -> None:
    request = ask("DE")
    shuffled = dict(reversed(request.items()))
    shuffled["product"] = dict(reversed(request["product"].items())) | {"hs": None}
    first = database_service.ask(request, Idempotency_Key="k-2")
    again = database_service.ask(shuffled, Idempotency_Key="k-2")
    assert first.content == again.content


def test_another_request_under_the_same_key_is_refused(database_service: Service) -> None:
    assert database_service.ask(ask("DE"), Idempotency_Key="k-3").status_code == 200
    before = database_service.dump()
    answer = database_service.ask(ask("FR"), Idempotency_Key="k-3")
    assert_problem(answer, 422, "idempotency-mismatch")
    assert database_service.dump() == before


def test_false_and_0_are_different_requests(database_service: Service) -> None:
    assert database_service.ask(ask("DE"), Idempotency_Key="k-4").status_code == 200
    answer = database_service.ask(ask("DE", attributes={"radio": 0}), Idempotency_Key="k-4")
    assert_problem(answer, 422, "idempotency-mismatch")


def test_the_key_of_another_caller_is_another_key(database_service: Service) -> None:
    mine = database_service.ask(ask("DE"), Idempotency_Key="k-5")
    theirs = database_service.ask(ask("DE"), role="reviewer", Idempotency_Key="k-5")
    assert mine.json()["decision_id"] != theirs.json()["decision_id"]
    assert sale_decisions(database_service) == 2


def test_a_refused_request_leaves_its_key_free(database_service: Service) -> None:
    assert database_service.ask(ask("UK"), Idempotency_Key="k-6").status_code == 422
    assert database_service.ask(ask("GB"), Idempotency_Key="k-6").status_code == 200


def test_without_a_key_each_request_is_a_decision(database_service: Service) -> None:
    ids = {database_service.ask(ask("DE")).json()["decision_id"] for _ in range(3)}
    assert len(ids) == sale_decisions(database_service) == 3


def test_requests_at_the_same_time_make_one_decision(database_service: Service) -> None:
    def send(_: int):
        return database_service.ask(ask("DE"), Idempotency_Key="k-7")

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(send, range(24)))
    given = [answer for answer in answers if answer.status_code == 200]
    assert given
    assert len({answer.content for answer in given}) == 1
    for answer in answers:
        if answer.status_code != 200:
            assert_problem(answer, 409, "idempotency-conflict")
    assert sale_decisions(database_service) == 1
