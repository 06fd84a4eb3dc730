"""Who is calling, as a typed parameter of an endpoint; a refusal is put on the record."""

import getpass
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from governance.access import keys
from governance.access.keys import Unauthenticated
from governance.db import transaction
from governance.errors import GovernanceError
from governance.gates.pipeline import Gates, Pipeline

_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="api_key",
    description="A key made by `governance keys create`, sent as `Authorization: Bearer gov_…`.",
)


class Forbidden(GovernanceError):
    """The caller is known, and may not do this."""

    status = 403
    code = "forbidden"
    title = "The caller may not do this"


@dataclass(frozen=True)
class Caller:
    """Who is calling, and the gates that judge the call: one release from beginning to end.

    `id` is the id of an API key, or `anonymous`.
    """

    id: str
    role: str
    gates: Gates
    trace_id: str | None = None


def at_the_shell(pipeline: Pipeline, role: str = "admin") -> Caller:
    """Who runs a command: the user of the host, whom its shell has let in."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        user = str(os.getuid())
    with transaction(pipeline.engine) as session:
        return Caller(f"cli:{user}", role, pipeline.gates(session))


_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def identified(request: Request, credentials: _Credentials = None) -> Caller:
    """A dependency: the caller whose API key the request carries.

    Raises:
        Unauthenticated: no key, or one that is malformed, unknown or revoked; it is on the record.
    """
    pipeline: Pipeline = request.app.state.pipeline
    trace = _TRACE_PARENT.fullmatch(request.headers.get("traceparent", ""))
    trace_id = trace.group(1) if trace else None
    try:
        with transaction(pipeline.engine) as session:
            gates = pipeline.gates(session)
            if credentials is None:
                raise Unauthenticated("Send an API key as `Authorization: Bearer gov_…`")
            key = keys.authenticate(session, request.app.state.secret, credentials.credentials)
    except Unauthenticated as refusal:
        anonymous = Caller("anonymous", "anonymous", gates, trace_id)
        _judge(pipeline, anonymous, "identify", {"path": request.url.path}, refusal)
        raise
    return Caller(key.id, str(key.role), gates, trace_id)


def may(action: str) -> Callable[..., Caller]:
    """A dependency: the identified caller, if the access policy lets it do `action`.

    Raises:
        Unauthenticated, Forbidden: the refusal is on the record.
    """

    def allowed(request: Request, credentials: _Credentials = None) -> Caller:
        caller = identified(request, credentials)
        authorize(request.app.state.pipeline, caller, action, {"path": request.url.path})
        return caller

    return allowed


def authorize(pipeline: Pipeline, caller: Caller, action: str, resource: Mapping[str, Any]) -> None:
    """Ask the access policy whether the caller may do this to that.

    Raises:
        Forbidden: the policy says no; the refusal is on the record.
        EngineUnavailable: the policy says nothing.
    """
    _judge(pipeline, caller, action, resource, None)


def _judge(
    pipeline: Pipeline,
    caller: Caller,
    action: str,
    resource: Mapping[str, Any],
    refusal: GovernanceError | None,
) -> None:
    question = {
        "caller": {"id": caller.id, "role": caller.role},
        "action": action,
        "resource": dict(resource),
    }
    evaluation = caller.gates.evaluate("access", question)
    if refusal is None and evaluation.result["verdict"] == "allowed":
        return
    with transaction(pipeline.engine, write=True) as session:
        evaluation.record(session, caller.id, caller.trace_id)
    raise refusal or Forbidden(evaluation.result["reason"])
