"""`governance drops report`: a drop's plan as a page, and in tables."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from governance.access.caller import at_the_shell
from governance.drops.report.service import report_of
from governance.drops.report.terminal import print_plan
from governance.gates.pipeline import open_pipeline
from governance.settings import settings

_out = Console(highlight=False)


def report(
    drop_id: Annotated[str, typer.Argument(help="The drop's id, drp_….")],
    output: Annotated[
        Path | None, typer.Option(help="Write the page there, an HTML file that needs no other.")
    ] = None,
) -> None:
    """Show a drop's plan, its verdict and the reasons: in tables, or as a page for a browser."""
    pipeline = open_pipeline(settings())
    found = report_of(pipeline, at_the_shell(pipeline), drop_id)
    if output is None:
        print_plan(found.plan, found.verdict, _out)
        return
    output.write_text(found.page, "utf-8")
    _out.print(f"Written: {output}", soft_wrap=True)
