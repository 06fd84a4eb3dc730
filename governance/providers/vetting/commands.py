"""`governance vet` judges providers anew; `governance providers standing` explains one."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from governance.access.caller import Caller, at_the_shell
from governance.db import transaction
from governance.errors import GovernanceError, InvalidRequest
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.providers.models import Standing
from governance.providers.vetting.due import due, not_delisted
from governance.providers.vetting.explanation import explain
from governance.providers.vetting.sentences import sentence
from governance.providers.vetting.service import Vetted, vet, vet_each
from governance.providers.vetting.standing_text import print_standing, standing_text
from governance.settings import settings

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Outcome = tuple[str, Vetted | GovernanceError]


def vet_providers(
    providers: Annotated[
        list[str] | None, typer.Argument(help="Their ids; none: every provider.")
    ] = None,
    only_due: Annotated[
        bool, typer.Option("--due", help="Only those of which something changed.")
    ] = False,
    wanted: Annotated[
        Standing | None,
        typer.Option(help="Ask for this standing, reinstated or delisted, for one provider."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object each.")] = False,
) -> None:
    """Vet providers: each is judged by the provider gate, on the record, and takes its step.

    Exit code 1 where one could not be vetted; the others are.
    """
    if wanted is not None and len(providers or []) != 1:
        raise InvalidRequest("--wanted is asked for one provider: name it")
    pipeline = open_pipeline(settings())
    caller = at_the_shell(pipeline)
    if wanted is not None:
        outcomes = [_ask_for(pipeline, caller, (providers or [""])[0], wanted)]
    else:
        chosen = providers or _everybody(pipeline, caller, only_due)
        steps = vet_each(pipeline, caller, chosen)
        silent = as_json or not _err.is_terminal
        outcomes = list(
            track(steps, "vetting", len(chosen), console=_err, transient=True, disable=silent)
        )
    if as_json:
        for who, found in outcomes:
            typer.echo(json.dumps(_as_json(who, found)))
    else:
        _print(outcomes, caller)
    if any(isinstance(found, GovernanceError) for _, found in outcomes):
        raise typer.Exit(1)


def explain_standing(
    provider_id: Annotated[str, typer.Argument(help="The provider's id.")],
) -> None:
    """Where a provider stands and why: each service in each market, and the steps it took."""
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine) as session:
        print_standing(explain(session, pipeline, provider_id), _out)


def _ask_for(pipeline: Pipeline, caller: Caller, provider: str, wanted: Standing) -> Outcome:
    with transaction(pipeline.engine, write=True) as session:
        return provider, vet(session, caller, provider, wanted=wanted)


def _everybody(pipeline: Pipeline, caller: Caller, only_due: bool) -> list[str]:
    with transaction(pipeline.engine) as session:
        if only_due:
            return due(session, caller.gates.digest, datetime.now(UTC))
        return not_delisted(session)


def _print(outcomes: list[Outcome], caller: Caller) -> None:
    if not outcomes:
        _out.print("There is nobody to vet")
    for who, found in outcomes:
        if isinstance(found, GovernanceError):
            _out.print(f"[bold]{who}[/]  [red]not vetted[/]: {found.detail}")
            continue
        moved = f"{found.before.value} → " if found.before != found.after else ""
        _out.print(f"[bold]{who}[/]  {moved}{standing_text(found.after)}")
        for code in found.reasons:
            _out.print(f"    {sentence(caller.gates.library, code)}", markup=False)
        _out.print(f"    decision {found.decision_id}", style="bright_black")


def _as_json(who: str, found: Vetted | GovernanceError) -> dict[str, Any]:
    if isinstance(found, GovernanceError):
        return {"provider": who, "problem": found.problem()}
    return {
        "provider": who,
        "decision_id": found.decision_id,
        "standing_before": found.before.value,
        "standing": found.after.value,
        "reasons": list(found.reasons),
    }
