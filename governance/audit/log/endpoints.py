"""The log under `/v1/log`, laid out as https://c2sp.org/tlog-tiles asks, and a decision's proof."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse
from sqlmodel import Session, col, func, select

from governance.access.caller import Caller, authorize, identified, may
from governance.access.parameters import check_names
from governance.audit.log.keys import stored_keys
from governance.audit.log.schemas import ConsistencyOut, KeysOut, LogOut
from governance.audit.log.sealer import unsealed_after
from governance.audit.log.stored_tree import entries, loader, newest_checkpoint, tree
from governance.audit.models import LogEntry
from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.entry import entry
from governance.decisions.models import Decision
from governance.errors import FieldError, GovernanceError, InvalidRequest, NotFound
from governance.gates.pipeline import Pipeline
from governance.problems import problems
from governance.transparency import canonical_base64
from governance.transparency.entry_bundles import encode_bundle
from governance.transparency.note_keys import Verifier
from governance.transparency.proof_text import ProofText
from governance.transparency.tiles import TILE_HEIGHT, TILE_WIDTH, InvalidTilePath, TilePath
from governance.transparency.tree import HASH_BYTES

router = APIRouter(prefix="/v1", tags=["log"])

_Reader = Annotated[Caller, Depends(may("log:read"))]
_TilePath = Annotated[str, Path(description="As in 0/x001/234, 1/000.p/17 or entries/000.")]
_SIZE = r"^[1-9][0-9]{0,17}$"
# Not for shared caches, since a key is needed; for ever, since what a path names never changes.
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_PROOF_PROBLEMS = problems(401, 403, 404, 409, 422, 503)
_PROOF_PROBLEMS[409]["description"] = "The decision is not sealed yet: ask again in a moment"
_OCTETS = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


class NotSealedYet(GovernanceError):
    """A decision is on the record, and has no place in the tree yet."""

    status = 409
    code = "not-sealed-yet"
    title = "The decision is on the record but not in the tree yet"


@router.get("/log", response_model=LogOut, responses=problems(401, 403, 503))
def read_log(request: Request, _: _Reader) -> dict[str, Any]:
    """How far the log is sealed, and how long decisions wait for it."""
    with _reading(request) as session:
        keys, newest = stored_keys(session), newest_checkpoint(session)
        waiting = col(Decision.sequence) > unsealed_after(session)[1]
        oldest = select(Decision.timestamp).where(waiting).order_by(col(Decision.sequence)).limit(1)
        since = session.exec(oldest).first()
        unsealed = session.exec(select(func.count()).select_from(Decision).where(waiting)).one()
    return {
        "origin": Verifier.parse(keys[-1].verifier_key).name if keys else None,
        "size": newest.size if newest else 0,
        "checkpoint_at": newest.signed_at.isoformat() if newest else None,
        "unsealed": unsealed,
        "oldest_unsealed_seconds": None if since is None else _seconds_since(since),
    }


@router.get("/log/keys", response_model=KeysOut, responses=problems(401, 403, 503))
def read_keys(request: Request, _: _Reader) -> dict[str, Any]:
    """The public keys that checkpoints can be opened with."""
    with _reading(request) as session:
        keys = stored_keys(session)
    return {
        "keys": [
            {
                "verifier_key": key.verifier_key,
                "since": key.since.isoformat(),
                "signs": key is keys[-1],
            }
            for key in keys
        ]
    }


@router.get(
    "/log/checkpoint",
    response_class=PlainTextResponse,
    responses=problems(401, 403, 404, 503),
)
def read_checkpoint(request: Request, _: _Reader) -> str:
    """The newest signed checkpoint (https://c2sp.org/tlog-checkpoint)."""
    with _reading(request) as session:
        newest = newest_checkpoint(session)
    if newest is None:
        raise NotFound("Nothing is sealed yet")
    return newest.note


@router.get(
    "/log/tile/{path:path}",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 503) | {200: {"content": _OCTETS}},
)
def read_tile(path: _TilePath, request: Request, _: _Reader) -> Response:
    """A tile of hashes or a bundle of entries, laid out as https://c2sp.org/tlog-tiles asks."""
    tile = TilePath.parse(f"tile/{path}")
    start = tile.index * TILE_WIDTH
    with _reading(request) as session:
        newest = newest_checkpoint(session)
        size = newest.size if newest else 0
        if start + tile.width > size >> TILE_HEIGHT * (tile.level or 0):
            raise InvalidTilePath(f"A log of {size} entries has no {tile}")
        if tile.level is None:
            content = encode_bundle(list(entries(session, start, start + tile.width)))
        else:
            content = loader(session)(tile.level, tile.index)[: tile.width * HASH_BYTES]
    return Response(content, media_type="application/octet-stream", headers=_FOR_EVER)


@router.get(
    "/log/consistency", response_model=ConsistencyOut, responses=problems(401, 403, 422, 503)
)
def prove_consistency(
    request: Request,
    _: _Reader,
    first: Annotated[str, Query(pattern=_SIZE, description="A size that the log had.")],
    second: Annotated[str, Query(pattern=_SIZE, description="That size or a later one.")],
) -> dict[str, Any]:
    """That the log of the first size is the beginning of that of the second."""
    check_names([name for name, _ in request.query_params.multi_items()], ("first", "second"))
    size1, size2 = int(first), int(second)
    with _reading(request) as session:
        newest = newest_checkpoint(session)
        size = newest.size if newest else 0
        if size2 > size:
            raise _wrong_size("second", f"the log has {size} entries", "GET /v1/log names its size")
        if size1 > size2:
            raise _wrong_size("first", f"it is greater than `second`, {size2}", "swap the two")
        hashes = tree(session).consistency_proof(size1, size2)
    return {"first": size1, "second": size2, "proof": list(map(canonical_base64.encode, hashes))}


@router.get(
    "/decisions/{decision_id}/proof", response_class=PlainTextResponse, responses=_PROOF_PROBLEMS
)
def prove_decision(
    decision_id: str, request: Request, caller: Annotated[Caller, Depends(identified)]
) -> str:
    """That the decision is in the log: https://c2sp.org/tlog-proof under the newest checkpoint.

    Its `extra` line is the entry itself, with the SHA-256 of the recorded input and result.
    """
    pipeline: Pipeline = request.app.state.pipeline
    with _reading(request) as session:
        decision = decisions.get(session, decision_id)
        place = select(LogEntry.entry_index).where(LogEntry.sequence == decision.sequence)
        index, newest = session.exec(place).first(), newest_checkpoint(session)
        text = None
        if index is not None and newest is not None:
            hashes = tuple(tree(session).inclusion_proof(index, newest.size))
            text = str(ProofText(index, hashes, newest.note, entry(decision)))
    resource = {"path": request.url.path, "requested_by": decision.requested_by}
    authorize(pipeline, caller, "decisions:read", resource)
    if text is None:
        raise NotSealedYet("Ask again in a moment: decisions are sealed in the background")
    return text


def _seconds_since(instant: datetime) -> int:
    return max(0, int((datetime.now(UTC) - instant).total_seconds()))


def _reading(request: Request) -> AbstractContextManager[Session]:
    pipeline: Pipeline = request.app.state.pipeline
    return transaction(pipeline.engine)


def _wrong_size(field: str, message: str, hint: str) -> InvalidRequest:
    return InvalidRequest(message, errors=[FieldError(field, message, hint)])
