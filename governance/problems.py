"""Problem documents over HTTP (RFC 9457): every error of every endpoint leaves through here."""

import logging
from collections.abc import Mapping, Sequence
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
    409: "It cannot be done as things stand: `detail` says why, and what can be done",
    413: "The body is too large",
    422: "The request is not valid: `errors` names each field and how to mend it",
    503: "No verdict, or no record of it, could be had: treat it as not allowed",
}

UNION_TAGS = ("<word>", "<list>")
"""Tags of a union's members: pydantic puts them into the place of an error."""

_HINTS = {
    "missing": "add it: /docs shows every field with an example",
    "extra_forbidden": "leave it out: /docs shows every field",
    "string_type": "write text, in quotes",
    "string_unicode": "write whole characters: half a surrogate pair is none",
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes",
    "list_type": "write a list, in [ ]",
    "dict_type": "write an object, in { }",
    "model_type": "write an object, in { }",
    "model_attributes_type": "write an object, in { }",
}
_NO_OBJECT = ("missing", "dict_type", "model_type", "model_attributes_type")


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
    if found and tuple(found[0]["loc"]) == ("body",) and found[0]["type"] in _NO_OBJECT:
        sent = request.headers.get("content-type") or "none"
        why = f"The body must be a JSON object, sent as application/json (Content-Type: {sent})"
        return response(InvalidRequest(why, errors=[FieldError("", why)]), request.url.path)
    errors = field_errors(found)
    return response(InvalidRequest(errors[0].message, errors=errors), request.url.path)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and error.__cause__ is not None:
        return response(MalformedBody(_unparsed(error.__cause__)), request.url.path)
    problem = GovernanceError(str(error.detail))
    problem.status, problem.title = error.status_code, str(error.detail)
    problem.code = {404: "not-found", 405: "method-not-allowed"}.get(
        error.status_code, "http-error"
    )
    document = response(problem, request.url.path)
    document.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := _methods(request)):
        document.headers["Allow"] = ", ".join(methods)
    return document


def _methods(request: Request) -> list[str]:
    """What may be done at this address: the framework names the methods of one endpoint only."""
    path = getattr(request.scope.get("route"), "path", None)
    return sorted(method.upper() for method in request.app.openapi()["paths"].get(path, ()))


def _unparsed(cause: BaseException) -> str:
    """Why a body could not even be parsed as JSON."""
    match cause:
        case UnicodeDecodeError():
            return f"Not UTF-8 at byte {cause.start}"
        case RecursionError():
            return "Lists and objects are nested too deeply"
        case ValueError():
            return "It holds a number of too many digits"
    return "It cannot be parsed"


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return response(GovernanceError("An unexpected error; it is in the log"), request.url.path)


def field_errors(found: Sequence[Any]) -> list[FieldError]:
    """What pydantic found wrong, a field at a time."""
    return [FieldError(_pointer(one["loc"]), _sentence(one), _hint(one)) for one in found]


def _pointer(loc: Sequence[Any]) -> str:
    if loc and loc[0] in ("query", "path", "header", "cookie"):
        return str(loc[-1])
    parts = loc[:-1] if loc and loc[-1] == "[key]" else loc  # the name of an entry is wrong
    path = [_escaped(part) for part in parts if part != "body" and part not in UNION_TAGS]
    return "/" + "/".join(path) if path else ""


def _escaped(part: Any) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def _sentence(one: Any) -> str:
    if one["type"] == "missing":
        return f"`{one['loc'][-1]}` is missing"
    if one["type"] == "extra_forbidden":
        return f"`{one['loc'][-1]}` is not a field of this request"
    if one["type"] in _NO_OBJECT:
        return "It must be an object with named fields"
    message: str = one["msg"]
    return message.removeprefix("Value error, ")


def _hint(one: Any) -> str | None:
    error = one.get("ctx", {}).get("error")
    return getattr(error, "hint", None) or _HINTS.get(one["type"])


class BodyLimit:
    """Refuses a body of more than `most` bytes, whether or not it says how long it is.

    `uploads` are paths whose NDJSON bodies may be larger: they are not gathered but counted on
    their way, and the endpoint that reads one is told by BodyTooLarge where it has to end.
    """

    def __init__(self, app: ASGIApp, most: int, uploads: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._most = most
        self._uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")
        upload = _is_ndjson(headers) and scope["path"] in self._uploads
        most = self._uploads[scope["path"]] if upload else self._most
        if declared.isdigit() and int(declared) > most:
            await self._refuse(scope, receive, send, most)
            return
        if upload:
            await self._app(scope, _counted(receive, most), send)
            return
        chunks: list[Message] = []
        size = 0
        while True:
            message = await receive()
            chunks.append(message)
            size += len(message.get("body", b""))
            if size > most:
                await self._refuse(scope, receive, send, most)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break

        async def replayed() -> Message:
            return chunks.pop(0) if chunks else await receive()

        await self._app(scope, replayed, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        await response(_too_large(most), scope["path"])(scope, receive, send)


def _is_ndjson(headers: Mapping[bytes, bytes]) -> bool:
    kind = headers.get(b"content-type", b"").partition(b";")[0]
    return kind.strip().lower() == b"application/x-ndjson"


def _counted(receive: Receive, most: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body has more than {most:,} bytes")
