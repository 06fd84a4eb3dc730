"""The tables of the registry: providers, what they offer, what they promised, where they stand."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Date, Enum, ForeignKey, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp


class Service(StrEnum):
    """What a provider does."""

    FULFILMENT = "fulfilment"
    LINE_HAUL = "line_haul"
    CUSTOMS_BROKERAGE = "customs_brokerage"
    LAST_MILE = "last_mile"
    RETURNS = "returns"


class Standing(StrEnum):
    """Where a provider stands. Only a judged vetting changes it."""

    APPLICANT = "applicant"
    PROVISIONAL = "provisional"
    ACTIVE = "active"
    PROBATION = "probation"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    DELISTED = "delisted"

    @property
    def serves(self) -> bool:
        """Whether who stands there is given anything; of others no cell counts, allowed or not."""
        return self not in (Standing.APPLICANT, Standing.SUSPENDED, Standing.DELISTED)


def word_type(name: str, kind: type[StrEnum], length: int) -> Enum:
    """The type of a column that holds a word of `kind`, checked by the database under `name`."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


class Provider(SQLModel, table=True):
    """A logistics provider. `sample` marks one that is made up for trying the service out."""

    __tablename__ = "provider"

    id: str = Field(primary_key=True)
    name: str
    description: str = ""
    website: str | None = None
    sample: bool = False
    standing: Standing = Field(
        sa_column=Column(word_type("standing", Standing, 16), nullable=False, index=True)
    )
    standing_since: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    registered_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))


class ProviderService(SQLModel, table=True):
    """A service of a provider in a market (ISO 3166-1 alpha-2)."""

    __tablename__ = "provider_service"

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    service: Service = Field(
        sa_column=Column(word_type("service", Service, 24), primary_key=True, nullable=False)
    )
    market: str = Field(primary_key=True, index=True)


class Node(SQLModel, table=True):
    """A warehouse: where it is, how much it takes, and what it may hold.

    Position in degrees (WGS 84), capacity in units of stock. `dangerous_goods` lists UN classes as
    texts ("3", "9"), `temperatures` is a part of ambient, chilled and frozen.
    """

    __tablename__ = "provider_node"

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    country: str = Field(index=True)
    region: str | None = None
    latitude: float
    longitude: float
    capacity_units: int
    dangerous_goods: list[str] = Field(sa_column=Column(JSON, nullable=False))
    temperatures: list[str] = Field(sa_column=Column(JSON, nullable=False))
    bonded: bool = False


class Lane(SQLModel, table=True):
    """A way from a node, or from a country, to a market, or to a region of it.

    `costs` are weight breaks in ascending order, [{"up_to_grams": …, "minor_units": …}, …]: what a
    parcel up to that weight costs, in minor units of `currency` (ISO 4217). Lead time in days from
    hand-over to delivery, by quantile. `refuses` names what the carrier does not take, by
    category or dangerous goods ("fragrance", "lithium_cells_loose").
    """

    __tablename__ = "provider_lane"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "from_node"], ["provider_node.provider_id", "provider_node.id"]
        ),
        Index("ix_provider_lane_to", "to_market", "service"),
    )

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    id: str = Field(primary_key=True)
    service: Service = Field(sa_column=Column(word_type("service", Service, 24), nullable=False))
    from_node: str | None = None
    from_country: str
    to_market: str
    to_region: str | None = None
    modes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    currency: str
    costs: list[dict[str, int]] = Field(sa_column=Column(JSON, nullable=False))
    lead_days_p10: float
    lead_days_p50: float
    lead_days_p90: float
    refuses: list[str] = Field(sa_column=Column(JSON, nullable=False))


class Licence(SQLModel, table=True):
    """A licence that a provider holds, as an evidence type of the vocabulary; last day included."""

    __tablename__ = "provider_licence"

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    id: str = Field(primary_key=True)
    type: str
    jurisdiction: str
    number: str
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    valid_to: date | None = Field(default=None, sa_column=Column(Date))


class DeclaredSla(SQLModel, table=True):
    """What a provider promises: a metric's value for a service in a market (`*` for all)."""

    __tablename__ = "provider_sla"

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    service: Service = Field(
        sa_column=Column(word_type("service", Service, 24), primary_key=True, nullable=False)
    )
    market: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    value: float


class StandingStep(SQLModel, table=True):
    """A step from one standing to another that exists at all; the migration fills it."""

    __tablename__ = "standing_step"

    from_standing: str = Field(primary_key=True)
    to_standing: str = Field(primary_key=True)


class StandingChange(SQLModel, table=True):
    """A step that a provider took, by the decision that judged it. Append-only; read in order.

    The foreign keys let no step be taken that does not exist, and none without a decision.
    """

    __tablename__ = "standing_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["from_standing", "to_standing"],
            ["standing_step.from_standing", "standing_step.to_standing"],
        ),
        {"sqlite_autoincrement": True},
    )

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    provider_id: str = Field(foreign_key="provider.id", index=True)
    from_standing: str
    to_standing: str
    decision_id: str = Field(
        sa_column=Column(ForeignKey("decision.decision_id"), nullable=False, unique=True)
    )
    reason: str
    touches: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
