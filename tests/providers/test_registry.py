"""The registry on both databases: what is put is what is read, and no standing moves."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider_documents import WHOLE, documents, small, whole
from sqlalchemy import Engine
from sqlmodel import select
from tiny_library import tiny_gates
from vetted_providers import walk

from governance.db import transaction
from governance.errors import NotFound
from governance.providers import registry
from governance.providers.checks import faults
from governance.providers.documents import ProviderDocument
from governance.providers.models import Lane, Node, Provider, Standing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VOCABULARY = tiny_gates().library.vocabulary


def put(engine: Engine, document: Any, now: datetime = NOW) -> bool:
    with transaction(engine, write=True) as session:
        return registry.put(session, ProviderDocument.model_validate(document), now)


def read(engine: Engine, provider_id: str) -> dict[str, Any]:
    with transaction(engine) as session:
        return registry.get(session, provider_id).model_dump()


def test_what_is_put_is_what_is_read(engine: Engine) -> None:
    assert faults(ProviderDocument.model_validate(WHOLE), VOCABULARY) == []
    assert put(engine, WHOLE)
    assert read(engine, "acme") == WHOLE
    assert not put(engine, WHOLE, NOW + timedelta(days=1))
    assert read(engine, "acme") == WHOLE


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_document_is_read_as_it_was_put_whatever_stood_there(
    engine: Engine, data: st.DataObject
) -> None:
    document = data.draw(documents(data.draw(st.sampled_from(["acme", "other"]))))
    assert faults(document, VOCABULARY) == []
    put(engine, document)
    with transaction(engine) as session:
        assert registry.get(session, document.id) == document.in_order()


def test_what_the_new_document_leaves_out_is_gone_and_others_keep_theirs(engine: Engine) -> None:
    put(engine, WHOLE)
    put(engine, whole(id="other"))
    put(engine, small("acme"))
    found = read(engine, "acme")
    assert found["nodes"] == found["lanes"] == found["licences"] == found["slas"] == []
    assert (found["description"], found["website"]) == ("", None)
    assert read(engine, "other") == whole(id="other")


def test_a_new_provider_is_an_applicant_and_no_put_touches_the_standing(engine: Engine) -> None:
    put(engine, WHOLE)
    with transaction(engine) as session:
        row = registry.provider(session, "acme")
        assert (row.standing, row.standing_since) == (Standing.APPLICANT, NOW)
    walk(engine, "acme", Standing.PROVISIONAL, Standing.SUSPENDED)
    put(engine, whole(name="New name"), NOW + timedelta(days=1))
    with transaction(engine) as session:
        row = registry.provider(session, "acme")
        assert (row.name, row.standing, row.standing_since) == ("New name", "suspended", NOW)
        assert row.registered_at == NOW


def test_a_lane_keeps_the_country_of_its_node_for_those_who_search(engine: Engine) -> None:
    put(engine, WHOLE)
    with transaction(engine) as session:
        lanes = session.exec(select(Lane)).all()
    assert {row.id: row.from_country for row in lanes} == {"berlin-fr": "DE", "pl-de": "PL"}


def test_a_put_that_fails_leaves_everything_as_it_was(engine: Engine) -> None:
    put(engine, WHOLE)
    with pytest.raises(RuntimeError), transaction(engine, write=True) as session:
        registry.put(session, ProviderDocument.model_validate(small("acme")), NOW)
        raise RuntimeError("cut off")
    assert read(engine, "acme") == WHOLE


def test_two_who_put_at_once_leave_the_document_of_one_of_them(engine: Engine) -> None:
    both = [whole(name="first"), small("acme", "FR", name="second")]
    done: list[bool] = []

    def again(document: Any) -> None:
        done.extend(put(engine, document) for _ in range(10))

    threads = [Thread(target=again, args=(document,)) for document in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 20
    assert done.count(True) == 1
    wanted = [ProviderDocument.model_validate(document).model_dump() for document in both]
    assert read(engine, "acme") in wanted
    with transaction(engine) as session:
        assert len(session.exec(select(Provider)).all()) == 1
        assert len(session.exec(select(Node)).all()) in (0, 2)


@pytest.mark.parametrize("name", ["nobody", "", "a\x00b", "\ud800", "ACME"])
def test_who_is_not_registered_is_not_found(engine: Engine, name: str) -> None:
    put(engine, WHOLE)
    with pytest.raises(NotFound), transaction(engine) as session:
        registry.get(session, name)
