"""The keys that sign the log: made once, found again on a host, handed over to a new one.

The name of a key is the origin of the log (https://c2sp.org/tlog-checkpoint); all keys of a log
have the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from governance.audit.log import key_file
from governance.audit.log.stored_tree import signed_head, stored_checkpoint
from governance.audit.models import Checkpoint, LogKey
from governance.db import sole_writer, transaction
from governance.errors import GovernanceError, InvalidRequest
from governance.settings import Settings
from governance.transparency.checkpoint import sign_checkpoint
from governance.transparency.note_keys import Signer, Verifier

DEFAULT_ORIGIN = "governance.localhost/decisions"
"""A URL without a scheme, as the specification asks; an operator names one of his own."""


class UnusableLogKey(GovernanceError):
    """This host does not have the private key that signs the log."""

    status = 503
    code = "unusable-log-key"
    title = "This host cannot sign the log"


@dataclass(frozen=True)
class Made:
    """A key that `keygen` made, or found made: who checks the log needs the `verifier`.

    After a rotation `old` is the key before it, and `retired` the file that its private half was
    moved to, if it was in one.
    """

    verifier: Verifier
    old: Verifier | None = None
    retired: Path | None = None


def stored_keys(session: Session) -> list[LogKey]:
    """The log's public keys in the order in which they were made; the last one signs."""
    return list(session.exec(select(LogKey).order_by(col(LogKey.number))).all())


def verifiers(session: Session) -> list[Verifier]:
    """The keys that checkpoints can be opened with, the newest last."""
    return [Verifier.parse(key.verifier_key) for key in stored_keys(session)]


def signer(settings: Settings, session: Session) -> Signer:
    """The private key that signs the log.

    Raises UnusableLogKey where there is none yet, or where this host has another or none;
    UnusableKeyFile and InvalidNoteKey where its file or the setting is broken.
    """
    keys = verifiers(session)
    if not keys:
        raise UnusableLogKey("The log has no key yet: `governance audit keygen` makes one")
    private_keys = key_file.held(settings)
    for private_key in private_keys:
        if private_key.verifier == keys[-1]:
            return private_key
    raise UnusableLogKey(
        f"The log is signed with the key {_named(keys[-1])}; this host has "
        f"{'another' if private_keys else 'no'} private key. Put the right one into "
        f"{settings.data_dir / key_file.NAME} or into GOVERNANCE_AUDIT_KEY"
    )


def ensure_key(settings: Settings, session: Session, origin: str | None = None) -> Verifier:
    """The key that signs the log; where the log has none, that of this host, or a new one.

    Needs a transaction that writes. Raises InvalidRequest where a key has another name than the
    `origin` asked for, InvalidNoteKey where none can be named so, UnusableKeyFile.
    """
    sole_writer(session, LogKey)
    keys = verifiers(session)
    if not keys:
        private_keys = key_file.held(settings)
        # The file is written first: where the commit fails, the next start finds it and adopts it.
        if not private_keys:
            private_keys = [Signer.generate(_checked(origin or DEFAULT_ORIGIN))]
            key_file.write(settings, key_file.NAME, private_keys[0])
        keys = [private_keys[0].verifier]
        _add(session, keys[0])
    _require_origin(keys[-1], origin)
    return keys[-1]


def keygen(settings: Settings, engine: Engine, origin: str | None = None) -> Made:
    """Make the log's first key, or a new one in place of that which signs.

    A new key takes over with a checkpoint of the size signed last, signed by both keys, so who
    trusts the old key can trust the new one. Raises what `signer` and `ensure_key` raise, and
    SealingRefused where the newest checkpoint does not hold.
    """
    with transaction(engine, write=True) as session:
        sole_writer(session, Checkpoint)  # nobody seals or rotates meanwhile
        sole_writer(session, LogKey)
        keys = verifiers(session)
        if not keys:
            return Made(ensure_key(settings, session, origin))
        old = signer(settings, session)
        _require_origin(old.verifier, origin)
        key_file.settle(settings, old.verifier)  # an earlier rotation may have been cut short
        new = Signer.generate(old.name)
        # Written before the commit: were it lost after it, nobody could ever sign again.
        key_file.write(settings, key_file.NEXT, new)
        head = signed_head(session, keys)
        if head is not None:
            note = sign_checkpoint(head, [old, new])
            session.add(stored_checkpoint(head, note))
        _add(session, new.verifier)
    with transaction(engine, write=True) as session:
        sole_writer(session, LogKey)
        # Another rotation may have come in between: its key must not be lost.
        key_file.settle(settings, verifiers(session)[-1])
    return Made(new.verifier, old.verifier, key_file.retired(settings, old.verifier))


def _add(session: Session, verifier: Verifier) -> None:
    session.add(LogKey(verifier_key=str(verifier), since=datetime.now(UTC)))
    session.flush()


def _checked(origin: str) -> str:
    if "://" in origin:
        raise InvalidRequest(f"The origin is a URL without its scheme: {origin.split('://')[1]!r}")
    return origin


def _require_origin(verifier: Verifier, origin: str | None) -> None:
    if origin is not None and verifier.name != origin:
        raise InvalidRequest(
            f"The log is called {verifier.name!r}, not {origin!r}: its name cannot change"
        )


def _named(verifier: Verifier) -> str:
    return f"{verifier.name}+{verifier.key_id:08x}"
