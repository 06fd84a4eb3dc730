"""The store on a terminal: a short table of the same providers."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from governance.demo.store import Store

_STYLES = {
    "active": "bold green",
    "reinstated": "bold green",
    "provisional": "yellow",
    "probation": "magenta",
    "suspended": "bold red",
    "applicant": "bright_black",
    "delisted": "bright_black",
}


def print_store(store: Store, out: Console) -> None:
    """Every provider with its standing and why; `allowed` counts services in the drop's markets."""
    table = Table(title="Who may ship it? (made-up sample data)", header_style="bold")
    table.add_column("provider")
    table.add_column("standing", no_wrap=True)
    table.add_column("allowed", no_wrap=True, justify="right")
    table.add_column("why", ratio=1)
    for card in store.cards:
        table.add_row(
            Text(card.name),
            Text(f"{card.standing}\n{card.since:%d %b %Y}", style=_STYLES[card.standing]),
            f"{card.allowed} of {card.cells}" if card.serves else "none",
            Text("\n".join(card.why)),
        )
    out.print()
    out.print(table)
