"""Every error that the service answers: one root exception, one shape (RFC 9457)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of a request.

    `field` is a JSON pointer (`/product/hs`), `message` says what is wrong, `hint` how to mend it.
    """

    field: str
    message: str
    hint: str | None = None


class GovernanceError(Exception):
    """Root of all our exceptions; a subclass sets `status`, `code` (URN suffix) and `title`."""

    status = 500
    code = "internal-error"
    title = "The service failed; nothing was decided and nothing was written"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = extra

    def problem(self, instance: str | None = None) -> dict[str, Any]:
        """The problem document (RFC 9457); `instance` is the path of the request."""
        body: dict[str, Any] = {
            "type": f"urn:governance:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if instance is not None:
            body["instance"] = instance
        if self.errors:
            body["errors"] = [
                {key: value for key, value in asdict(error).items() if value is not None}
                for error in self.errors
            ]
        return body | self.extra


class InvalidRequest(GovernanceError):
    """The request does not say something that the service can judge."""

    status = 422
    code = "invalid-request"
    title = "The request is not valid"


class NotFound(GovernanceError):
    """There is nothing under that name."""

    status = 404
    code = "not-found"
    title = "Not found"


class EngineUnavailable(GovernanceError):
    """An engine failed, timed out or answered nothing: no verdict can be given."""

    status = 503
    code = "engine-unavailable"
    title = "No verdict could be reached; treat this as not allowed"


class StorageUnavailable(GovernanceError):
    """The decision log could not be written, so no answer may be given."""

    status = 503
    code = "storage-unavailable"
    title = "The decision could not be put on the record, so it is not given"
