"""Problem documents over HTTP (RFC 9457): every error of every endpoint leaves through here."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from governance.errors import FieldError, GovernanceError, InvalidRequest

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

_MEANING = {
    400: "The body is not JSON",
    401: "No API key that is good",
    403: "The caller may not do this",
    404: "There is nothing under that name",
    409: "A request with this idempotency key is under way",
    413: "The body is too large",
    422: "The request is not valid: `errors` names each field and how to mend it",
    503: "No verdict, or no record of it, could be had: treat it as not allowed",
}


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    field: str = Field(description="JSON pointer, or the name of a parameter.")
    message: str
    hint: str | None = None


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldProblem] = []


class MalformedBody(GovernanceError):
    """The body is no JSON at all."""

    status = 400
    code = "malformed-body"
    title = "The body is not JSON"


class BodyTooLarge(GovernanceError):
    """The body is larger than the service reads."""

    status = 413
    code = "body-too-large"
    title = "The body is too large"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint: which errors it can answer."""
    return {
        status: {
            "description": _MEANING[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Turn every exception into a problem document."""
    app.exception_handler(GovernanceError)(_governance_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(Exception)(_unexpected)
    generate = app.openapi

    def documented() -> dict[str, Any]:
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        template = "#/components/schemas/{model}"
        schema = Problem.model_json_schema(ref_template=template)
        schemas.update(schema.pop("$defs"), Problem=schema)
        return document

    app.openapi = documented  # type: ignore[method-assign]


def response(error: GovernanceError, path: str) -> Response:
    """The problem document of an error as a response."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    if error.status == 503:
        headers = {"Retry-After": "1"}
    return JSONResponse(
        error.problem(path), status_code=error.status, headers=headers, media_type=MEDIA_TYPE
    )


async def _governance_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GovernanceError)
    if error.status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    return response(error, request.url.path)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        position = found[0]["loc"][-1]
        why = found[0].get("ctx", {}).get("error", "it cannot be parsed")
        return response(MalformedBody(f"Not JSON at character {position}: {why}"), request.url.path)
    if found and tuple(found[0]["loc"]) == ("body",):
        sent = request.headers.get("content-type", "none")
        why = f"The body must be a JSON object, sent as application/json (Content-Type: {sent})"
        return response(InvalidRequest(why, errors=[FieldError("", why)]), request.url.path)
    errors = field_errors(found)
    return response(InvalidRequest(errors[0].message, errors=errors), request.url.path)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = GovernanceError(str(error.detail))
    problem.status, problem.title = error.status_code, str(error.detail)
    problem.code = {404: "not-found", 405: "method-not-allowed"}.get(
        error.status_code, "http-error"
    )
    document = response(problem, request.url.path)
    document.headers.update(error.headers or {})
    return document


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return response(GovernanceError("An unexpected error; it is in the log"), request.url.path)


def field_errors(found: Sequence[Any]) -> list[FieldError]:
    """What pydantic found wrong, a field at a time."""
    return [
        FieldError(_pointer(one["loc"]), _sentence(one), _hint(one)) for one in _distinct(found)
    ]


def _distinct(found: Sequence[Any]) -> list[Any]:
    """One error a field: a union reports one for each of its members, the last fits best."""
    by_field: dict[str, Any] = {}
    for one in found:
        loc = tuple(part for part in one["loc"] if not _is_union_member(part))
        by_field.setdefault(_pointer(loc), {**one, "loc": loc})
    return list(by_field.values())


def _is_union_member(part: Any) -> bool:
    return isinstance(part, str) and ("[" in part or part in ("bool", "int", "float", "str"))


def _pointer(loc: Sequence[Any]) -> str:
    if loc and loc[0] in ("query", "path", "header", "cookie"):
        return str(loc[-1])
    path = [str(part) for part in loc if part != "body"]
    return "/" + "/".join(path) if path else ""


def _sentence(one: Any) -> str:
    if one["type"] == "missing":
        return f"`{one['loc'][-1]}` is missing"
    if one["type"] == "extra_forbidden":
        return f"`{one['loc'][-1]}` is not a field of this request"
    message: str = one["msg"]
    return message.removeprefix("Value error, ")


def _hint(one: Any) -> str | None:
    error = one.get("ctx", {}).get("error")
    return getattr(error, "hint", None)


class BodyLimit:
    """Refuses a body of more than `most` bytes, whether or not it says how long it is."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._most:
            await self._refuse(scope, receive, send)
            return
        chunks: list[Message] = []
        size = 0
        while True:
            message = await receive()
            chunks.append(message)
            size += len(message.get("body", b""))
            if size > self._most:
                await self._refuse(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break

        async def replayed() -> Message:
            return chunks.pop(0) if chunks else await receive()

        await self._app(scope, replayed, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = BodyTooLarge(f"The body has more than {self._most:,} bytes")
        await response(error, scope["path"])(scope, receive, send)
