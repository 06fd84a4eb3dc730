"""Finding drops: each filter by its definition, and pages that neither miss nor repeat."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from tiny_drop import DOCUMENT, lead, make

from governance.db import transaction
from governance.drops.models import DropState
from governance.drops.search import check_cursor, read_filters, search
from governance.errors import InvalidRequest

OTHER = DOCUMENT["creator"] | {"id": "creator-2"}


@pytest.fixture
def drops(engine: Engine) -> dict[str, str]:
    """The names of five drops by their ids."""
    made = {
        make(engine, "key_1", title="100% Red"): "red",
        make(engine, "key_1", title="BLUE", markets=["FR"]): "blue",
        make(engine, "key_2", title="Green_ish", creator=OTHER): "green",
        make(engine, "key_2", title="Gold ÉTÉ", markets=["DE"], creator=OTHER): "gold",
        make(engine, "key_2", title="Red again", markets="all"): "again",
    }
    ids = {name: drop_id for drop_id, name in made.items()}
    lead(engine, ids["blue"], DropState.PLANNED, DropState.APPROVED)
    lead(engine, ids["gold"], DropState.CLOSED)
    return made


def names(engine: Engine, drops: dict[str, str], made_by: str | None = None, **given: Any):
    with transaction(engine) as session:
        found = search(session, read_filters(**given), made_by=made_by)
        return [drops[one.id] for one in found]


def test_each_filter_means_what_it_says(engine: Engine, drops: dict[str, str]) -> None:
    def found(**given: Any) -> set[str]:
        return set(names(engine, drops, **given))

    assert found() == {"red", "blue", "green", "gold", "again"}
    assert found(made_by="key_1") == {"red", "blue"}
    assert found(made_by="key_3") == set()
    assert found(state=["draft"]) == {"red", "green", "again"}
    assert found(state=["approved", "closed"]) == {"blue", "gold"}
    assert found(state=["draft"], made_by="key_2") == {"green", "again"}
    assert found(creator="creator-2") == {"green", "gold"}
    assert found(creator="creator") == set()
    assert found(market="FR") == {"red", "blue", "green", "again"}
    assert found(market="DE") == {"red", "green", "gold", "again"}
    assert found(market="GB") == set()  # wanted, and nobody follows there
    assert found(text="red") == {"red", "again"}
    assert found(text="0%") == {"red"}
    assert found(text="n_i") == {"green"}
    assert found(text="b_u") == set()
    assert found(text="ÉTÉ") == {"gold"}
    assert found(text="drp_") == {"red", "blue", "green", "gold", "again"}
    assert found(text="red", market="FR", creator="creator-1", state=["draft"]) == {"red", "again"}


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(limit=st.integers(1, 6), made_by=st.sampled_from([None, "key_1", "key_2"]))
def test_pages_neither_miss_nor_repeat_and_the_newest_come_first(
    engine: Engine, drops: dict[str, str], limit: int, made_by: str | None
) -> None:
    whole = names(engine, drops, made_by)
    newest = sorted(drops, reverse=True)
    assert whole == [drops[one] for one in newest if drops[one] in whole]
    paged: list[str] = []
    after = None
    with transaction(engine) as session:
        while page := search(session, read_filters(), made_by=made_by, after=after, limit=limit):
            paged += [drops[one.id] for one in page]
            after = page[-1].id
    assert paged == whole


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"state": ["draft", "lively"]}, "state"),
        ({"market": "UK"}, "market"),
        ({"creator": ""}, "creator"),
        ({"creator": "a\x00b"}, "creator"),
        ({"text": "x" * 201}, "text"),
    ],
)
def test_a_filter_that_can_mean_nothing_is_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_filters(**wrong)
    (error,) = refused.value.errors
    assert error.field == field
    assert error.hint


@pytest.mark.parametrize("cursor", ["", "drp_", "drp_x", "1", "drp_" + "I" * 26, "a\x00"])
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="no page gave"):
        check_cursor(cursor)
