"""The file of connectors: read strictly, without a secret in it or in anything that is said."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from connector_stand_ins import CLOSED, installed

from governance.app import create_app
from governance.providers.connectors.attempts import Patience
from governance.providers.connectors.opened import opened
from governance.providers.connectors.resilience import Limits
from governance.providers.connectors.settings_file import (
    ConnectorEntry,
    UnreadableConnectors,
    read_connectors,
)
from governance.settings import Settings

SECRET = "tok_8d1f33e0aa"
Read = Callable[[str], Mapping[str, ConnectorEntry]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(text)`: the entries of a file with this text."""

    def entries(text: str) -> Mapping[str, ConnectorEntry]:
        path = tmp_path / "connectors.toml"
        path.write_text(text)
        return read_connectors(path)

    return entries


def test_nobody_has_a_connector_where_no_file_is_named() -> None:
    assert read_connectors(None) == {}


def test_an_entry_says_connector_options_credentials_and_limits(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", SECRET)
    (tmp_path / "password").write_text("correct horse\n")
    entries = read(
        f"""
        [acme]
        connector = "files"
        options = {{folder = "/srv/acme"}}
        credentials = {{token = {{environment = "ACME_TOKEN"}},
                        password = {{file = "{tmp_path}/password"}}}}
        limits = {{seconds = 2, attempts = 1, unfinished = 3, failures_to_open = 9}}
        """.replace("\n                        ", " ")
    )
    found = entries["acme"].resolved("acme")
    assert (found.provider, found.connector) == ("acme", "files")
    assert found.options == {"folder": "/srv/acme"}
    revealed = {name: one.reveal() for name, one in found.credentials.items()}
    assert revealed == {"token": SECRET, "password": "correct horse"}
    assert found.limits == Limits(2, Patience(1), 3, 9)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('[acme]\nconnecter = "files"', "/acme/connector"),
        ('[acme]\nconnecter = "files"', "/acme/connecter"),
        ('[Acme]\nconnector = "files"', "/Acme"),
        ('acme = "files"', "/acme"),
        ('[acme]\nconnector = ""', "/acme/connector"),
        ('[acme]\nconnector = "f"\noptions = {depth = 3}', "/acme/options/depth"),
        ('[acme]\nconnector = "f"\nlimits = {seconds = "2"}', "/acme/limits/seconds"),
        ('[acme]\nconnector = "f"\nlimits = {seconds = nan}', "/acme/limits/seconds"),
        ('[acme]\nconnector = "f"\nlimits = {attempts = 0}', "/acme/limits/attempts"),
        ('[acme]\nconnector = "f"\nlimits = {attempts = true}', "/acme/limits/attempts"),
        (f'[acme]\nconnector = "f"\ncredentials = {{t = "{SECRET}"}}', "/acme/credentials/t"),
        (
            f'[acme]\nconnector = "f"\ncredentials = {{t = {{value = "{SECRET}"}}}}',
            "/acme/credentials/t/value",
        ),
        ('[acme]\nconnector = "f"\ncredentials = {t = {}}', "/acme/credentials/t"),
        (
            f'[acme]\nconnector = "f"\ncredentials = {{t = {{environment = "{SECRET}-"}}}}',
            "/acme/credentials/t/environment",
        ),
    ],
)
def test_what_is_wrong_is_named_by_field_and_never_repeated(
    read: Read, text: str, field: str
) -> None:
    with pytest.raises(UnreadableConnectors) as refused:
        read(text)
    fields = [error.field.rpartition("#")[2] for error in refused.value.errors]
    assert field in fields
    assert SECRET not in str(refused.value.problem())


@pytest.mark.parametrize(
    ("text", "says"),
    [("[acme", "not TOML"), ("[acme]\n[acme]", "not TOML"), ("a = 1\na = 2", "not TOML")],
)
def test_a_file_that_cannot_be_parsed_is_told(read: Read, text: str, says: str) -> None:
    with pytest.raises(UnreadableConnectors, match=says):
        read(text)


def test_nothing_is_served_over_a_file_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(UnreadableConnectors, match=r"nothing\.toml: No such file"):
        create_app(Settings(data_dir=tmp_path, connectors=tmp_path / "nothing.toml"))
    (tmp_path / "binary.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(UnreadableConnectors, match="not UTF-8 at byte 5"):
        create_app(Settings(data_dir=tmp_path, connectors=tmp_path / "binary.toml"))


@pytest.mark.parametrize(
    ("kind", "where", "says"),
    [
        ("environment", "NOBODY_SET_THIS", "not set in the environment"),
        ("environment", "TOO_SHORT", "fewer than 8 characters"),
        ("file", "/nowhere/at/all", "No such file"),
    ],
)
def test_a_connector_whose_credential_is_missing_is_left_out_and_says_so(
    read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, where: str, says: str
) -> None:
    monkeypatch.setenv("TOO_SHORT", "1234567")
    (tmp_path / "data").mkdir()
    entries = read(
        f'[acme]\nconnector = "files"\ncredentials = {{token = {{{kind} = "{where}"}}}}\n'
        f'[other]\nconnector = "files"\noptions = {{folder = "{tmp_path}/data"}}\n'
    )
    with opened(entries) as connectors:
        acme, other = connectors["acme"], connectors["other"]
    assert acme.guarded is None
    (message,) = acme.messages
    assert message.code == "missing-credential"
    assert message.sentence.startswith("acme, credential `token`: ")
    assert says in message.sentence
    assert "1234567" not in message.sentence
    assert where not in message.sentence  # somebody may have put the secret itself there
    assert other.guarded is not None


def test_what_was_opened_is_closed_however_others_end(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.providers.connectors.opened._SECONDS_TO_CLOSE", 0.5)
    CLOSED.clear()
    text = "".join(
        f'[{name}]\nconnector = "closing"\noptions = {{ends = "{name}"}}\n'
        for name in ("breaks", "hangs", "leaves")
    )
    text += '[a-good-one]\nconnector = "closing"\n[zoe]\nconnector = "closing"\n'
    stand_ins = installed(tmp_path / "site", "stand_ins", closing="connector_stand_ins:closing")
    with stand_ins, pytest.raises(RuntimeError, match="cut off"), opened(read(text)) as connectors:
        assert [*connectors] == ["a-good-one", "breaks", "hangs", "leaves", "zoe"]
        assert all(one.guarded for one in connectors.values())
        assert CLOSED == []
        raise RuntimeError("cut off")
    assert sorted(CLOSED) == ["a-good-one", "zoe"]
