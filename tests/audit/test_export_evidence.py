"""An export as evidence: complete, filtered, masked, in the exact bytes of the record."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from export_cases import Log, open_log, records
from sqlmodel import col, select

from governance.access.caller import Forbidden
from governance.audit.erasure import erase_subject
from governance.audit.exports.lines import encode, entry_of_record, read_record
from governance.audit.log.stored_tree import entries
from governance.db import transaction
from governance.decisions.filters import Filters
from governance.decisions.models import Decision
from governance.errors import InvalidRequest
from governance.settings import Settings

_COUNT = 1_300


@pytest.fixture
def log(database_settings: Settings, tiny_rulesets: Path) -> Iterator[Log]:
    with open_log(database_settings, tiny_rulesets) as opened:
        yield opened


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Log]:
    with open_log(Settings(data_dir=tmp_path_factory.mktemp("log")), tiny_rulesets) as opened:
        opened.fill(_COUNT)
        opened.fill(40, caller="key_2", seller="other")
        yield opened


def test_the_whole_log_is_exported_and_holds(log: Log, tmp_path: Path) -> None:
    log.fill(1_100)
    export = log.export(tmp_path / "out")
    verified = log.verify(export)
    assert verified.manifest.complete
    assert not verified.manifest.hides_others
    # The export itself is on the record, and in it.
    assert verified.manifest.count == verified.checkpoint.size == 1_101
    assert verified.manifest.gates == {"sale": 1_100, "access": 1}
    assert len(verified.manifest.blocks) == 2
    assert [one["index"] for one in records(export)] == list(range(1_101))


def test_a_line_holds_the_entry_to_the_byte(filled: Log, tmp_path: Path) -> None:
    lines = filled.export(tmp_path / "out").read_bytes().splitlines()[1:-1]
    with transaction(filled.pipeline.engine) as session:
        sealed = list(entries(session, 0, len(lines)))
        stored = session.exec(select(Decision).order_by(col(Decision.sequence))).all()
    read = [read_record(line) for line in lines]
    assert [entry_of_record(record) for record in read] == sealed
    assert [encode(record) for record in read] == lines
    for record, decision in zip(read, stored, strict=False):
        assert bytes(record.input) == decision.input.encode()
        assert bytes(record.result) == decision.result.encode()


def test_an_opened_value_is_what_was_asked_with(filled: Log, tmp_path: Path) -> None:
    found = records(filled.export(tmp_path / "out", Filters(gate="sale")))
    assert found[7]["opened"]["/input/seller/id"]["value"] == "creator-7"
    assert found[7]["input"]["seller"]["id"].startswith("commitment:sha256:")


def test_what_the_policy_withholds_is_masked_and_nothing_breaks(
    filled: Log, tmp_path: Path
) -> None:
    out = filled.export(tmp_path / "out", role="auditor")
    verified = filled.verify(out)
    assert verified.manifest.masks == {
        "drop": ["/input/drop/creator"],
        "sale": ["/input/seller/id", "/input/evidence/*/reference"],
    }
    assert b'"creator-' not in out.read_bytes()
    with_papers = [one for one in records(out) if len(one["masked"]) > 1]
    assert with_papers[0]["masked"] == [
        "/input/evidence/0/reference", "/input/evidence/1/reference", "/input/seller/id",
    ]  # fmt: skip
    assert with_papers[0]["opened"].keys() == {"/input/product/id", "/input/product/title"}


def test_what_was_erased_is_in_no_export_and_nothing_breaks(log: Log, tmp_path: Path) -> None:
    log.fill(30)
    before = log.export(tmp_path / "before")
    salts = [opening["salt"] for opening in records(before)[3]["opened"].values()]
    erase_subject(log.pipeline, log.caller(), "creator-3", "asked for by the person")
    after = log.export(tmp_path / "after")
    log.verify(after)
    erased = records(after)[3]
    assert erased["opened"] == {}
    assert set(erased["erased"]) >= {"/input/seller/id", "/input/product/title"}
    content = after.read_text()
    assert '"creator-3"' not in content
    assert not any(salt in content for salt in salts)
    assert records(before)[4]["opened"] == records(after)[4]["opened"] != {}


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        (Filters(gate="access"), lambda one: one["gate"] == "access"),
        (Filters(caller="key_2"), lambda one: one["requested_by"] == "key_2"),
        (Filters(category="lasers"), lambda one: one["input"]["product"]["category"] == "lasers"),
        (Filters(market="US"), lambda one: "US" in one["input"]["markets"]),
        (Filters(verdict="prohibited"), lambda one: "prohibited" in verdicts(one).values()),
        (Filters(market="DE", verdict="prohibited"), lambda one: verdicts(one)["DE"]),
        (Filters(since=datetime(2020, 1, 1, tzinfo=UTC), gate="sale"), lambda one: True),
        (Filters(until=datetime(2020, 1, 1, tzinfo=UTC)), lambda one: False),
        (Filters(release="sha256:" + "0" * 64), lambda one: False),
    ],
)
def test_a_filtered_export_holds_and_says_that_it_hides_others(
    filled: Log, tmp_path: Path, filters: Filters, meant: object
) -> None:
    whole = records(filled.export(tmp_path / "whole"))
    out = filled.export(tmp_path / "out", filters)
    verified = filled.verify(out)
    assert verified.manifest.hides_others
    assert not verified.manifest.complete
    found = [one["decision_id"] for one in records(out)]
    if filters == Filters(market="DE", verdict="prohibited"):
        due = [one for one in whole if verdicts(one).get("DE") == "prohibited"]
    else:
        assert callable(meant)
        due = [one for one in whole if one["gate"] == (filters.gate or "sale") and meant(one)]
    # The second export is one record longer: that of itself.
    assert found[: len(due)] == [one["decision_id"] for one in due]
    assert len(found) - len(due) == (filters.gate == "access")


def verdicts(one: dict) -> dict:  # type: ignore[type-arg]
    return {at["market"]: at["verdict"] for at in one["result"].get("markets", ())}


def test_an_export_goes_on_from_an_index(filled: Log, tmp_path: Path) -> None:
    out = filled.export(tmp_path / "out", from_index=1_200)
    verified = filled.verify(out)
    assert not verified.manifest.complete
    assert verified.manifest.first_index == records(out)[0]["index"] == 1_200
    with pytest.raises(InvalidRequest) as refused:
        filled.begin(from_index=10**9)
    assert refused.value.errors[0].field == "cursor"


def test_who_exported_what_is_on_the_record(filled: Log, tmp_path: Path) -> None:
    filled.export(tmp_path / "out", Filters(market="FR"), role="auditor")
    with pytest.raises(Forbidden):
        filled.begin(role="portal")
    with transaction(filled.pipeline.engine) as session:
        last = session.exec(select(Decision).order_by(col(Decision.sequence).desc())).fetchmany(2)
    refused, allowed = (msgspec.json.decode(one.input) for one in last)
    assert allowed["action"] == refused["action"] == "decisions:export"
    assert allowed["resource"] == {"filter": {"market": "FR"}, "from_index": 0}
    assert allowed["caller"]["role"] == "auditor"
    assert [msgspec.json.decode(one.result)["verdict"] for one in last] == ["prohibited", "allowed"]
