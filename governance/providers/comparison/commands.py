"""`governance providers compare`: providers side by side, as a table or as JSON."""

import logging
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from governance.db import transaction
from governance.gates.pipeline import open_pipeline
from governance.providers.comparison.query import read_asked
from governance.providers.comparison.service import compare_providers
from governance.providers.comparison.table import print_comparison
from governance.providers.connectors.opened import opened
from governance.providers.connectors.settings_file import read_connectors
from governance.providers.performance.priors import learn
from governance.settings import settings

_out = Console(highlight=False)


def compare(
    market: Annotated[str, typer.Option(help="Country where the parcel goes, as in DE.")],
    service: Annotated[str, typer.Option(help="As in fulfilment.")],
    weight_grams: Annotated[int, typer.Option(help="Weight of the parcel.")],
    providers: Annotated[
        list[str] | None, typer.Argument(help="2 to 10 ids; none: all who serve the market.")
    ] = None,
    category: Annotated[list[str] | None, typer.Option(help="Goods in it; or several.")] = None,
    from_country: Annotated[str | None, typer.Option(help="Only from there, as in PL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Providers side by side for a parcel: lanes, live quotes, metrics, promises, nodes.

    Costs are minor units of their currency. Green is the best where the difference is certain.
    """
    # What connectors fail with stands in the answer; it needs no traceback beside it.
    logging.getLogger("governance.providers.connectors").addHandler(logging.NullHandler())
    configured = settings()
    entries = read_connectors(configured.connectors)
    pipeline = open_pipeline(configured)
    with transaction(pipeline.engine) as session:
        vocabulary = pipeline.gates(session).library.vocabulary
    asked = read_asked(
        vocabulary,
        providers=providers or (),
        market=market,
        service=service,
        weight_grams=weight_grams,
        categories=category or (),
        from_country=from_country,
    )
    now, deadline = datetime.now(UTC), configured.connector_deadline_seconds
    with transaction(pipeline.engine) as session:
        priors = learn(session, now)
    with opened(entries) as connectors:
        found = compare_providers(pipeline.engine, connectors, priors, asked, now, deadline)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        print_comparison(found, _out)
