"""Replaying a range: all of it, by filters, on several processes; and what differs is told."""

import re
from dataclasses import replace
from typing import Any

import pytest
from serving import Service
from sqlmodel import text
from tiny_library import ask

from governance.access.caller import at_the_shell
from governance.audit import replay as module
from governance.audit.replay import replay
from governance.db import transaction
from governance.decisions.filters import Filters


def filled(service: Service, count: int) -> list[str]:
    shell = at_the_shell(service.pipeline)
    evaluations = [
        shell.gates.evaluate("sale", ask(market, attributes=attributes))
        for market in ("DE", "FR", "IT")
        for attributes in ({"colour": "red"}, {"radio": True}, {})
    ]
    with transaction(service.engine, write=True) as session:
        return [
            evaluations[number % len(evaluations)].record(session, "key_1")
            for number in range(count)
        ]


def test_every_decision_of_the_range_is_replayed(database_service: Service) -> None:
    filled(database_service, 27)
    database_service.ask(ask("DE"), role="auditor")  # refused: on the record too
    seen: list[tuple[int, int]] = []
    report = replay(
        database_service.pipeline, Filters(), 1, lambda done, total: seen.append((done, total))
    )
    assert report.count == len(database_service.decisions())
    assert report.differences == []
    assert seen[-1] == (report.count, report.count)
    assert replay(database_service.pipeline, Filters(market="DE"), 1).count == 9
    assert replay(database_service.pipeline, Filters(gate="access"), 1).count == 1
    assert replay(database_service.pipeline, Filters(caller="nobody"), 1).count == 0


def test_several_processes_replay_the_same(
    database_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(module, "_CHUNK", 7)
    filled(database_service, 40)
    report = replay(database_service.pipeline, Filters(), 2)
    assert (report.count, report.differences) == (40, [])


def tamper(service: Service, statement: str, **values: Any) -> None:
    with service.engine.begin() as connection:
        on = " ON decision" if connection.dialect.name == "postgresql" else "_update"
        connection.execute(text(f"DROP TRIGGER decision_append_only{on}"))
        connection.execute(text(statement), values)


def test_a_result_that_was_changed_is_told(database_service: Service) -> None:
    ids = filled(database_service, 12)
    change = "UPDATE decision SET result = replace(result, :old, :new) WHERE decision_id = :id"
    old, new = '"verdict":"', '"verdict":"un'
    tamper(database_service, change, old=old, new=new, id=ids[5])
    (difference,) = replay(database_service.pipeline, Filters(), 1).differences
    assert difference.decision_id == ids[5]
    assert difference.recorded != difference.replayed
    undo = replace(difference)
    tamper_back = "UPDATE decision SET result = :result WHERE decision_id = :id"
    with database_service.engine.begin() as connection:
        connection.execute(text(tamper_back), {"result": undo.replayed, "id": ids[5]})


def test_a_decision_that_cannot_be_replayed_is_told_with_the_reason(
    database_service: Service,
) -> None:
    (one,) = filled(database_service, 1)
    before = database_service.decisions()[0].release
    tamper(database_service, "UPDATE decision SET release = 'sha256:0' WHERE true")
    (difference,) = replay(database_service.pipeline, Filters(), 1).differences
    assert difference.decision_id == one
    assert re.search("Not found|sha256:0", difference.replayed)
    with database_service.engine.begin() as connection:
        connection.execute(text("UPDATE decision SET release = :r"), {"r": before})
