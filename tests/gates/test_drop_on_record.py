"""A refused drop on the record: found, replayed, erased like any other, and owed no statement."""

from collections.abc import Iterator
from datetime import date

import pytest
from drop_requests import approval, market, plan

from governance.access.caller import at_the_shell
from governance.audit.erasure import erase_subject
from governance.audit.statements.commands import statements_between
from governance.audit.statements.statements import statements
from governance.db import migrate, open_engine, transaction
from governance.decisions import service
from governance.decisions.filters import Filters
from governance.decisions.search import page
from governance.gates.pipeline import Pipeline
from governance.releases.content import read_tree
from governance.releases.service import ensure_first
from governance.settings import Settings


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("drops"))
    found = Pipeline(open_engine(settings), settings)
    migrate(found.engine)
    tree = read_tree(settings.rulesets_dir, settings.policies_dir)
    with transaction(found.engine, write=True) as session:
        ensure_first(session, lambda: tree, "working tree")
    yield found
    found.engine.dispose()


def recorded(pipeline: Pipeline) -> str:
    """The id of a refusal of DE, on the record; FR would have been allowed."""
    asked = plan(
        market(clearance_open=False), market("FR"), approvals=[approval("clearance_not_open")]
    )
    with transaction(pipeline.engine, write=True) as session:
        evaluation = pipeline.gates(session).evaluate("drop", asked)
        return evaluation.record(session, "key_1")


def test_it_is_found_by_market_and_by_the_verdict_of_the_whole(pipeline: Pipeline) -> None:
    decision_id = recorded(pipeline)
    with transaction(pipeline.engine) as session:
        for filters in (
            Filters(gate="drop"),
            Filters(market="DE", verdict="prohibited"),
            Filters(market="FR", verdict="allowed"),
        ):
            *_, found = page(session, filters, order="asc", after=None, limit=50)
            assert found.decision_id == decision_id
            assert found.verdicts == {"": "prohibited", "DE": "prohibited", "FR": "allowed"}


def test_it_replays_to_the_byte_after_its_creator_is_erased_too(pipeline: Pipeline) -> None:
    decision_id = recorded(pipeline)
    with transaction(pipeline.engine) as session:
        assert pipeline.replay(session, decision_id).same
    shell = at_the_shell(pipeline)
    erased = erase_subject(pipeline, shell, "c-1", "asked for by the person")
    assert erased.decisions >= 1
    with transaction(pipeline.engine) as session:
        assert pipeline.replay(session, decision_id).same
        kept = service.opened(session, service.get(session, decision_id))
    assert "c-1" not in str(kept)
    assert "key_reviewer" not in str(kept)


def test_it_is_owed_no_statement_of_reasons(pipeline: Pipeline) -> None:
    """Those are owed for offers; each sale that a drop rests on has a decision of its own."""
    decision_id = recorded(pipeline)
    with transaction(pipeline.engine) as session:
        decision = service.get(session, decision_id)
        library = pipeline.gates_of(session, decision.release).library
        assert statements(decision, library, pipeline.settings) == []
        day = decision.timestamp.date()
    assert list(statements_between(pipeline, min(day, date(2026, 1, 1)), day)) == []
