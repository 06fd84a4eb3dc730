"""The `providers` commands: import, list, show, compare, ingest."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from governance.db import transaction
from governance.errors import InvalidRequest
from governance.gates.pipeline import open_pipeline
from governance.providers import registry
from governance.providers.comparison.commands import compare
from governance.providers.events.commands import ingest_file
from governance.providers.filter_query import read_filters
from governance.providers.performance.commands import show_scorecard
from governance.providers.reading import Source, read_documents
from governance.providers.schemas import in_words, lane_offer
from governance.providers.search import search
from governance.providers.vetting.commands import explain_standing
from governance.settings import settings

providers = typer.Typer(
    name="providers",
    help="Logistics providers: the registry, and how they perform.",
    no_args_is_help=True,
)
providers.command("ingest")(ingest_file)
providers.command("scorecard")(show_scorecard)
providers.command("standing")(explain_standing)
providers.command("compare")(compare)
SAMPLE = Path(__file__).parent / "sample"
"""The starter set: providers that are made up, for trying the service out."""

_PAGE = 200
_out = Console(highlight=False)


@providers.command("import")
def import_files(
    files: Annotated[
        list[Path] | None, typer.Argument(help="YAML or JSON, each with one or more providers.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="The starter set: made-up providers to try out.")
    ] = False,
) -> None:
    """Write all providers of these files, or none: every error is told with its place."""
    chosen = [*(files or []), *(sorted(SAMPLE.glob("*.yaml")) if sample else [])]
    if not chosen:
        raise InvalidRequest("Name a file, or say --sample")
    sources = [_source(file) for file in chosen]
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine, write=True) as session:
        vocabulary = pipeline.gates(session).library.vocabulary
        documents = read_documents(sources, vocabulary)
        written = registry.put_all(session, documents, datetime.now(UTC))
    for what, ids in written.items():
        for one in ids:
            typer.echo(f"{what} {one}")


@providers.command("list")
def list_providers(
    market: Annotated[str | None, typer.Option(help="Country, as in FR.")] = None,
    service: Annotated[str | None, typer.Option(help="As in fulfilment.")] = None,
    category: Annotated[str | None, typer.Option(help="Goods that must be taken.")] = None,
    dangerous_goods: Annotated[
        str | None, typer.Option(help="UN class that a node, where a lane begins, may hold.")
    ] = None,
    weight_grams: Annotated[
        int | None, typer.Option(help="Weight that a lane carries; shows the cheapest.")
    ] = None,
    cost_at_most: Annotated[
        int | None, typer.Option(help="Minor units of the currency, for that weight.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="As in EUR: only lanes priced in it; nothing is converted.")
    ] = None,
    lead_days_at_most: Annotated[
        float | None, typer.Option(help="Days that a lane takes in 9 of 10 cases.")
    ] = None,
    standing: Annotated[list[str] | None, typer.Option(help="As in active; or several.")] = None,
    text: Annotated[str | None, typer.Option(help="Part of id, name or description.")] = None,
) -> None:
    """Providers with their standing, in the order of their ids. Filters on lanes hold of one."""
    table = Table("id", "name", "standing", "services", "markets", box=None)
    if weight_grams is not None:
        table.add_column("cheapest, minor units")
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine) as session:
        filters = read_filters(
            pipeline.gates(session).library.vocabulary,
            market=market,
            service=service,
            category=category,
            dangerous_goods=dangerous_goods,
            weight_grams=weight_grams,
            cost_at_most=cost_at_most,
            currency=currency,
            lead_days_at_most=lead_days_at_most,
            standing=standing or (),
            text=text,
        )
        after: str | None = None
        while page := search(session, filters, after=after, limit=_PAGE):
            for one in page:
                name = f"{one.name} (sample)" if one.sample else one.name
                markets = {market for places in one.services.values() for market in places}
                services = ", ".join(one.services)
                row = [one.id, name, one.standing.value, services, str(len(markets))]
                if one.cheapest is not None:
                    row.append("\n".join(in_words(lane_offer(offer)) for offer in one.cheapest))
                table.add_row(*map(escape, row))
            after = page[-1].id
    _out.print(table if table.row_count else "No provider is like that")


@providers.command()
def show(provider_id: Annotated[str, typer.Argument(help="The provider's id.")]) -> None:
    """A provider as YAML that `import` reads again; its standing is a comment above."""
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine) as session:
        found = registry.provider(session, provider_id)
        document = registry.get(session, provider_id)
    typer.echo(f"# {found.standing.value} since {found.standing_since.isoformat()}")
    text = yaml.safe_dump(document.model_dump(), sort_keys=False, allow_unicode=True, width=100)
    typer.echo(text, nl=False)


def _source(file: Path) -> Source:
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is not UTF-8 at byte {error.start}") from error
    return Source(str(file), text, is_json=file.suffix.lower() == ".json")
