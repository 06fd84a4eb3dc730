"""Secrets are kept encrypted, and what they sign an independent library verifies."""

import json
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from governance.drops.webhooks.signing import (
    UnreadableSecret,
    as_text,
    new_secret,
    seal,
    signed_headers,
    storage_key,
    unseal,
)

KEY = storage_key(b"the secret of a service, 32 bytes")
BODY = b'{"type":"drop.live","timestamp":"2026-10-01T00:00:00Z","data":{}}'


def test_a_secret_has_the_form_and_the_length_of_standard_webhooks() -> None:
    text = as_text(new_secret())
    assert text.startswith("whsec_")
    assert 24 <= len(b64decode(text.removeprefix("whsec_"), validate=True)) <= 64
    assert as_text(new_secret()) != text


def test_each_of_several_secrets_verifies_and_no_other_does() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers("evt_1", BODY, [new, old], datetime.now(UTC))
    for secret in (old, new):
        assert Webhook(as_text(secret)).verify(BODY, headers) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(as_text(other)).verify(BODY, headers)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_what_names_and_dates_a_delivery_is_signed_with_it(name: str) -> None:
    secret = new_secret()
    now = datetime.now(UTC)
    headers = signed_headers("evt_1", BODY, [secret], now)
    changed = {"webhook-id": "evt_2", "webhook-timestamp": str(int(now.timestamp()) + 1)}
    headers[name] = changed[name]
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(as_text(secret)).verify(BODY, headers)


def test_what_is_kept_of_a_secret_does_not_show_it_and_differs_each_time() -> None:
    secret = new_secret()
    sealed = seal(KEY, "whk_1", secret)
    assert secret not in sealed
    assert sealed != seal(KEY, "whk_1", secret)
    assert unseal(KEY, "whk_1", sealed) == secret


def test_a_kept_secret_is_readable_neither_elsewhere_nor_under_another_key_nor_changed() -> None:
    sealed = seal(KEY, "whk_1", new_secret())
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    other = storage_key(b"the secret of another service....")
    for key, endpoint, text in (
        (KEY, "whk_2", sealed),
        (other, "whk_1", sealed),
        (KEY, "whk_1", changed),
    ):
        with pytest.raises(UnreadableSecret, match=endpoint):
            unseal(key, endpoint, text)
