"""The file that gives providers their connectors: TOML, read strictly, with no secret in it.

[acme]                      # the provider's id
connector = "files"         # the name of an entry point in the group `governance.connectors`
options = {folder = "/srv/acme"}
credentials = {token = {environment = "ACME_TOKEN"}}      # or {file = "/run/secrets/acme"}
limits = {seconds = 5, attempts = 2}
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from governance.errors import FieldError, GovernanceError
from governance.problems import field_errors
from governance.providers.connectors.attempts import Patience
from governance.providers.connectors.credentials import MIN_LENGTH, Credential
from governance.providers.connectors.registry import ConnectorSettings
from governance.providers.connectors.resilience import Limits
from governance.providers.fields import Line, Slug, Strict

_USUAL = Limits()
_Seconds = Annotated[float, Field(gt=0, le=600)]


class UnreadableConnectors(GovernanceError):
    """The file of connectors is not what it should be: nothing is served before it is."""

    code = "unreadable-connectors"
    title = "The file of connectors (GOVERNANCE_CONNECTORS) cannot be read"


class MissingCredential(GovernanceError):
    """A credential is not where the file says that it is; the message holds nothing of it."""

    code = "missing-credential"
    title = "A credential is not where the file of connectors says"


class Secret(Strict):
    """Where a credential is: the name of a variable of the environment, or of a file."""

    environment: Annotated[str | None, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")] = None
    file: Line | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.environment is None) == (self.file is None):
            raise ValueError("A credential has one of `environment` and `file`")
        return self


class LimitsEntry(Strict):
    """How much is borne of the connector (`resilience.Limits`)."""

    seconds: _Seconds = _USUAL.seconds
    attempts: Annotated[int, Field(ge=1, le=10)] = _USUAL.patience.attempts
    unfinished: Annotated[int, Field(ge=1, le=100)] = _USUAL.unfinished
    failures_to_open: Annotated[int, Field(ge=1, le=1000)] = _USUAL.failures_to_open
    open_seconds: _Seconds = _USUAL.open_seconds

    def limits(self) -> Limits:
        """As the guard takes them."""
        patience = Patience(attempts=self.attempts)
        return Limits(
            self.seconds, patience, self.unfinished, self.failures_to_open, self.open_seconds
        )


class ConnectorEntry(Strict):
    """A provider's connector, as the file has it."""

    connector: Line
    options: dict[str, str] = Field(default={})
    credentials: dict[str, Secret] = Field(default={})
    limits: LimitsEntry = LimitsEntry()

    def resolved(self, provider: str) -> ConnectorSettings:
        """With the credentials fetched from where they are. Raises MissingCredential."""
        credentials = {
            name: _credential(f"{provider}, credential `{name}`", secret)
            for name, secret in self.credentials.items()
        }
        return ConnectorSettings(
            provider, self.connector, self.options, credentials, self.limits.limits()
        )


_FILE: TypeAdapter[dict[Slug, ConnectorEntry]] = TypeAdapter(dict[Slug, ConnectorEntry])


def read_connectors(path: Path | None) -> Mapping[str, ConnectorEntry]:
    """The entries of the file by provider; none where there is no file.

    Nothing is opened, and no credential is looked at. Raises UnreadableConnectors with every field
    that is wrong; no message repeats a value, which may be a secret in the wrong place.
    """
    if path is None:
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableConnectors(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UnreadableConnectors(f"{path} is not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise UnreadableConnectors(f"{path} is not TOML: {error}") from None
    try:
        return _FILE.validate_python(entries)
    except ValidationError as invalid:
        errors = [
            FieldError(f"{path}#{one.field}", one.message, one.hint)
            for one in field_errors(invalid.errors(include_url=False, include_input=False))
        ]
    raise UnreadableConnectors(errors[0].message, errors=errors)


def _credential(which: str, secret: Secret) -> Credential:
    # Neither the variable nor the file is named: somebody may have put the secret itself there.
    if secret.environment is not None:
        value = os.environ.get(secret.environment)
        where = "the variable that `environment` names"
    else:
        where = "the file that `file` names"
        try:
            value = Path(secret.file or "").read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise MissingCredential(f"{which}: {where} cannot be read: {why}") from None
    if value is None:
        raise MissingCredential(f"{which}: {where} is not set in the environment")
    try:
        return Credential(value)
    except ValueError:
        few = f"{where} holds fewer than {MIN_LENGTH} characters"
        raise MissingCredential(f"{which}: {few}") from None
