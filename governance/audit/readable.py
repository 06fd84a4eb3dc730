"""Which decisions a caller asks for and may have: the filters of a request, judged by access."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from governance.access.caller import Caller, authorize, identified
from governance.access.models import Role
from governance.access.parameters import check_names
from governance.audit.filter_query import ME, NAMES, filter_query
from governance.db import transaction
from governance.decisions.filters import Filters
from governance.decisions.search import has_category
from governance.errors import FieldError, InvalidRequest
from governance.gates.pipeline import Pipeline
from governance.rules.problems import did_you_mean


def readable(action: str, *more: str) -> Callable[..., Filters]:
    """A dependency: the filters of a request whose caller may do `action` with what they mean.

    `more` names the parameters that the endpoint has beside the filters. A portal that names no
    caller means itself.

    Raises:
        Unauthenticated, Forbidden: the refusal is on the record.
        InvalidRequest: a parameter or a value that nobody knows.
    """
    known = (*NAMES, *more)

    def names(request: Request, _caller: Annotated[Caller, Depends(identified)]) -> None:
        check_names([name for name, _ in request.query_params.multi_items()], known)

    def allowed(
        request: Request,
        caller: Annotated[Caller, Depends(identified)],
        _names: Annotated[None, Depends(names)],
        filters: Annotated[Filters, Depends(filter_query)],
    ) -> Filters:
        pipeline: Pipeline = request.app.state.pipeline
        _check_category(pipeline, caller, filters.category)
        if filters.caller == ME or (filters.caller is None and caller.role == Role.PORTAL):
            filters = replace(filters, caller=caller.id)
        resource = {"path": request.url.path}
        if filters.caller is not None:
            resource["requested_by"] = filters.caller
        authorize(pipeline, caller, action, resource)
        return filters

    return allowed


def _check_category(pipeline: Pipeline, caller: Caller, category: str | None) -> None:
    """One that is neither in the release in force nor on the record is a slip of the pen."""
    known = caller.gates.library.vocabulary.categories
    if category is None or category in known:
        return
    with transaction(pipeline.engine) as session:
        if has_category(session, category):
            return
    message = f"unknown category `{category}`"
    hint = did_you_mean(category, known) or "GET /v1/categories lists them"
    raise InvalidRequest(message, errors=[FieldError("category", message, hint)])
