"""API keys: shown once, stored as an HMAC, refused for a reason."""

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select, text

from governance.access import keys
from governance.access.keys import Unauthenticated, UnusableSecret
from governance.access.models import ApiKey, Role
from governance.db import transaction
from governance.errors import InvalidRequest, NotFound
from governance.settings import Settings

SECRET = b"s" * 32


def test_a_key_lets_its_holder_in(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        record, key = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
    assert re.fullmatch(r"gov_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}", key)
    assert re.fullmatch(r"key_[0-9A-Z]{26}", record.id)
    with transaction(engine) as session:
        found = keys.authenticate(session, SECRET, key)
    assert (found.id, found.name, found.role) == (record.id, "Storefront", Role.PORTAL)
    assert isinstance(found.role, Role)
    assert found.last_four == key[-4:]


def test_the_key_is_nowhere_in_the_database(sqlite_engine: Engine, tmp_path: Path) -> None:
    with transaction(sqlite_engine, write=True) as session:
        _, key = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"Storefront" in stored
    assert key.split("_")[1].encode() not in stored


def test_another_secret_knows_no_key(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        _, key = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
        with pytest.raises(Unauthenticated, match="unknown"):
            keys.authenticate(session, b"t" * 32, key)


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "gov_",
        "gov_" + "a" * 32 + "_000000",
        "Bearer gov_x",
        "gov_" + "é" * 32 + "_000000",
        "gov_" + "a" * 10_000,
        "gov_\x00",
    ],
)
def test_a_malformed_key_is_told_without_asking_the_database(presented: str) -> None:
    no_session = None
    with pytest.raises(Unauthenticated, match="malformed"):
        keys.authenticate(no_session, SECRET, presented)  # type: ignore[arg-type]


def test_every_single_typo_is_told_from_an_unknown_key(sqlite_engine: Engine) -> None:
    with transaction(sqlite_engine, write=True) as session:
        _, key = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
        for place in range(len(key)):
            wrong = "b" if key[place] == "a" else "a"
            with pytest.raises(Unauthenticated, match="malformed"):
                keys.authenticate(session, SECRET, key[:place] + wrong + key[place + 1 :])
        for tail in ("\n", " ", "a"):
            with pytest.raises(Unauthenticated, match="malformed"):
                keys.authenticate(session, SECRET, key + tail)


def test_a_key_of_another_database_is_unknown(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        _, key = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
        session.exec(text("DELETE FROM api_key"))
        with pytest.raises(Unauthenticated, match="unknown"):
            keys.authenticate(session, SECRET, key)


def test_a_revoked_key_is_refused_and_keeps_its_first_date(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        record, key = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
        _, other = keys.create(session, SECRET, name="Warehouse", role=Role.PORTAL)
    with transaction(engine, write=True) as session:
        first = keys.revoke(session, record.id).revoked_at
    with transaction(engine, write=True) as session:
        assert keys.revoke(session, record.id).revoked_at == first
        with pytest.raises(Unauthenticated, match="revoked at 20"):
            keys.authenticate(session, SECRET, key)
        assert keys.authenticate(session, SECRET, other).name == "Warehouse"


@pytest.mark.parametrize("key_id", ["key_missing", "", "key_\x00", "\ud800"])
def test_an_unknown_key_cannot_be_revoked(engine: Engine, key_id: str) -> None:
    with transaction(engine, write=True) as session, pytest.raises(NotFound):
        keys.revoke(session, key_id)


def test_keys_are_listed_in_the_order_they_were_made(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        for role in Role:
            keys.create(session, SECRET, name=f"The {role}", role=role)
    with transaction(engine) as session:
        assert [key.role for key in keys.list_keys(session)] == list(Role)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[31m", "x" * 101])
def test_a_name_that_cannot_be_shown_is_refused(sqlite_engine: Engine, name: str) -> None:
    with transaction(sqlite_engine) as session, pytest.raises(InvalidRequest):
        keys.create(session, SECRET, name=name, role=Role.PORTAL)


def test_a_role_that_does_not_exist_is_refused(engine: Engine) -> None:
    with transaction(engine) as session, pytest.raises(ValueError, match="owner"):
        keys.create(session, SECRET, name="Storefront", role="owner")  # type: ignore[arg-type]
    with transaction(engine, write=True) as session:
        keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
    with pytest.raises(IntegrityError, match="role"), transaction(engine) as session:
        session.exec(text("UPDATE api_key SET role = 'owner'"))


@given(st.text(max_size=60))
def test_no_text_but_a_key_passes_the_format(presented: str) -> None:
    with pytest.raises(Unauthenticated, match="malformed"):
        keys.authenticate(None, SECRET, presented)  # type: ignore[arg-type]


def test_the_secret_of_the_settings_comes_first(sqlite_settings: Settings) -> None:
    given_secret = sqlite_settings.model_copy(update={"secret_key": SecretStr("k" * 32)})
    assert keys.load_secret(given_secret) == b"k" * 32
    assert not sqlite_settings.data_dir.exists()


def test_the_secret_is_made_once_for_its_owner_only(sqlite_settings: Settings) -> None:
    before = os.umask(0)
    try:
        made = keys.load_secret(sqlite_settings)
    finally:
        os.umask(before)
    file = sqlite_settings.data_dir / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert len(made) == 64
    assert keys.load_secret(sqlite_settings) == made
    assert [entry.name for entry in sqlite_settings.data_dir.iterdir()] == ["secret.key"]


def test_the_text_of_the_file_is_the_setting_of_another_host(sqlite_settings: Settings) -> None:
    made = keys.load_secret(sqlite_settings)
    line = (sqlite_settings.data_dir / "secret.key").read_text().strip()
    other = sqlite_settings.model_copy(update={"secret_key": SecretStr(line)})
    assert keys.load_secret(other) == made


@pytest.mark.parametrize("left", ["", "\n", "k" * 31])
def test_a_short_secret_is_refused(sqlite_settings: Settings, left: str) -> None:
    sqlite_settings.data_dir.mkdir()
    (sqlite_settings.data_dir / "secret.key").write_text(left)
    with pytest.raises(UnusableSecret, match="shorter"):
        keys.load_secret(sqlite_settings)
    with pytest.raises(UnusableSecret, match="shorter"):
        keys.load_secret(sqlite_settings.model_copy(update={"secret_key": SecretStr(left)}))


def test_a_secret_that_cannot_be_made_is_refused(sqlite_settings: Settings) -> None:
    sqlite_settings.data_dir.write_text("a file where the folder should be")
    with pytest.raises(UnusableSecret, match="cannot be read or made"):
        keys.load_secret(sqlite_settings)


def test_four_processes_that_start_at_once_have_one_secret(tmp_path: Path, race) -> None:
    answers = race(4, secrets_of, tmp_path)
    assert answers == answers[:1] * 4
    assert len(set(answers[0])) == 50


def secrets_of(folder: Path) -> list[bytes]:
    return [
        keys.load_secret(Settings(data_dir=folder / str(n), secret_key=None)) for n in range(50)
    ]


def test_the_hmac_is_unique(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        record, _ = keys.create(session, SECRET, name="Storefront", role=Role.PORTAL)
    twin = ApiKey(**(record.model_dump() | {"id": "key_twin"}))
    with pytest.raises(IntegrityError, match="hmac"), transaction(engine) as session:
        session.add(twin)
    with transaction(engine) as session:
        assert len(session.exec(select(ApiKey)).all()) == 1
