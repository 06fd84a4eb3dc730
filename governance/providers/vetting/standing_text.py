"""A standing, explained at the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from governance.providers.models import Standing

_STYLES = {
    Standing.ACTIVE: "green",
    Standing.REINSTATED: "green",
    Standing.PROBATION: "yellow",
    Standing.SUSPENDED: "red",
    Standing.DELISTED: "red",
}


def standing_text(standing: Standing) -> str:
    """The standing in its colour, as markup of rich."""
    style = _STYLES.get(standing, "bold")
    return f"[{style}]{standing.value}[/]"


def print_standing(told: Mapping[str, Any], out: Console) -> None:
    """Print what `explanation.explain` gives."""
    sample = "  (sample data)" if told["sample"] else ""
    since = f"{told['since']:%Y-%m-%d %H:%M} UTC"
    name = f"[bold]{told['provider']}[/]"
    out.print(f"{name}  {standing_text(told['standing'])} since {since}{sample}")
    if told["vetting_due_since"] is not None:
        out.print("Something changed since it was vetted: `governance vet` judges it anew")
    vetting = told["vetting"]
    if vetting is None:
        out.print("It was never vetted: `governance vet` does that")
        return
    for reason in vetting["reasons"]:
        out.print(f"    {reason['message']}", markup=False)
    out.print(f"    decision {vetting['decision_id']}", style="bright_black")
    for cell in vetting["cells"]:
        out.print(f"\n  {cell['service']} in {cell['market']}: {cell['verdict']}")
        for line in _lines(cell):
            out.print(f"    {line}", markup=False)
    if told["steps"]:
        out.print("\nSteps")
    for step in told["steps"]:
        steps = f"{step['from_standing']} → {step['to_standing']}"
        out.print(f"  {step['changed_at']:%Y-%m-%d %H:%M}  {steps}  decision {step['decision_id']}")


def _lines(cell: Mapping[str, Any]) -> Iterator[str]:
    for why in cell["why"]:
        if why["code"] != "needs_proof" or not cell["lacking_proof"]:
            yield why["message"]
    for lacking in cell["lacking_proof"]:
        more = lacking["flawless_needed"]
        needed = "too many more" if more is None else f"{more:,} more without a failure"
        yield (
            f"{lacking['asked']} Counted: {lacking['successes']:,} of {lacking['trials']:,}; "
            f"{needed} would prove it."
        )
