"""Decisions on the record and sealed, without a service: short, and with personal values."""

import json
from collections.abc import Iterable

from sqlalchemy import Engine
from sqlmodel import Session

from governance.audit.log.keys import ensure_key, signer
from governance.audit.log.sealer import seal
from governance.audit.models import Checkpoint
from governance.db import transaction
from governance.decisions import service
from governance.decisions.personal import take_out
from governance.gates.filing import SALE
from governance.settings import Settings
from governance.transparency.note_keys import Signer

PRODUCT = {"id": "p-1", "title": "A lamp", "category": "lamps"}


def record(engine: Engine, count: int, together: bool = False) -> list[str]:
    """Append decisions of the sale gate, each in a transaction of its own; their ids."""
    if not together:
        return [one for number in range(count) for one in _append(engine, [number])]
    return _append(engine, range(count))


def _append(engine: Engine, numbers: Iterable[int]) -> list[str]:
    with transaction(engine, write=True) as session:
        return [_decide(session, number) for number in numbers]


def _decide(session: Session, number: int) -> str:
    request = {
        "seller": {"id": f"s-{number % 7}"},
        "product": PRODUCT | {"title": f"Lamp {number}"},
        "evidence": [{"type": "x", "reference": f"DE-{number}"}],
    }
    assert SALE.personal is not None
    recorded, personal = take_out(request, SALE.personal)
    verdicts = {"DE": "allowed", "FR": "prohibited" if number % 3 else "allowed"}
    markets = [{"market": market, "verdict": one} for market, one in verdicts.items()]
    decision_id = service.new_decision_id()
    service.append(
        session,
        decision_id=decision_id,
        gate="sale",
        path="governance.sale.judgement",
        release="sha256:ab",
        input_json=json.dumps(recorded),
        result_json=json.dumps({"markets": markets}),
        requested_by="key_1",
        labels={"service": "governance"},
        metrics={"timer_evaluate_ns": number},
        verdicts=verdicts,
        category="lamps",
        personal=personal,
    )
    return decision_id


def key_of(engine: Engine, settings: Settings) -> Signer:
    """The key of the log, made where there is none."""
    with transaction(engine, write=True) as session:
        ensure_key(settings, session)
        return signer(settings, session)


def sealed(engine: Engine, settings: Settings, count: int) -> Checkpoint:
    """Append decisions and seal them: the checkpoint."""
    record(engine, count, together=True)
    checkpoint = seal(engine, key_of(engine, settings))
    assert checkpoint is not None
    return checkpoint
