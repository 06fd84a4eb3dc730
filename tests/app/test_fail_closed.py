"""Where a part fails there is no verdict and nothing on the record: never an `allowed`."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from serving import Opa, Service, answers, assert_problem, served, wait_until
from tiny_library import ask, many_rules, write_tree

from governance.rules import matcher
from governance.settings import Settings

QUESTION = ask("DE", "FR")


@pytest.fixture
def by_opa(tmp_path: Path, tiny_rulesets: Path, opa: Opa) -> Iterator[Service]:
    """The service judging by the OPA server."""
    settings = Settings(
        data_dir=tmp_path,
        rulesets_dir=tiny_rulesets,
        policy_engine="opa",
        opa_url=opa.url,
        opa_timeout_seconds=2,
    )
    with served(settings) as running:
        yield running


def refuses_everything(service: Service) -> None:
    """No call gives a verdict or leaves a trace, with and without an idempotency key."""
    before = service.dump()
    for headers in ({}, {"Idempotency-Key": "again"}):
        answer = service.ask(QUESTION, **headers)
        document = assert_problem(answer, 503, "engine-unavailable")
        assert answer.headers["retry-after"] == "1"
        assert "allowed" in document["title"]  # "treat this as not allowed"
        assert "verdict" not in document
    assert_problem(service.get("/readyz", role=None), 503, "engine-unavailable")
    assert_problem(service.get("/v1/markets"), 503, "engine-unavailable")
    assert_problem(service.get("/v1/markets", role=None), 503, "engine-unavailable")
    assert service.client.get("/healthz").status_code == 200
    assert service.dump() == before


def test_the_real_server_answers_and_is_ready(by_opa: Service) -> None:
    assert by_opa.client.get("/readyz").json()["status"] == "ok"
    markets = by_opa.ask(QUESTION).json()["markets"]
    assert [market["verdict"] for market in markets] == ["allowed", "allowed"]


def test_a_stopped_server_gives_no_verdict_and_a_started_one_does(
    by_opa: Service, opa: Opa
) -> None:
    assert by_opa.ask(QUESTION).status_code == 200
    opa.stop()
    try:
        refuses_everything(by_opa)
    finally:
        opa.start()
    # The new server holds no policy: it is given them again.
    assert by_opa.ask(QUESTION, Idempotency_Key="again").status_code == 200
    assert len(by_opa.decisions()) == 2


def policies_of(opa: Opa) -> list[str]:
    return [found["id"] for found in httpx.get(f"{opa.url}/v1/policies").json()["result"]]


def test_a_policy_that_was_removed_behind_our_back_gives_no_other_verdict(
    by_opa: Service, opa: Opa
) -> None:
    expected = by_opa.ask(QUESTION).json()["markets"]
    for removed in policies_of(opa):
        httpx.delete(f"{opa.url}/v1/policies/{removed}")
        answer = by_opa.ask(QUESTION)
        assert answer.status_code == 200, answer.text
        assert answer.json()["markets"] == expected


@contextmanager
def false_opa(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on a real socket that answers every request in this way."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes, media_type: str = "application/json"):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def sleeps(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)
    says(200, b'{"result": {"verdict": "allowed", "reason": "late"}}')(handler)


def drips(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte now and then, each in good time, the whole very late."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
        handler.connection.close()
    except OSError:
        pass


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def cuts_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"result": {"verdict": "allowed"')
    handler.connection.close()


ALLOWED = json.dumps({"result": {"verdict": "allowed", "reason": "x"}}).encode()
FALSE_ANSWERS = {
    "is slow": sleeps,
    "answers {}": says(200, b"{}"),
    "answers null": says(200, b"null"),
    "answers a list": says(200, b"[]"),
    "answers nothing": says(200, b""),
    "answers a page": says(200, b"<html>welcome</html>", "text/html"),
    "answers 500": says(500, b'{"code": "internal_error"}'),
    "answers 500 with a result": says(500, ALLOWED),
    "answers 404": says(404, b"{}"),
    "answers 204": says(204, b""),
    "answers a null result": says(200, b'{"result": null}'),
    "answers true": says(200, b'{"result": true}'),
    "answers another verdict": says(200, b'{"result": {"verdict": "maybe"}}'),
    "answers no verdict": says(200, b'{"result": {"reason": "x"}}'),
    "hangs up": hangs_up,
    "cuts off its answer": cuts_off,
}


def service_by(url: str, folder: Path, rulesets: Path, timeout: float = 0.5) -> Settings:
    return Settings(
        data_dir=folder,
        rulesets_dir=rulesets,
        policy_engine="opa",
        opa_url=url,
        opa_timeout_seconds=timeout,
    )


@pytest.mark.parametrize("case", FALSE_ANSWERS)
def test_a_policy_server_that_misbehaves_gives_no_verdict(
    tmp_path: Path, tiny_rulesets: Path, case: str
) -> None:
    with (
        false_opa(FALSE_ANSWERS[case]) as url,
        served(service_by(url, tmp_path, tiny_rulesets)) as service,
    ):
        refuses_everything(service)
        assert service.decisions() == []


def test_a_server_that_allows_access_but_judges_no_sale_gives_no_verdict(
    tmp_path: Path, tiny_rulesets: Path
) -> None:
    """An answer of one gate is no answer to the other."""
    with (
        false_opa(says(200, ALLOWED)) as url,
        served(service_by(url, tmp_path, tiny_rulesets)) as service,
    ):
        before = service.dump()
        answer = service.ask(QUESTION, Idempotency_Key="k")
        assert_problem(answer, 503, "engine-unavailable")
        assert service.dump() == before


def test_a_server_that_judges_too_few_cases_gives_no_verdict(
    tmp_path: Path, tiny_rulesets: Path
) -> None:
    sale = {"verdicts": ["allowed"], "held": [], "oldest_research_allowed": 730}
    result = {"verdict": "allowed", "reason": "x"} | sale
    with (
        false_opa(says(200, json.dumps({"result": result}).encode())) as url,
        served(service_by(url, tmp_path, tiny_rulesets)) as service,
    ):
        assert service.ask(ask("DE")).status_code == 200  # the false server is believed so far
        assert_problem(service.ask(QUESTION), 503, "engine-unavailable")


def test_a_server_that_drips_does_not_hold_the_answer_for_ever(
    tmp_path: Path, tiny_rulesets: Path
) -> None:
    with (
        false_opa(drips) as url,
        served(service_by(url, tmp_path, tiny_rulesets)) as service,
    ):
        began = time.monotonic()
        assert_problem(service.ask(QUESTION), 503, "engine-unavailable")
        assert time.monotonic() - began < 2


def test_a_refusal_that_cannot_be_judged_is_not_told_as_one(
    tmp_path: Path, tiny_rulesets: Path
) -> None:
    with (
        false_opa(says(500, b"{}")) as url,
        served(service_by(url, tmp_path, tiny_rulesets)) as service,
    ):
        assert_problem(service.ask(QUESTION, role="revoked"), 503, "engine-unavailable")
        assert_problem(service.ask(QUESTION, role="auditor"), 503, "engine-unavailable")
        assert service.decisions() == []


def test_a_rule_engine_that_fails_gives_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The engine refuses a fact that matches too much at once; our bound keeps it from that.
    monkeypatch.setattr(matcher, "_MOST_BRANCHES", 10**6)
    rulesets = write_tree(tmp_path / "rulesets", many_rules(300))
    with served(Settings(data_dir=tmp_path / "var", rulesets_dir=rulesets)) as service:
        weak = ask("DE", attributes={"power_mw": 0})
        assert service.ask(weak).json()["markets"][0]["verdict"] == "allowed"
        before = service.dump()
        attributes = {"power_mw": 1000, "cells": 1000}
        for headers in ({}, {"Idempotency-Key": "k"}):
            answer = service.ask(ask("DE", attributes=attributes), **headers)
            document = assert_problem(answer, 503, "engine-unavailable")
            assert "rule engine" in document["detail"]
        assert service.dump() == before


def test_the_same_rules_are_answered_within_our_bound(tmp_path: Path) -> None:
    rulesets = write_tree(tmp_path / "rulesets", many_rules(300))
    with served(Settings(data_dir=tmp_path / "var", rulesets_dir=rulesets)) as service:
        attributes = {"power_mw": 1000, "cells": 1000}
        (market,) = service.ask(ask("DE", attributes=attributes)).json()["markets"]
        fired = [f["rule"] for f in market["import_modes"][0]["findings"] if "many" in f["rule"]]
        assert len(fired) == 300


def test_a_database_that_goes_away_in_the_middle_leaves_nothing_half_written(
    postgres_url: str, postgres_cluster, tmp_path: Path, tiny_rulesets: Path
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_url, rulesets_dir=tiny_rulesets)
    with served(settings) as service:
        assert service.ask(QUESTION, Idempotency_Key="before").status_code == 200
        answered: list[str] = []
        failed: list[httpx.Response] = []
        stop = threading.Event()

        def stream(name: int) -> None:
            number = 0
            while not stop.is_set():
                number += 1
                answer = service.ask(QUESTION, Idempotency_Key=f"{name}-{number}")
                if answer.status_code == 200:
                    answered.append(answer.json()["decision_id"])
                else:
                    failed.append(answer)

        with ThreadPoolExecutor(2) as clients:
            running = [clients.submit(stream, name) for name in range(2)]
            try:
                wait_until(lambda: len(answered) > 20, "no answers")
                service.engine.dispose()
                postgres_cluster.stop()
                wait_until(lambda: len(failed) > 4, "no failures")
            finally:
                postgres_cluster.start()
                stop.set()
            for client in running:
                client.result()
        for answer in failed:
            document = assert_problem(answer, 503, "storage-unavailable")
            assert str(postgres_cluster.folder) not in answer.text  # no address of ours
            assert "verdict" not in document
        wait_until(lambda: answers(f"{service.url}/readyz"), "not ready again")
        recorded = {found.decision_id for found in service.decisions()}
        assert set(answered) <= recorded
        # An answer is remembered exactly where its decision is on the record.
        assert len(service.dump()["idempotent_answer"]) == len(recorded)
        repeated = service.ask(QUESTION, Idempotency_Key="before")
        assert repeated.json()["decision_id"] in recorded


def test_a_database_that_is_away_is_told_as_not_ready(
    postgres_url: str, postgres_cluster, tmp_path: Path, tiny_rulesets: Path
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_url, rulesets_dir=tiny_rulesets)
    with served(settings) as service:
        before = service.dump()
        service.engine.dispose()
        postgres_cluster.stop()
        try:
            assert service.client.get("/healthz").status_code == 200
            for call in (
                lambda: service.get("/readyz", role=None),
                lambda: service.ask(QUESTION),
                lambda: service.ask(QUESTION, role=None),
                lambda: service.ask(QUESTION, Idempotency_Key="k"),
                lambda: service.get("/v1/markets"),
                lambda: service.get("/v1/decisions/x"),
            ):
                assert_problem(call(), 503, "storage-unavailable")
        finally:
            postgres_cluster.start()
        service.engine.dispose()
        assert service.dump() == before
