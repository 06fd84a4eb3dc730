"""An OPA server is believed only where it proves that it holds this release, whole."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opa_client.opa import OpaClient

from governance.errors import EngineUnavailable
from governance.rego.engine import open_policy_engine
from governance.rego.server import namespaced
from governance.settings import Settings

CLOSED = {
    "gate/policy.rego": "package gate\n\ndefault open := false\n\nopen if data.extra.yes\n",
    "gate/extra.rego": "package extra\n\nyes if input.x == 1\n",
}
OPEN = CLOSED | {"gate/policy.rego": "package gate\n\nopen := true\n"}


def client_of(settings: Settings) -> OpaClient:
    return OpaClient("127.0.0.1", int(settings.opa_url.rpartition(":")[2]))


def policies_of(settings: Settings) -> list[str]:
    held: list[str] = client_of(settings).get_policies_list()
    return held


def ids_of(settings: Settings, policies: dict[str, str]) -> list[str]:
    release = namespaced(policies).name
    return [i for i in policies_of(settings) if i.startswith(f"governance/{release}/")]


def test_two_releases_on_one_server_each_give_their_own_answer(opa_settings: Settings) -> None:
    closed = open_policy_engine(CLOSED, "sha256:1", opa_settings)
    opened = open_policy_engine(OPEN, "sha256:2", opa_settings)
    for _ in range(3):
        assert closed.evaluate("gate.open", {}) is False
        assert opened.evaluate("gate.open", {}) is True


def test_release_that_lost_any_of_its_files_is_not_believed(opa_settings: Settings) -> None:
    engine = open_policy_engine(CLOSED, "sha256:1", opa_settings)
    release = namespaced(CLOSED)
    for lost in release.modules:
        assert engine.evaluate("gate.open", {"x": 1}) is True
        client = client_of(opa_settings)
        client.delete_policy(f"governance/{release.name}/{lost}")
        answer = client.query_rule({"x": 1}, f"{release.name}.answers.gate.open")
        assert "result" not in answer


def test_server_with_unrelated_policies_under_our_names_is_not_believed(
    opa_settings: Settings,
) -> None:
    client_of(opa_settings).update_policy_from_string(
        "package gate\n\nopen := true\n", "somebody/else", rego_compat=False
    )
    engine = open_policy_engine(CLOSED, "sha256:1", opa_settings)
    assert engine.evaluate("gate.open", {}) is False


def test_same_policies_in_another_order_are_the_same_release() -> None:
    assert namespaced(CLOSED) == namespaced(dict(reversed(CLOSED.items())))
    assert namespaced(CLOSED).name != namespaced(OPEN).name


def test_two_processes_that_upload_at_once_never_give_a_wrong_answer(
    opa_settings: Settings,
) -> None:
    def judge(number: int) -> None:
        policies, right = (CLOSED, False) if number % 2 else (OPEN, True)
        engine = open_policy_engine(policies, "sha256:1", opa_settings)
        for _ in range(5):
            for i in ids_of(opa_settings, policies)[:1]:
                client_of(opa_settings)._session.delete(
                    f"{opa_settings.opa_url}/v1/policies/{i}", timeout=5
                )
            try:
                assert engine.evaluate("gate.open", {}) is right
            except EngineUnavailable:
                continue

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(judge, range(4)))


def test_old_releases_do_not_pile_up(opa_settings: Settings) -> None:
    for number in range(25):
        policies = {"gate/policy.rego": f"package gate\n\nopen := {number}\n"}
        engine = open_policy_engine(policies, "sha256:1", opa_settings)
        assert engine.evaluate("gate.open", {}) == number
    releases = {i.split("/")[1] for i in policies_of(opa_settings) if i.startswith("governance/")}
    assert len(releases) <= 9


@contextmanager
def answering(status: int, body: bytes, seconds: float = 0) -> Iterator[str]:
    """A server that gives every request this answer after some seconds."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            time.sleep(seconds)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def assert_no_answer(url: str) -> None:
    settings = Settings(policy_engine="opa", opa_url=url, opa_timeout_seconds=0.3)
    engine = open_policy_engine(CLOSED, "sha256:1", settings)
    started = time.monotonic()
    with pytest.raises(EngineUnavailable):
        engine.evaluate("gate.open", {"x": 1})
    assert time.monotonic() - started < 5


def test_server_that_is_down_gives_no_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert_no_answer(f"http://127.0.0.1:{free.getsockname()[1]}")


def test_server_that_is_slow_gives_no_answer() -> None:
    with answering(200, b'{"result": true}', seconds=1) as url:
        assert_no_answer(url)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (200, b""),
        (200, b"garbage"),
        (200, b"null"),
        (200, b"[]"),
        (200, b'"result"'),
        (500, b'{"code": "internal_error", "message": "x"}'),
        (500, b'{"result": true}'),
        (404, b"{}"),
        (401, b'{"result": true}'),
    ],
)
def test_server_that_answers_anything_else_gives_no_answer(status: int, body: bytes) -> None:
    with answering(status, body) as url:
        assert_no_answer(url)


def test_server_that_refuses_the_policies_gives_no_answer(opa_settings: Settings) -> None:
    policies = {"gate/policy.rego": "package gate\n\nopen := nosuch(1)\n"}
    engine = open_policy_engine(policies, "sha256:1", opa_settings)
    with pytest.raises(EngineUnavailable) as refused:
        engine.evaluate("gate.open", {})
    assert "nosuch" in str(refused.value.__cause__)
    assert "nosuch" not in refused.value.detail


def test_fake_server_would_be_believed_if_it_answered_as_opa_does() -> None:
    with answering(200, json.dumps({"result": True}).encode()) as url:
        settings = Settings(policy_engine="opa", opa_url=url)
        assert open_policy_engine(CLOSED, "sha256:1", settings).evaluate("gate.open", {}) is True
