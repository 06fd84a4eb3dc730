"""Secrets of endpoints, kept encrypted, and the signatures that they make (Standard Webhooks)."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.errors import GovernanceError

_SECRET_BYTES = 32  # the specification asks for 24 to 64
_NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1
_PURPOSE = b"governance webhook secrets 1"


class UnreadableSecret(GovernanceError):
    """The secret of an endpoint was encrypted under another key, or changed since."""

    code = "unreadable-webhook-secret"
    title = "The secret of a webhook cannot be decrypted with the secret key of this host"


def storage_key(secret: bytes) -> bytes:
    """The key that encrypts secrets of endpoints, derived from the service's secret (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)


def new_secret() -> bytes:
    """A secret for an endpoint."""
    return secrets.token_bytes(_SECRET_BYTES)


def as_text(secret: bytes) -> str:
    """A secret as its receiver is given it: `whsec_` and Base64."""
    return f"whsec_{b64encode(secret).decode()}"


def seal(key: bytes, endpoint_id: str, secret: bytes) -> bytes:
    """The secret encrypted (AES-256-GCM, nonce first), readable for this endpoint's row only."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, endpoint_id.encode())


def unseal(key: bytes, endpoint_id: str, sealed: bytes) -> bytes:
    """The secret that was sealed for this endpoint. Raises UnreadableSecret."""
    nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, encrypted, endpoint_id.encode())
    except InvalidTag:
        raise UnreadableSecret(
            f"The secret of {endpoint_id} is not readable: every host of one database needs the "
            "same GOVERNANCE_SECRET_KEY; after a new one, rotate the webhook's secret"
        ) from None


def signed_headers(
    event_id: str, body: bytes, secrets: Sequence[bytes], now: datetime
) -> dict[str, str]:
    """The three headers of an attempt at `now`, with a signature under each of the secrets."""
    timestamp = str(int(now.timestamp()))
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    macs = (hmac.new(secret, content, sha256).digest() for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{b64encode(mac).decode()}" for mac in macs),
    }
