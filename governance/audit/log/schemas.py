"""What the endpoints of the log answer as JSON."""

from pydantic import BaseModel, Field


class LogOut(BaseModel):
    """How far the log is sealed."""

    origin: str | None = Field(description="Name of the log; null before it has a key.")
    size: int = Field(description="Entries under the newest checkpoint.")
    checkpoint_at: str | None = Field(description="When it was signed (RFC 3339, UTC).")
    unsealed: int = Field(description="Decisions on the record that have no place yet.")
    oldest_unsealed_seconds: int | None = Field(description="How long the oldest of them waits.")


class KeyOut(BaseModel):
    """A public key of the log."""

    verifier_key: str = Field(description="As https://c2sp.org/signed-note writes it.")
    since: str = Field(description="When it took over (RFC 3339, UTC).")
    signs: bool = Field(description="Whether it is the one that signs now.")


class KeysOut(BaseModel):
    """All public keys of the log, the oldest first."""

    keys: list[KeyOut]


class ConsistencyOut(BaseModel):
    """That the tree of `first` entries is the beginning of the tree of `second`."""

    first: int
    second: int
    proof: list[str] = Field(description="Hashes (base64) of RFC 6962, section 2.1.2.")
