"""`governance drops plan|submit|approve|…|what-breaks`: a drop's steps, at the shell."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, track

from governance.access.caller import Caller, at_the_shell
from governance.drops.judging import service
from governance.drops.judging.gate import Judged
from governance.drops.judging.verdict import spelled_out, verdict
from governance.drops.judging.what_breaks import Breaks, affected, what_breaks
from governance.drops.planner.service import SEED, plan_drop
from governance.eligibility.table import verdict_text
from governance.errors import InvalidRequest
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.rules.model import Library
from governance.rules.values import WrongValue, parse_date
from governance.settings import settings

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Drop = Annotated[str, typer.Argument(help="The drop's id, drp_….")]
Reason = Annotated[str, typer.Option(help="Why; it goes on the record.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Put the commands among those of `governance drops`."""
    for name, command in (
        ("plan", plan),
        ("submit", submit),
        ("withdraw", withdraw),
        ("verdict", show_verdict),
        ("approve", approve),
        ("reject", reject),
        ("live", live),
        ("hold", hold),
        ("what-breaks", show_what_breaks),
    ):
        app.command(name)(command)


def plan(
    drop_id: Drop,
    seed: Annotated[int, typer.Option(min=0, help="Of the random numbers.")] = SEED,
    as_json: AsJson = False,
) -> None:
    """Plan a drop anew: what is needed where, how it gets there, what it may earn."""
    pipeline, caller = _opened()
    with Progress(console=_err, transient=True, disable=not _err.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        made = plan_drop(
            pipeline,
            caller,
            drop_id,
            seed=seed,
            progress=lambda what, done: progress.update(task, description=what, completed=done),
        )
    if as_json:
        _out.print_json(made.plan)
        return
    found = json.loads(made.plan)
    _out.print(f"{drop_id} is planned: {found['totals']['units']} units, plan {made.digest}")
    _out.print(f"See it: governance drops report {drop_id}", style="bright_black")


def submit(drop_id: Drop) -> None:
    """Have a planned drop judged."""
    _judged(lambda pipeline, caller: service.submit(pipeline, caller, drop_id), drop_id)


def withdraw(drop_id: Drop, reason: Reason) -> None:
    """Take a submitted or approved drop back."""
    pipeline, caller = _opened()
    service.withdraw(pipeline, caller, drop_id, reason)
    _out.print(f"{drop_id} is planned")


def show_verdict(drop_id: Drop, as_json: AsJson = False) -> None:
    """What the drop gate said last, and whether that still holds."""
    pipeline, caller = _opened()
    _print_verdict(verdict(pipeline, caller, drop_id), as_json)


def approve(
    drop_id: Drop,
    decision: Annotated[str, typer.Option(help="The decision that you have read (`verdict`).")],
    comment: Annotated[str, typer.Option(help="Why; it goes on the record.")],
) -> None:
    """Approve what a decision found in somebody else's drop."""
    _judged(
        lambda pipeline, caller: service.approve(
            pipeline, caller, drop_id, decision_id=decision, comment=comment
        ),
        drop_id,
    )


def reject(drop_id: Drop, reason: Reason) -> None:
    """Refuse a drop that needs a review."""
    pipeline, caller = _opened()
    service.reject(pipeline, caller, drop_id, reason=reason)
    _out.print(f"{drop_id} is rejected")


def live(drop_id: Drop) -> None:
    """Begin the sale of an approved drop, or go on with one on hold, if the gate lets it."""
    _judged(lambda pipeline, caller: service.go_live(pipeline, caller, drop_id), drop_id)


def hold(drop_id: Drop, reason: Reason) -> None:
    """Stop the sale of a drop at once."""
    pipeline, caller = _opened()
    service.hold(pipeline, caller, drop_id, reason)
    _out.print(f"{drop_id} is on hold")


def show_what_breaks(
    on: Annotated[str, typer.Option(help="A coming day, YYYY-MM-DD.")],
    as_json: AsJson = False,
) -> None:
    """What the law of a coming day would stop, of the drops that are or will be on sale then.

    Exit code 1 where it would stop any.
    """
    day = _day(on)
    pipeline, caller = _opened()
    drops = affected(pipeline, day)
    rounds = what_breaks(pipeline, caller, drops, day, datetime.now(UTC))
    shown = track(
        rounds,
        "judging",
        len(drops),
        console=_err,
        transient=True,
        disable=as_json or not _err.is_terminal,
    )
    found = [one for one in shown if one is not None]
    if as_json:
        _out.print_json(json.dumps([asdict(one) for one in found]))
    else:
        for one in found:
            _print_breaks(one, caller.gates.library)
        _out.print(f"{len(found)} of {len(drops)} drops on sale on {day} would be stopped")
    if found:
        raise typer.Exit(1)


def _opened() -> tuple[Pipeline, Caller]:
    pipeline = open_pipeline(settings())
    return pipeline, at_the_shell(pipeline)


def _judged(step: Callable[[Pipeline, Caller], Judged], drop_id: str) -> None:
    pipeline, caller = _opened()
    step(pipeline, caller)
    _print_verdict(verdict(pipeline, caller, drop_id), as_json=False)


def _print_verdict(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _out.print_json(json.dumps(found, default=str))
        return
    _out.print(f"{found['id']} is {found['state']}: ", verdict_text(found["verdict"]), sep="")
    for heading, one in (
        *(("", one) for one in found["reasons"]),
        *(("approved: ", one) for one in found["approved_reasons"]),
    ):
        _out.print(f"  • {heading}{one['message']}")
    for change in found["changes"]:
        _out.print(f"  → to pass: {change['message']}")
    for one in found["not_sold_in"]:
        _out.print(f"  ! {one['product']}: no orders from {', '.join(one['regions'])}")
    for one in found["stale"]:
        _out.print(f"  ! {one['message']}", style="yellow")
    _out.print(f"decision {found['decision_id']}  plan {found['plan']}", style="bright_black")


def _print_breaks(one: Breaks, library: Library) -> None:
    _out.print(f"[bold]{one.drop_id}[/] {one.title} ({one.state.value})")
    if one.result is None:
        _out.print(f"  • no verdict: {one.error}")
        return
    said = spelled_out(library, one.result)
    for reason in said["reasons"]:
        _out.print(f"  • {reason['message']}")
    for market in said["markets"]:
        if market["verdict"] != "allowed":
            _out.print(f"    {market['market']} {market['product']}: ", end="")
            _out.print(verdict_text(market["verdict"]))


def _day(text: str) -> date:
    try:
        return parse_date(text)
    except WrongValue as wrong:
        raise InvalidRequest(f"--on: {wrong}") from wrong
