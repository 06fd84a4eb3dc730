"""Every setting of the service, read from the environment (`GOVERNANCE_…`), in one place."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The settings; an unset one has the default that suits one host and no other server."""

    model_config = SettingsConfigDict(env_prefix="GOVERNANCE_", extra="ignore")

    data_dir: Path = Field(
        default=Path("var"), description="Folder of the SQLite file and of the generated secret."
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy address; unset: an SQLite file in `data_dir`. "
        "PostgreSQL: postgresql+psycopg://user:password@host/database",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Key of the HMAC under which API keys are stored; unset: made once and "
        "kept in `data_dir`. Every host of one database needs the same.",
    )
    audit_key: SecretStr | None = Field(
        default=None,
        description="Private key that signs the decision log, as `governance audit keygen` writes "
        "it; unset: the file `audit_key` in `data_dir`. A host without it seals nothing.",
    )
    seal_interval_seconds: float = Field(
        default=1.0,
        gt=0,
        description="How often new decisions are sealed: put into the tree of the log and signed.",
    )
    vetting_interval_seconds: float = Field(
        default=15.0,
        gt=0,
        description="How often providers are vetted of which events came in, or whose licences or "
        "rules changed. An incident vets at once.",
    )
    judging_interval_seconds: float = Field(
        default=15.0,
        gt=0,
        description="How often approved and live drops are looked at, and judged again where the "
        "release, the day, the exchange rates or a provider changed. Sales that are over close.",
    )
    rulesets_dir: Path = Field(
        default=_PROJECT / "rulesets", description="Rulesets of the first release."
    )
    policies_dir: Path = Field(
        default=_PROJECT / "policies", description="Policies of the first release."
    )
    policy_engine: Literal["embedded", "opa"] = Field(
        default="embedded", description="Who evaluates Rego: the built-in engine or an OPA server."
    )
    opa_url: str = Field(
        default="http://127.0.0.1:8181", description="The OPA server, where `policy_engine` is opa."
    )
    opa_timeout_seconds: float = Field(
        default=1.0, gt=0, description="How long one OPA call may take before it fails closed."
    )
    max_body_bytes: int = Field(
        default=1_000_000, gt=0, description="A larger request body is refused with 413."
    )
    max_upload_bytes: int = Field(
        default=2_000_000_000,
        gt=0,
        description="A larger upload of providers' events or past drops (NDJSON) is refused.",
    )
    connectors: Path | None = Field(
        default=None,
        description="TOML file that gives providers their connectors (shape: docstring of "
        "governance/providers/connectors/settings_file.py); unset: no provider is asked anything.",
    )
    connector_deadline_seconds: float = Field(
        default=5.0,
        gt=0,
        description="How long a comparison waits for quotes of providers' own systems.",
    )
    webhooks_allow_private: bool = Field(
        default=False,
        description="Whether webhooks may lead into private networks, and to this host without "
        "TLS: for trying them out, or where all who may add one are your own.",
    )
    webhook_interval_seconds: float = Field(
        default=1.0, gt=0, description="How often it is looked for events to be delivered."
    )
    webhook_timeout_seconds: float = Field(
        default=15.0,
        gt=0,
        le=60,
        description="How long an attempt to deliver may take in all.",
    )
    terms_clause: str = Field(
        default="Terms and conditions, lawful offers: an offer is shown in a market only once it "
        "is established that it may lawfully be sold there.",
        min_length=1,
        max_length=300,
        description="The contractual ground that statements of reasons quote: the section of the "
        "platform's terms, and what it says.",
    )
    terms_url: HttpUrl | None = Field(
        default=None, description="Where the terms can be read; unset: statements give no link."
    )
    complaints_url: HttpUrl | None = Field(
        default=None,
        description="Where a seller complains about a refusal; unset: statements send them to the "
        "platform on which they made the offer.",
    )


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
