"""`/v1/webhooks` from outside: what each role may do, and what comes of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from serving import Service, assert_problem, served, wait_until
from sqlmodel import select
from webhook_receivers import NOW, Receiver, receiving

from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.models import WebhookSecret
from governance.drops.webhooks.outbox import emit
from governance.settings import Settings

HOOK = {"url": "https://hooks.example.com/governance"}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Any) -> Iterator[Service]:
    """A service that may send to this host."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("hooks"),
        rulesets_dir=tiny_rulesets,
        webhooks_allow_private=True,
        webhook_interval_seconds=0.05,
    )
    with served(settings) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def send(
    service: Service, method: str, path: str = "", role: str = "portal", **rest: Any
) -> httpx.Response:
    url = f"/v1/webhooks{path}"
    return service.client.request(method, url, headers=service.headers(role), **rest)


def added(service: Service, role: str = "portal", **document: Any) -> tuple[str, str]:
    """A new webhook: its path, and its secret."""
    answer = send(service, "POST", role=role, json=HOOK | document)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return f"/{made['webhook']['id']}", made["secret"]


def test_a_webhook_is_added_and_its_secret_shown_once(hooks: Service) -> None:
    asked = HOOK | {"description": "our shop", "kinds": ["drop.on_hold", "drop.live"]}
    made = send(hooks, "POST", json=asked).json()
    webhook = made["webhook"]
    assert made["secret"].startswith("whsec_")
    assert webhook["id"].startswith("whk_")
    assert webhook["kinds"] == ["drop.live", "drop.on_hold"]
    assert webhook["audience"] == webhook["created_by"] == hooks.ids["portal"]
    read = send(hooks, "GET", f"/{webhook['id']}")
    assert read.json() == webhook
    listed = send(hooks, "GET").json()["webhooks"]
    assert webhook in listed
    assert made["secret"] not in read.text + send(hooks, "GET").text


def test_a_portal_sees_only_its_own_webhooks_and_an_admin_all(hooks: Service) -> None:
    mine, _ = added(hooks)
    other, _ = added(hooks, "admin")
    assert send(hooks, "GET", other, "admin").json()["audience"] is None
    assert send(hooks, "GET", mine, "admin").status_code == 200
    for method, path in (
        ("GET", other),
        ("DELETE", other),
        ("POST", f"{other}/rotate"),
        ("POST", f"{other}/enable"),
        ("POST", f"{other}/test"),
        ("GET", f"{other}/deliveries"),
        ("POST", f"{other}/deliveries/1/resend"),
        ("GET", "/whk_nobody"),
        ("GET", "/whk_%00"),
    ):
        assert_problem(send(hooks, method, path), 404, "not-found")
    ids = {one["id"] for one in send(hooks, "GET").json()["webhooks"]}
    assert mine[1:] in ids
    assert other[1:] not in ids


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_who_is_neither_a_portal_nor_an_admin_has_no_webhooks(hooks: Service, role: str) -> None:
    assert_problem(send(hooks, "GET", role=role), 403, "forbidden")
    assert_problem(send(hooks, "POST", role=role, json=HOOK), 403, "forbidden")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "/url"),
        ({"url": 7}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "http://hooks.example.com:port/"}, "/url"),
        ({"url": "https://a:b@hooks.example.com/"}, "/url"),
        (HOOK | {"kinds": []}, "/kinds"),
        (HOOK | {"kinds": ["drop.live", "drop.lives"]}, "/kinds/1"),
        (HOOK | {"secret": "whsec_mine"}, "/secret"),
        (HOOK | {"description": "\u0007"}, "/description"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_by_field(
    hooks: Service, document: dict[str, Any], field: str
) -> None:
    problem = assert_problem(send(hooks, "POST", json=document), 422, "invalid-request")
    assert field in [one["field"] for one in problem["errors"]]


def test_a_private_address_is_refused_unless_allowed(service: Service) -> None:
    for url in ("http://127.0.0.1:1/", "https://127.0.0.1/", "https://[fd00::1]/"):
        problem = assert_problem(send(service, "POST", json={"url": url}), 422, "invalid-request")
        assert [one["field"] for one in problem["errors"]] == ["/url"]


def test_a_test_event_arrives_signed_and_is_listed_and_sent_again(
    hooks: Service, receiver: Receiver
) -> None:
    path, secret = added(hooks, url=receiver.url, kinds=["drop.live"])
    sent = send(hooks, "POST", f"{path}/test")
    assert sent.status_code == 202
    number = sent.json()["number"]
    delivered = until_delivered(hooks, path)
    [one] = receiver.received
    assert one.verified_by(secret)["type"] == "webhook.test"
    assert one.verified_by(secret)["data"] == {"webhook": path[1:]}
    assert [(row["number"], row["event_id"]) for row in delivered] == [(number, one.id)]
    assert delivered[0]["next_attempt_at"] is None
    again = send(hooks, "POST", f"{path}/deliveries/{number}/resend")
    assert again.status_code == 202
    assert again.json()["state"] == "waiting"
    wait_until(lambda: len(receiver.received) == 2, "it was not sent again")
    assert receiver.ids[0] == receiver.ids[1]
    missing = send(hooks, "POST", f"{path}/deliveries/{number + 1000}/resend")
    assert_problem(missing, 404, "not-found")


def until_delivered(service: Service, path: str) -> list[dict[str, Any]]:
    """Its deliveries, once none is waiting."""
    address = f"{path}/deliveries"
    wait_until(
        lambda: not send(service, "GET", f"{address}?state=waiting").json()["deliveries"],
        "it is not delivered",
    )
    found: list[dict[str, Any]] = send(service, "GET", address).json()["deliveries"]
    return found


def test_a_portal_is_told_of_the_drops_that_it_made(hooks: Service, receiver: Receiver) -> None:
    path, secret = added(hooks, url=receiver.url)
    with transaction(hooks.engine, write=True) as session:
        emit(session, "drop.live", "drp_mine", {}, NOW, audience=hooks.ids["portal"])
        emit(session, "drop.live", "drp_other", {}, NOW, audience=hooks.ids["admin"])
    assert [one["subject"] for one in until_delivered(hooks, path)] == ["drp_mine"]
    assert receiver.received[0].verified_by(secret)["type"] == "drop.live"


def test_a_rotated_secret_signs_beside_the_one_before(hooks: Service, receiver: Receiver) -> None:
    path, old = added(hooks, url=receiver.url)
    rotated = send(hooks, "POST", f"{path}/rotate").json()
    assert rotated["secret"] != old
    send(hooks, "POST", f"{path}/test")
    until_delivered(hooks, path)
    for secret in (old, rotated["secret"]):
        receiver.received[0].verified_by(secret)


def test_secrets_cannot_be_rotated_without_end(hooks: Service) -> None:
    path, _ = added(hooks)
    for _ in range(4):
        assert send(hooks, "POST", f"{path}/rotate").status_code == 200
    problem = assert_problem(send(hooks, "POST", f"{path}/rotate"), 409, "webhook-conflict")
    assert "wait until" in problem["detail"]


def test_a_disabled_webhook_says_why_and_is_sent_to_once_enabled(
    hooks: Service, receiver: Receiver
) -> None:
    receiver.status = 410
    path, _ = added(hooks, url=receiver.url)
    send(hooks, "POST", f"{path}/test")
    [failed] = until_delivered(hooks, path)
    assert (failed["state"], failed["last_status"]) == ("failed", 410)
    assert send(hooks, "GET", path).json()["disabled_why"] == "the receiver answered 410 Gone"
    for refused in (f"{path}/test", f"{path}/deliveries/{failed['number']}/resend"):
        assert_problem(send(hooks, "POST", refused), 409, "webhook-conflict")
    receiver.status = 200
    enabled = send(hooks, "POST", f"{path}/enable").json()
    assert (enabled["disabled_at"], enabled["disabled_why"]) == (None, None)
    send(hooks, "POST", f"{path}/deliveries/{failed['number']}/resend")
    [delivered] = until_delivered(hooks, path)
    assert (delivered["state"], delivered["last_status"]) == ("delivered", 200)


def test_a_removed_webhook_is_gone_with_its_secrets(hooks: Service, receiver: Receiver) -> None:
    path, _ = added(hooks, url=receiver.url)
    send(hooks, "POST", f"{path}/test")
    until_delivered(hooks, path)
    removed = send(hooks, "DELETE", path)
    assert (removed.status_code, removed.content) == (204, b"")
    assert_problem(send(hooks, "GET", path), 404, "not-found")
    assert_problem(send(hooks, "DELETE", path), 404, "not-found")
    with transaction(hooks.engine) as session:
        kept = session.exec(select(WebhookSecret.endpoint_id)).all()
    assert path[1:] not in kept


def test_lists_are_paged_and_know_their_parameters(hooks: Service, receiver: Receiver) -> None:
    path, _ = added(hooks, "admin", url=receiver.url)
    for _ in range(3):
        send(hooks, "POST", f"{path}/test", "admin")
    numbers, before = [], ""
    while True:
        page = send(hooks, "GET", f"{path}/deliveries?limit=2{before}", "admin").json()
        numbers += [one["number"] for one in page["deliveries"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert len(numbers) == 3
    assert numbers == sorted(numbers, reverse=True)
    everything = send(hooks, "GET", "?limit=200", "admin").json()["webhooks"]
    paged, cursor = [], ""
    while True:
        page = send(hooks, "GET", f"?limit=1{cursor}", "admin").json()
        paged += page["webhooks"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == everything
    for wrong in ("?cursor=whk_1", "?state=waiting", f"{path}/deliveries?state=lost"):
        assert_problem(send(hooks, "GET", wrong, "admin"), 422, "invalid-request")


def test_a_caller_has_so_many_webhooks_and_no_more(service: Service) -> None:
    for _ in range(registry.MOST_ENDPOINTS):
        added(service)
    assert_problem(send(service, "POST", json=HOOK), 409, "webhook-conflict")
    added(service, "admin")
