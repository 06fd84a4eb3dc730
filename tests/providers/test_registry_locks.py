"""Who writes of several providers at once waits for the others, and never in a circle."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from event_cases import event, lines
from provider_documents import small
from serving import wait_until
from sqlalchemy import Engine
from sqlmodel import text
from test_registry import NOW, put
from vetted_providers import record_vetting

from governance.db import transaction
from governance.providers import registry
from governance.providers.documents import ProviderDocument
from governance.providers.events.ingest import ingest
from governance.providers.events.store import lock_providers
from governance.providers.models import Standing
from governance.providers.vetting.standing import take_step


def renamed(*ids: str) -> list[ProviderDocument]:
    return [ProviderDocument.model_validate(small(one) | {"name": "New name"}) for one in ids]


def put_all(engine: Engine, *ids: str) -> dict[str, list[str]]:
    with transaction(engine, write=True) as session:
        return registry.put_all(session, renamed(*ids), NOW)


def until_waiting(engine: Engine, how_many: int) -> None:
    """Until so many statements of the database wait for a lock of another one."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock'"
    )

    def waiting() -> bool:
        with engine.connect() as connection:
            return bool(connection.execute(asked).scalar_one() >= how_many)

    wait_until(waiting, "nothing waits for a lock", seconds=20)


def test_an_import_and_a_sender_of_events_wait_for_the_same_providers_in_the_same_order(
    postgres_engine: Engine,
) -> None:
    for one in ("a", "b"):
        put(postgres_engine, small(one))
    sent = lines(event("shipped", provider=one) for one in ("a", "b"))
    with ThreadPoolExecutor() as threads:
        with transaction(postgres_engine, write=True) as session:
            lock_providers(session, {"b"})
            importing = threads.submit(put_all, postgres_engine, "b", "a")
            until_waiting(postgres_engine, 1)
            sending = threads.submit(ingest, postgres_engine, sent, datetime.now(UTC))
            until_waiting(postgres_engine, 2)
        assert importing.result() == {"created": [], "replaced": ["a", "b"]}
        assert sending.result().accepted == 2


def test_a_document_waits_for_the_vetting_of_its_provider_and_holds_up_no_step(
    postgres_engine: Engine,
) -> None:
    put(postgres_engine, small("a"))
    with ThreadPoolExecutor() as threads:
        with transaction(postgres_engine, write=True) as session:
            provider = registry.locked(session, "a")
            putting = threads.submit(put_all, postgres_engine, "a")
            until_waiting(postgres_engine, 1)
            take_step(
                session,
                provider,
                Standing.PROVISIONAL,
                decision_id=record_vetting(session),
                reasons=["test"],
                touches={},
                now=NOW,
            )
        assert putting.result() == {"created": [], "replaced": ["a"]}
    with transaction(postgres_engine) as session:
        written = registry.provider(session, "a")
        assert (written.name, written.standing) == ("New name", Standing.PROVISIONAL)


def test_two_imports_of_the_same_new_providers_wait_for_each_other(
    postgres_engine: Engine,
) -> None:
    with ThreadPoolExecutor() as threads:
        with transaction(postgres_engine, write=True) as session:
            registry.put_all(session, renamed("a"), NOW)
            importing = threads.submit(put_all, postgres_engine, "b", "a")
            until_waiting(postgres_engine, 1)
            registry.put_all(session, renamed("b"), NOW)
        assert importing.result() == {"created": [], "replaced": ["a", "b"]}
