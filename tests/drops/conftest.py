"""What several tests of drops share: a world that is made once, and is as new for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from planned_drops import world

from governance.gates.pipeline import Pipeline

_FILE = "governance.db"


@pytest.fixture(scope="session")
def made_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pipeline, Path]]:
    """A pipeline with its rules compiled, and a copy of its database as it was made."""
    folder = tmp_path_factory.mktemp("world")
    pipeline = world(folder)
    pipeline.engine.dispose()
    pristine = folder / "pristine"
    shutil.copyfile(folder / _FILE, pristine)
    yield pipeline, pristine
    pipeline.engine.dispose()


@pytest.fixture
def pipeline(made_world: tuple[Pipeline, Path]) -> Pipeline:
    """The pipeline over a world in which nothing has happened yet."""
    made, pristine = made_world
    made.engine.dispose()
    for left in made.settings.data_dir.glob(f"{_FILE}*"):
        left.unlink()
    shutil.copyfile(pristine, made.settings.data_dir / _FILE)
    return made
