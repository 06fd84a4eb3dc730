"""What the endpoint of the connectors gives out."""

from pydantic import BaseModel, Field

from governance.providers.connectors.breaker import State
from governance.providers.connectors.protocol import Capability, Level


class ConnectorMessage(BaseModel):
    """What there is to say: a code for machines, a sentence for people."""

    level: Level
    code: str
    sentence: str


class ConnectorCall(BaseModel):
    """A call that the connector supports."""

    call: Capability
    breaker: State = Field(
        description="`open`: it failed repeatedly and is left alone for a while; `half_open`: the "
        "next call tries whether it is back."
    )


class ConnectorOut(BaseModel):
    """A provider's connector, as the process that answers has it."""

    provider: str
    connector: str = Field(description="The name of its entry point.")
    opened: bool
    calls: list[ConnectorCall]
    messages: list[ConnectorMessage] = Field(description="Why it could not be opened.")


class ConnectorList(BaseModel):
    """Every connector that is configured, in the order of the providers."""

    connectors: list[ConnectorOut]
