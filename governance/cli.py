"""The `governance` command: reads top to bottom as its help page."""

import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from rich.console import Console

from governance.access import commands as keys
from governance.access.caller import at_the_shell
from governance.app import create_app
from governance.audit.commands import audit
from governance.db import transaction
from governance.demo import run_demo
from governance.drops.commands import drops
from governance.drops.judging.commands import register as register_steps
from governance.drops.past.commands import past_drops
from governance.drops.rates.commands import exchange_rates
from governance.drops.report.commands import report as report_drop
from governance.drops.webhooks.commands import webhooks
from governance.eligibility import service
from governance.eligibility.request_file import read_request
from governance.eligibility.table import print_answer
from governance.errors import GovernanceError
from governance.gates.pipeline import open_pipeline
from governance.providers.commands import providers
from governance.providers.vetting.commands import vet_providers
from governance.rego import commands as policies
from governance.rules import commands as rules
from governance.settings import settings

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Rules-based compliance: who may sell what where, with reasons, on the record.",
)
cli.add_typer(rules.rules, name="rules")
cli.add_typer(policies.policies, name="policies")
cli.add_typer(keys.app, name="keys")
cli.add_typer(audit, name="audit")
cli.add_typer(providers, name="providers")
register_steps(drops)
drops.command("report")(report_drop)
cli.add_typer(drops, name="drops")
cli.add_typer(webhooks, name="webhooks")
cli.add_typer(past_drops, name="past-drops")
cli.add_typer(exchange_rates, name="exchange-rates")
cli.command("vet")(vet_providers)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Worker processes.")] = 1,
) -> None:
    """Serve the API; its documentation page is /docs."""
    open_pipeline(settings()).engine.dispose()  # a broken release is told before a port is open
    uvicorn.run("governance.cli:app", factory=True, host=host, port=port, workers=workers)


@cli.command()
def check(
    file: Annotated[Path, typer.Option(help="The request, JSON or YAML; - reads standard input.")],
    as_of: Annotated[
        str | None, typer.Option(help="Day of the sale, instead of the file's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Where may this be sold? Answers a request from a file and records the decision."""
    request = read_request(file, as_of)
    pipeline = open_pipeline(settings())
    body = service.check(pipeline, request, at_the_shell(pipeline))
    if as_json:
        typer.echo(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    else:
        print_answer(json.loads(body), _out)


@cli.command()
def replay(decision_id: Annotated[str, typer.Argument(help="The decision's id.")]) -> None:
    """Decide a recorded input again under its own release: exit code 1 if the result differs."""
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine) as session:
        found = pipeline.replay(session, decision_id)
    _out.print(f"decision {found.decision_id}\nrelease  {found.release}")
    if found.same:
        _out.print("[green]same result[/], to the byte")
        return
    _out.print("[red]the result differs[/]")
    _out.print(f"recorded: {found.recorded}\nreplayed: {found.replayed}", markup=False)
    raise typer.Exit(1)


@cli.command()
def demo(
    serve_after: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the API after the table.")
    ] = True,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
) -> None:
    """A real drop of five products to every covered market: verdicts, reasons, what would help."""
    run_demo(_out, port=port if serve_after else None)


def app() -> FastAPI:
    """The application for a server process."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    return create_app()


def main() -> None:
    """Run the command; an error of ours is told in words, with exit code 1."""
    try:
        cli()
    except GovernanceError as error:
        _err.print(f"[red]{error.title}[/]")
        _err.print(error.detail, markup=False)
        for one in error.errors:
            hint = f" ({one.hint})" if one.hint else ""
            _err.print(f"  {one.field}: {one.message}{hint}", markup=False)
        sys.exit(1)
