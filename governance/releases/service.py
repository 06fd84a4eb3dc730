"""Stores and loads releases, and says which one is in force."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from governance.db import can_name, sole_writer
from governance.errors import EngineUnavailable, NotFound
from governance.releases.content import ReleaseContent
from governance.releases.models import Release, ReleaseInForce


def store(session: Session, content: ReleaseContent, created_by: str, note: str) -> None:
    """Keep a release under its digest; one that is there already stays as it is."""
    session.flush()  # what waits to be written must not fail under the name of this insert
    if session.get(Release, content.digest) is not None:
        return
    release = Release(
        digest=content.digest,
        content=content.to_blob(),
        created_at=datetime.now(UTC),
        created_by=created_by,
        note=note,
    )
    try:
        with session.begin_nested():
            session.add(release)
    except IntegrityError:
        if session.get(Release, content.digest) is None:  # not the same release from another hand
            raise


def load(session: Session, digest: str) -> ReleaseContent:
    """The content of a release; raises NotFound, or CorruptRelease where the digest is not met."""
    return ReleaseContent.from_blob(_stored(session, digest).content, digest)


def digest_in_force(session: Session) -> str:
    """The digest of the release in force; raises EngineUnavailable when there is none."""
    digest = _latest(session)
    if digest is None:
        raise EngineUnavailable("No release is in force")
    return digest


def put_in_force(session: Session, digest: str, set_by: str) -> None:
    """Make a stored release the one in force from now on; raises NotFound. Needs `write=True`."""
    sole_writer(session, ReleaseInForce)
    _stored(session, digest)
    session.add(ReleaseInForce(digest=digest, since=datetime.now(UTC), set_by=set_by))
    session.flush()


def ensure_first(
    session: Session, content_factory: Callable[[], ReleaseContent], set_by: str
) -> str:
    """The digest in force; where there is none, the content becomes the first release.

    `content_factory` is called only then. Needs a transaction with `write=True`; of several
    processes that start at once, one stores and the others take what it stored.
    """
    sole_writer(session, ReleaseInForce)
    digest = _latest(session)
    if digest is None:
        content = content_factory()
        store(session, content, set_by, "First release")
        put_in_force(session, content.digest, set_by)
        digest = content.digest
    return digest


def _stored(session: Session, digest: str) -> Release:
    release = session.get(Release, digest) if can_name(digest) else None
    if release is None:
        raise NotFound(f"There is no release {digest!r}")
    return release


def _latest(session: Session) -> str | None:
    newest_first = select(ReleaseInForce.digest).order_by(col(ReleaseInForce.sequence).desc())
    return session.exec(newest_first.limit(1)).first()
