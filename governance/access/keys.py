"""API keys: made once and shown once; only an HMAC under a secret of the service is stored."""

import hmac
import os
import re
import secrets
import string
import tempfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session, col, select, update
from ulid import ULID

from governance.access.models import ApiKey, Role
from governance.db import can_name
from governance.errors import GovernanceError, InvalidRequest, NotFound
from governance.settings import Settings

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_CHARACTERS = 32  # 190 bits: the four that are stored for recognition leave over 160
_CHECKSUM_CHARACTERS = 6  # 62^6 > 2^32, so every CRC-32 fits
_FORMAT = re.compile(r"gov_([0-9A-Za-z]{32})_([0-9A-Za-z]{6})")
_MIN_SECRET_BYTES = 32
_MAX_NAME = 100


class Unauthenticated(GovernanceError):
    """The request carries no API key that is good."""

    status = 401
    code = "unauthenticated"
    title = "The caller is not known"


class UnusableSecret(GovernanceError):
    """The secret under which keys are stored is too short, or cannot be read or made."""

    code = "unusable-secret"
    title = "The service has no usable secret, so no caller can be recognised"


def create(session: Session, secret: bytes, *, name: str, role: Role) -> tuple[ApiKey, str]:
    """A new key: its record, and the key itself, which cannot be had again.

    Raises InvalidRequest for a name that is not 1 to 100 printable characters.
    """
    if not (0 < len(name) <= _MAX_NAME and name.isprintable() and not name.isspace()):
        raise InvalidRequest(f"The name of a key is 1 to {_MAX_NAME} printable characters")
    body = "".join(secrets.choice(_BASE62) for _ in range(_RANDOM_CHARACTERS))
    key = f"gov_{body}_{_checksum(body)}"
    record = ApiKey(
        id=f"key_{ULID()}",
        name=name,
        role=Role(role),
        hmac=_hmac(secret, key),
        last_four=key[-4:],
        created_at=datetime.now(UTC),
    )
    session.add(record)
    session.flush()
    return record, key


def revoke(session: Session, key_id: str) -> ApiKey:
    """Refuse the key from now on; the first date stays. Raises NotFound."""
    if not can_name(key_id):
        raise NotFound(f"There is no API key {key_id!r}")
    still_good = (col(ApiKey.id) == key_id) & col(ApiKey.revoked_at).is_(None)
    session.exec(update(ApiKey).where(still_good).values(revoked_at=datetime.now(UTC)))
    record = session.get(ApiKey, key_id, populate_existing=True)
    if record is None:
        raise NotFound(f"There is no API key {key_id!r}")
    return record


def list_keys(session: Session) -> Sequence[ApiKey]:
    """All keys, revoked ones too, in the order in which they were made."""
    return session.exec(select(ApiKey).order_by(col(ApiKey.created_at), col(ApiKey.id))).all()


def authenticate(session: Session, secret: bytes, presented: str) -> ApiKey:
    """The record of a presented key.

    Raises Unauthenticated, whose detail tells a malformed key (which asks no database) from an
    unknown and from a revoked one.
    """
    parts = _FORMAT.fullmatch(presented)
    if parts is None or _checksum(parts[1]) != parts[2]:
        raise Unauthenticated("The API key is malformed: it was mistyped or cut off")
    record = session.exec(select(ApiKey).where(ApiKey.hmac == _hmac(secret, presented))).first()
    if record is None:
        raise Unauthenticated("The API key is unknown")
    if record.revoked_at is not None:
        raise Unauthenticated(f"The API key was revoked at {record.revoked_at.isoformat()}")
    return record


def load_secret(settings: Settings) -> bytes:
    """The secret of the settings, else of `data_dir/secret.key`, which is made where it is missing.

    The file holds text: as the setting `secret_key` of another host it means the same. Raises
    UnusableSecret for one under 32 bytes, or where the file can be neither read nor made.
    """
    if settings.secret_key is not None:
        secret = settings.secret_key.get_secret_value().encode()
    else:
        try:
            secret = _secret_of_file(settings.data_dir / "secret.key")
        except OSError as error:
            raise UnusableSecret("The file of the secret cannot be read or made") from error
    if len(secret) < _MIN_SECRET_BYTES:
        raise UnusableSecret(f"The secret is shorter than {_MIN_SECRET_BYTES} bytes")
    return secret


def _secret_of_file(file: Path) -> bytes:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_secret(file)
    return file.read_bytes().strip()


def _make_secret(file: Path) -> None:
    # Written aside, then linked: the link is refused where the file exists, as O_EXCL would, and
    # unlike O_EXCL it never shows another process a file that is still empty.
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=".secret")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(aside, file)
        except FileExistsError:
            return  # another process was first: its secret is the one
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        Path(aside).unlink()


def _hmac(secret: bytes, key: str) -> str:
    return hmac.new(secret, key.encode(), sha256).hexdigest()


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))
