"""Connectors are found by the entry points of installed packages; broken ones are left out."""

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from connector_stand_ins import IN_GERMANY

from governance.providers.connectors.comparison import compare
from governance.providers.connectors.credentials import Credential
from governance.providers.connectors.protocol import COVERAGE, Capability
from governance.providers.connectors.questions import CoverageQuestion
from governance.providers.connectors.registry import ConnectorSettings, open_connectors

PLUG_IN = '''
"""A vendor's connector, as its own package would bring it."""
from governance.providers.connectors.answers import Coverage
from governance.providers.connectors.protocol import Capability, Connector
from governance.providers.models import Service

class Vendor(Connector):
    def __init__(self, provider, options, credentials):
        self.region = options["region"]
        self.token = credentials["token"].reveal()

    @property
    def capabilities(self):
        return frozenset({Capability.COVERAGE})

    def coverage(self, question):
        if question.market != self.region:
            raise PermissionError("no access with " + self.token)
        return Coverage(question.market, (Service.LAST_MILE,)), ()

def refuses(provider, options, credentials):
    raise ValueError("wants no " + credentials["token"].reveal())

def leaves(provider, options, credentials):
    raise SystemExit(1)

def vague(provider, options, credentials):
    return object()
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Install a package with entry points, as pip leaves it, into a folder that Python looks in."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def put(package: str, source: str, **points: str) -> None:
        (tmp_path / f"{package}.py").write_text(source)
        info = tmp_path / f"{package}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (info / "RECORD").write_text(f"{package}.py,,\n")
        lines = [f"{name} = {package}:{target}" for name, target in points.items()]
        (info / "entry_points.txt").write_text(
            "[governance.connectors]\n" + "\n".join(lines) + "\n"
        )

    yield put
    for name in ("vendor_plug_in", "broken_plug_in", "other_plug_in"):
        sys.modules.pop(name, None)


def wanted(provider: str, connector: str) -> ConnectorSettings:
    return ConnectorSettings(
        provider, connector, {"region": "DE"}, {"token": Credential("tok_8d1f33e0")}
    )


def test_a_plug_in_is_opened_by_name_with_its_settings(install: Callable[..., None]) -> None:
    install("vendor_plug_in", PLUG_IN, vendor="Vendor")
    connectors, messages = open_connectors([wanted("acme", "vendor")])
    assert messages == ()
    assert connectors["acme"].capabilities == {Capability.COVERAGE}
    details, said = compare(connectors, COVERAGE, IN_GERMANY, deadline=5)["acme"]
    assert details is not None
    assert (details.services, said) == (("last_mile",), ())


def test_a_token_of_which_the_connector_kept_the_value_alone_is_scrubbed(
    install: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    install("vendor_plug_in", PLUG_IN, vendor="Vendor")
    connectors, _ = open_connectors([wanted("acme", "vendor")])
    gc.collect()
    _, (message,) = connectors["acme"].ask(COVERAGE, CoverageQuestion("FR"))
    assert "PermissionError: no access with [credential]" in message.sentence
    assert "tok_8d1f33e0" not in caplog.text


def test_broken_ones_are_named_and_the_rest_is_opened(
    install: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    install(
        "vendor_plug_in", PLUG_IN,
        vendor="Vendor", refusing="refuses", leaving="leaves", vague="vague", gone="Nowhere",
    )  # fmt: skip
    install("broken_plug_in", "import a_module_that_nobody_has\n", unimportable="Vendor")
    names = ["refusing", "leaving", "vendor", "vague", "gone", "unimportable", "never-heard-of"]
    with caplog.at_level(logging.DEBUG):
        connectors, messages = open_connectors([wanted(f"by-{name}", name) for name in names])
    assert list(connectors) == ["by-vendor"]
    names.remove("vendor")
    for name, message in zip(names, messages, strict=True):
        assert message.sentence.startswith(f"by-{name} is left out: its connector '{name}' ")
    codes = [message.code for message in messages]
    assert codes == ["connector-broken"] * 5 + ["connector-missing"]
    assert "ModuleNotFoundError" in messages[4].sentence
    assert "vendor" in messages[5].sentence, "it says which there are"
    assert "ValueError: wants no [credential]" in messages[0].sentence
    assert "tok_8d1f33e0" not in caplog.text + "".join(one.sentence for one in messages)


def test_a_name_that_two_packages_claim_opens_neither(install: Callable[..., None]) -> None:
    install("vendor_plug_in", PLUG_IN, vendor="Vendor")
    install("other_plug_in", PLUG_IN, vendor="Vendor")
    connectors, (message,) = open_connectors([wanted("acme", "vendor")])
    assert connectors == {}
    assert message.code == "connector-ambiguous"
    assert "other_plug_in 1.2 and vendor_plug_in 1.2" in message.sentence


def test_no_package_takes_the_name_of_the_built_in_one(install: Callable[..., None]) -> None:
    install("vendor_plug_in", PLUG_IN, files="Vendor")
    connectors, (message,) = open_connectors([wanted("acme", "files")])
    assert (connectors, message.code) == ({}, "connector-ambiguous")


def test_only_what_is_asked_for_is_imported(install: Callable[..., None]) -> None:
    install("vendor_plug_in", PLUG_IN, vendor="Vendor")
    install("broken_plug_in", "raise RuntimeError\n", broken="Vendor")
    _, messages = open_connectors([wanted("acme", "vendor")])
    assert messages == ()
    assert "broken_plug_in" not in sys.modules


def test_the_files_connector_is_there_without_installing_anything(tmp_path: Path) -> None:
    (tmp_path / "coverage.yaml").write_text("coverage:\n  - {market: DE, services: returns}\n")
    settings = ConnectorSettings("acme", "files", {"folder": str(tmp_path)})
    connectors, messages = open_connectors([settings])
    assert messages == ()
    details, _ = connectors["acme"].ask(COVERAGE, IN_GERMANY)
    assert details is not None
    assert details.services == ("returns",)


def test_two_connectors_for_one_provider_are_the_callers_mistake(tmp_path: Path) -> None:
    settings = ConnectorSettings("acme", "files", {"folder": str(tmp_path)})
    with pytest.raises(ValueError, match="acme has two connectors"):
        open_connectors([settings, settings])
