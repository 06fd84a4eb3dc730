"""Real parts for the tests: SQLite files, and a PostgreSQL cluster of our own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, make_url

from governance.db import migrate, open_engine
from governance.settings import Settings

pytest_plugins = ["racing", "serving"]

# A console keeps the width that it finds when its module is imported: tests name one themselves.
os.environ.pop("COLUMNS", None)


def _require_part(reason: str) -> NoReturn:
    if os.environ.get("GOVERNANCE_REQUIRE_ALL_PARTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require_part() -> Callable[[str], NoReturn]:
    """`require_part(reason)` skips for want of a part; where all are required (CI) it fails."""
    return _require_part


class PostgresCluster:
    """A PostgreSQL server of our own on a Unix socket, which a test may stop and start again."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder = folder
        self.binaries = binaries
        # PostgreSQL refuses to run as root.
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def make(self) -> None:
        if self.as_user:
            shutil.chown(self.folder, "postgres")
        options = "-U", "governance", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        self._run("initdb", *options)

    def start(self) -> None:
        """Commits are as durable as ever where processes die.

        Tests kill those, never the machine, and what a process wrote the kernel keeps: `fsync`
        would prove nothing, and every test waits for it where databases come and go.
        """
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-s", "-l", log, "-o", options)

    def stop(self) -> None:
        """As if the server had crashed: open connections break."""
        self._run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://governance@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> None:
        self.execute(f"CREATE DATABASE {database} TEMPLATE {template}")

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE {database} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        address = {"host": str(self.folder), "user": "governance", "dbname": "postgres"}
        with psycopg.connect(**address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.as_user, str(self.binaries / program), "-D", str(self.folder / "data")]
        # Into a file, not a pipe: the server keeps its end open and a reader would never end.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [*command, *arguments], cwd=self.folder, stdout=said, stderr=subprocess.STDOUT
            )
            said.seek(0)
            assert done.returncode == 0, said.read()


def _postgres_binaries() -> Path:
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if packaged:
        return packaged[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else _require_part("PostgreSQL (initdb) is not installed")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    binaries = _postgres_binaries()
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            _require_part("PostgreSQL does not run as root, and there is no user postgres")
    # Not under tmp_path: the address of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="governance-pg-"))
    cluster = PostgresCluster(folder, binaries)
    try:
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """The address of a fresh, empty database."""
    name = f"test_{uuid4().hex}"
    postgres_cluster.create(name)
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """Settings with a folder of their own and an SQLite file in it that does not exist yet."""
    return Settings(data_dir=tmp_path / "var", database_url=None, secret_key=None)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_settings(request: pytest.FixtureRequest, sqlite_settings: Settings) -> Settings:
    """Settings of an empty database, once for each kind."""
    if request.param == "sqlite":
        return sqlite_settings
    url = request.getfixturevalue("postgres_url")
    return sqlite_settings.model_copy(update={"database_url": url})


def _migrate(settings: Settings) -> None:
    engine = open_engine(settings)
    migrate(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that is migrated, to be copied."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("migrated"), database_url=None)
    _migrate(settings)
    return settings.data_dir / "governance.db"


@pytest.fixture(scope="session")
def migrated_database(postgres_cluster: PostgresCluster) -> str:
    """The name of a PostgreSQL database that is migrated, to be copied."""
    postgres_cluster.create("migrated")
    _migrate(Settings(database_url=postgres_cluster.url("migrated")))
    return "migrated"


@pytest.fixture
def sqlite_engine(sqlite_settings: Settings, migrated_file: Path) -> Iterator[Engine]:
    """The engine of a migrated SQLite file."""
    sqlite_settings.data_dir.mkdir(mode=0o700)
    shutil.copyfile(migrated_file, sqlite_settings.data_dir / migrated_file.name)
    engine = open_engine(sqlite_settings)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(
    postgres_url: str, postgres_cluster: PostgresCluster, migrated_database: str
) -> Iterator[Engine]:
    """The engine of a migrated PostgreSQL database."""
    name = make_url(postgres_url).database
    assert name is not None
    postgres_cluster.drop(name)
    postgres_cluster.create(name, migrated_database)
    engine = open_engine(Settings(database_url=postgres_url))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database_settings: Settings, request: pytest.FixtureRequest) -> Engine:
    """The engine of a migrated database, once for each kind."""
    kind = "postgres" if database_settings.database_url else "sqlite"
    made: Engine = request.getfixturevalue(f"{kind}_engine")
    return made
