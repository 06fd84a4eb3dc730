"""Erasure: gone from every file, on the record without a name, and every replay still the same."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from serving import Service, replay_all, served
from sqlalchemy import Engine
from sqlmodel import Session, select, text
from tiny_library import ask, paper

from governance.access.caller import Caller, Forbidden, at_the_shell
from governance.audit.erasure import Erased, erase_expired, erase_subject
from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.models import Decision, PersonalValues
from governance.decisions.personal import put_back
from governance.errors import InvalidRequest, StorageUnavailable
from governance.settings import Settings


def request(seller: str, number: int = 0) -> dict[str, Any]:
    asked = ask("DE", evidence=[paper("de.register")])
    asked["seller"]["id"] = seller
    asked["product"] |= {"id": f"{seller}-product", "title": f"Title of {seller} {number}"}
    asked["evidence"][0]["reference"] = f"{seller}-paper-{number}"
    return asked


def asked_by(service: Service, seller: str, times: int = 1) -> list[str]:
    answers = [service.ask(request(seller, number)) for number in range(times)]
    return [answer.json()["decision_id"] for answer in answers]


def erased_by_admin(service: Service, subject: str) -> Erased:
    return erase_subject(
        service.pipeline, at_the_shell(service.pipeline), subject, "asked for by the person"
    )


def salts(engine: Engine, ids: list[str]) -> list[str]:
    with transaction(engine) as session:
        return [
            opening["salt"]
            for decision_id in ids
            for opening in decisions.opened(session, decisions.get(session, decision_id)).values()
        ]


def test_what_is_erased_is_gone_and_what_is_not_stays(database_service: Service) -> None:
    service = database_service
    gone, kept = asked_by(service, "creator-gone", 3), asked_by(service, "creator-kept")
    before = [service.get(f"/v1/decisions/{one}").json()["input"] for one in gone]
    done = erased_by_admin(service, "creator-gone")
    assert done.decisions == 3
    for one, earlier in zip(gone, before, strict=True):
        event = service.get(f"/v1/decisions/{one}").json()
        assert "creator-gone" not in json.dumps(event)
        assert "/input/seller/id" in event["erased"]
        assert event["input"]["product"]["category"] == earlier["product"]["category"]
    event = service.get(f"/v1/decisions/{kept[0]}").json()
    assert event["input"]["seller"]["id"] == "creator-kept"
    assert event["erased"] == []


def test_an_erasure_is_on_the_record_without_whose_values_it_erased(
    database_service: Service,
) -> None:
    ids = asked_by(database_service, "creator-gone", 2)
    (record,) = erased_by_admin(database_service, "creator-gone").records
    with transaction(database_service.engine) as session:
        decision = decisions.get(session, record)
    assert decision.gate == "erasure"
    asked = json.loads(decision.input)
    assert asked["resource"] == {"reason": "asked for by the person", "decisions": ids}
    assert "creator-gone" not in decision.input + decision.result


def test_erasing_again_or_a_stranger_changes_nothing(database_service: Service) -> None:
    asked_by(database_service, "creator-gone")
    erased_by_admin(database_service, "creator-gone")
    before = database_service.dump()
    assert erased_by_admin(database_service, "creator-gone") == Erased(0, ())
    assert erased_by_admin(database_service, "nobody") == Erased(0, ())
    assert database_service.dump() == before


def test_the_id_of_a_product_is_no_subject(database_service: Service) -> None:
    asked_by(database_service, "creator-1")
    assert erased_by_admin(database_service, "creator-1-product").decisions == 0


def test_without_a_reason_nothing_is_erased(database_service: Service) -> None:
    asked_by(database_service, "creator-1")
    before = database_service.dump()
    shell = at_the_shell(database_service.pipeline)
    with pytest.raises(InvalidRequest, match="reason"):
        erase_subject(database_service.pipeline, shell, "creator-1", "  ")
    assert database_service.dump() == before


def test_only_an_administrator_erases_and_a_refusal_is_on_the_record(
    database_service: Service,
) -> None:
    asked_by(database_service, "creator-1")
    with transaction(database_service.engine) as session:
        auditor = Caller("key_a", "auditor", database_service.pipeline.gates(session))
    with pytest.raises(Forbidden):
        erase_subject(database_service.pipeline, auditor, "creator-1", "because")
    last = database_service.decisions()[-1]
    assert (last.gate, last.requested_by) == ("access", "key_a")
    assert json.loads(last.result)["verdict"] == "prohibited"


def test_only_what_is_older_than_its_retention_expires(engine: Engine, service: Service) -> None:
    shell = at_the_shell(service.pipeline)
    evaluation = shell.gates.evaluate("sale", request("creator-old"))
    with transaction(engine, write=True) as session:
        old, new = (evaluation.record(session, "key_1") for _ in range(2))
    with engine.begin() as connection:
        backdated(connection.dialect.name, connection, old, timedelta(days=3653))
    pipeline = type(service.pipeline)(engine, service.settings)
    assert erase_expired(pipeline, shell).decisions == 1
    with transaction(engine) as session:
        assert decisions.opened(session, decisions.get(session, old)) == {}
        assert decisions.opened(session, decisions.get(session, new)) != {}


def backdated(dialect: str, connection: Any, decision_id: str, age: timedelta) -> None:
    """Make a decision older, as no service can: without the trigger that forbids it."""
    on = " ON decision" if dialect == "postgresql" else "_update"
    connection.execute(text(f"DROP TRIGGER decision_append_only{on}"))
    when = (datetime.now(UTC) - age).isoformat(timespec="microseconds")
    change = "UPDATE decision SET timestamp = :when WHERE decision_id = :id"
    connection.execute(text(change), {"when": when, "id": decision_id})


def test_no_byte_of_a_value_or_salt_is_left_in_any_file(
    tmp_path: Path, tiny_rulesets: Path
) -> None:
    """Rows of all sizes, erased between others that go on being written."""
    settings = Settings(data_dir=tmp_path, database_url=None, rulesets_dir=tiny_rulesets)
    with served(settings) as service:
        shell = at_the_shell(service.pipeline)
        gone: list[str] = []
        for turn in range(6):
            many = [f"creator-{turn}-{number}" for number in range(8)]
            ids = {seller: recorded(service, shell, seller, 12) for seller in many}
            for seller in many[:5]:
                gone += [seller, *salts(service.engine, ids[seller])]
                assert erased_by_admin(service, seller).decisions == 12
            files = b"".join(path.read_bytes() for path in tmp_path.glob("governance.db*"))
            assert [value for value in gone if value.encode() in files] == []
            assert all(seller.encode() in files for seller in many[5:])


def recorded(service: Service, shell: Caller, seller: str, times: int) -> list[str]:
    ids = []
    for number in range(times):
        asked = request(seller, number)
        asked["product"]["title"] = "long " * (number * 90)
        evaluation = shell.gates.evaluate("sale", asked)
        with transaction(service.engine, write=True) as session:
            ids.append(evaluation.record(session, "key_1"))
    return ids


def test_a_reader_that_keeps_old_copies_is_told_of(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch, tiny_rulesets: Path
) -> None:
    monkeypatch.setattr("governance.audit.erasure._WAIT_SECONDS", 0.3)
    settings = sqlite_settings.model_copy(update={"rulesets_dir": tiny_rulesets})
    with served(settings) as service:
        asked_by(service, "creator-gone")
        with Session(service.engine) as reader:
            reader.exec(select(Decision)).first()
            with pytest.raises(StorageUnavailable, match="erase again"):
                erased_by_admin(service, "creator-gone")
        erased_by_admin(service, "creator-gone")
        files = b"".join(path.read_bytes() for path in settings.data_dir.glob("governance.db*"))
        assert b"creator-gone" not in files


def test_every_decision_replays_after_an_erasure(database_service: Service) -> None:
    ids = asked_by(database_service, "creator-gone", 3)
    erased_by_admin(database_service, "creator-gone")
    assert replay_all(database_service.settings) >= 4
    with transaction(database_service.engine) as session:
        decision = decisions.get(session, ids[0])
        recorded_input = json.loads(decision.input)
        assert put_back(recorded_input, decisions.opened(session, decision)) == recorded_input
        assert session.exec(select(PersonalValues)).all() != []
