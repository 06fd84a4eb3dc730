"""Vets providers: what is known, judged, on the record, and the step that follows, in one go."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from governance.access.caller import Caller
from governance.db import transaction
from governance.decisions import service as decisions
from governance.errors import FieldError, GovernanceError, InvalidRequest
from governance.gates.pipeline import Evaluation, Pipeline, canonical
from governance.providers import registry
from governance.providers.models import Provider, Standing
from governance.providers.vetting.evidence import vetting_request
from governance.providers.vetting.models import Vetting
from governance.providers.vetting.standing import check_step, take_step
from governance.providers.vetting.touches import touches

MAY_BE_ASKED_FOR = (Standing.REINSTATED, Standing.DELISTED)
"""The standings that a person asks for; all others follow from what is found, unasked."""

_BARRED = (Standing.SUSPENDED, Standing.DELISTED)


@dataclass(frozen=True)
class Vetted:
    """What a vetting came to. `recorded` is False where it only confirmed the one on the record.

    `reasons` are the policy's codes; `cells` those of the gate's result.
    """

    provider_id: str
    decision_id: str
    before: Standing
    after: Standing
    reasons: Sequence[str]
    cells: Sequence[Mapping[str, Any]]
    recorded: bool


def vet(
    session: Session,
    caller: Caller,
    provider_id: str,
    *,
    now: datetime | None = None,
    wanted: Standing | None = None,
    unless_same: bool = False,
) -> Vetted:
    """Judge a provider as it is now, in the caller's write transaction.

    The provider's row is locked first, so that what is judged is what was committed before, and
    nothing that changes meanwhile is taken for judged. `wanted` is a standing that a person asks
    for. With `unless_same` a vetting is recorded only where its outcome is not that of the latest.

    Raises:
        NotFound: there is no such provider.
        InvalidRequest: nobody asks for the wanted standing.
        IllegalStep: no step leads to the standing that is wanted, or that the policy answers.
        EngineUnavailable: there is no verdict; nothing changes.
    """
    provider = registry.locked(session, provider_id)
    now = now or datetime.now(UTC)
    if wanted is not None:
        _check_wanted(session, provider, wanted)
    library = caller.gates.library
    request = vetting_request(session, provider, library.vocabulary, now, wanted)
    evaluation = caller.gates.evaluate("provider", request)
    result, before = evaluation.result, provider.standing
    after = Standing(result["standing"])
    latest = session.get(Vetting, provider_id) or Vetting(provider_id=provider_id)
    recorded = not (unless_same and before == after and _confirms(session, latest, evaluation))
    if recorded:
        latest.decision_id = evaluation.record(session, caller.id, caller.trace_id)
    assert latest.decision_id is not None
    if after != before:
        take_step(
            session,
            provider,
            after,
            decision_id=latest.decision_id,
            reasons=result["reasons"],
            touches=touches(session, provider_id) if after in _BARRED else {},
            now=now,
        )
    latest.vetted_at, latest.due_since = now, None
    session.add(latest)
    session.flush()
    return Vetted(
        provider_id,
        latest.decision_id,
        before,
        after,
        result["reasons"],
        result["cells"],
        recorded,
    )


def vet_each(
    pipeline: Pipeline,
    caller: Caller,
    provider_ids: Sequence[str],
    *,
    now: datetime | None = None,
    unless_same: bool = False,
) -> Iterator[tuple[str, Vetted | GovernanceError]]:
    """Vet these providers, each in a transaction of its own: one that fails stops no other.

    What failed is given as its error; that provider stays as it was, and due.
    """
    for one in provider_ids:
        try:
            with transaction(pipeline.engine, write=True) as session:
                vetted = vet(session, caller, one, now=now, unless_same=unless_same)
        except GovernanceError as error:
            yield one, error
        else:
            yield one, vetted


def _check_wanted(session: Session, provider: Provider, wanted: Standing) -> None:
    check_step(session, provider, wanted)
    if wanted not in MAY_BE_ASKED_FOR:
        message = f"nobody asks for `{wanted.value}`: it follows from what a vetting finds"
        hint = f"leave it out, or one of: {', '.join(MAY_BE_ASKED_FOR)}"
        raise InvalidRequest(message, errors=[FieldError("/wanted", message, hint)])


def _confirms(session: Session, latest: Vetting, evaluation: Evaluation) -> bool:
    """Whether this says what the latest vetting on the record says, under the same release."""
    if latest.decision_id is None:
        return False
    recorded = decisions.get(session, latest.decision_id)
    if recorded.release != evaluation.release:
        return False
    return _outcome(recorded.result) == _outcome(canonical(evaluation.result))


def _outcome(result_json: str) -> tuple[Any, ...]:
    """All but the day and the bounds, which move with every shipment."""
    result = json.loads(result_json)
    cells = [{name: cell[name] for name in cell if name != "bounds"} for cell in result["cells"]]
    return result["standing"], result["reasons"], cells
