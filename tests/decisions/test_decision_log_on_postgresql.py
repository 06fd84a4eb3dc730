"""What only a server can do to the decision record."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import text

from governance.db import migrate, open_engine, transaction
from governance.settings import Settings


@pytest.mark.parametrize("table", ["decision", "release, release_in_force"])
def test_the_record_cannot_be_truncated(postgres_url: str, table: str) -> None:
    engine = open_engine(Settings(database_url=postgres_url))
    migrate(engine)
    with pytest.raises(IntegrityError, match="append-only"), transaction(engine) as session:
        session.exec(text(f"TRUNCATE {table}"))
    engine.dispose()
