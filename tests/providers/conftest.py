"""What several tests of providers share."""

from collections.abc import Iterator

import pytest
from vetted_providers import opened

from governance.gates.pipeline import Pipeline


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The pipeline over the rules that we ship and an SQLite file, shared by a module's tests."""
    made = opened(tmp_path_factory.mktemp("vetting"))
    yield made
    made.engine.dispose()
