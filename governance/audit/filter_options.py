"""The filters as options of a command."""

from typing import Annotated

import typer

from governance.gates.filing import BY_GATE

Since = Annotated[str | None, typer.Option("--from", help="First day or instant, UTC.")]
Until = Annotated[str | None, typer.Option("--to", help="Last day, or instant, UTC.")]
Market = Annotated[str | None, typer.Option(help="Country, as in FR.")]
Category = Annotated[str | None, typer.Option(help="Category of the product.")]
Verdict = Annotated[str | None, typer.Option(help="Verdict of a market.")]
Gate = Annotated[str | None, typer.Option(help=f"One of {', '.join(BY_GATE)}.")]
CallerId = Annotated[str | None, typer.Option(help="Id of the key that asked.")]
Release = Annotated[str | None, typer.Option(help="Digest of a release.")]
