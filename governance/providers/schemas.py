"""What the endpoints of the registry give out."""

from datetime import datetime

from pydantic import BaseModel, Field

from governance.providers.documents import ProviderDocument, ServiceEntry
from governance.providers.models import Standing


class ProviderOut(BaseModel):
    """A provider: what it says of itself, and where it stands."""

    document: ProviderDocument
    standing: Standing
    standing_since: datetime
    registered_at: datetime


class ProviderSummary(BaseModel):
    """A provider in a list; `GET /v1/providers/{id}` has all of it."""

    id: str
    name: str
    sample: bool = Field(description="Made up, for trying the service out.")
    standing: Standing
    standing_since: datetime
    services: list[ServiceEntry]


class ProviderPage(BaseModel):
    """Some providers in the order of their ids, and where the next ones begin."""

    providers: list[ProviderSummary]
    next_cursor: str | None = Field(
        description="Send it as `cursor` with the same filters; null on the last page."
    )


class ImportOut(BaseModel):
    """The ids of the providers that an import wrote."""

    created: list[str]
    replaced: list[str]
