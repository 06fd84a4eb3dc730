"""Writes the report of a drop plan: one HTML file that needs no network and no scripts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from governance.drops.report import words
from governance.drops.report.view import report
from governance.drops.report.words import percent
from governance.planning.cities import CREDIT

_TEMPLATES = Path(__file__).parent


def render_plan(
    plan: Mapping[str, Any],
    document: Mapping[str, Any],
    decision: Mapping[str, Any] | None,
    changes: Sequence[Mapping[str, Any]],
) -> str:
    """The report as HTML (see `view.report`); whatever comes from outside is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"words": words, "percent": percent, "credit": CREDIT}
    return environment.get_template("page.html.jinja").render(
        report=report(plan, document, decision, changes)
    )
