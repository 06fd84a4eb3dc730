"""Runs the demo: judges products, vets providers over made-up months, plans a drop, serves."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.progress import Progress

from governance.access import keys
from governance.access.caller import at_the_shell
from governance.access.models import Role
from governance.app import create_app
from governance.db import transaction
from governance.demo.drop import DAY, judge_drop, print_drop
from governance.demo.launch import launch, prepare
from governance.demo.page import render
from governance.demo.store import Store, read_store
from governance.demo.terminal import print_store
from governance.demo.timeline import end_of, play
from governance.drops.report.service import report_of
from governance.drops.report.terminal import print_plan
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.providers.commands import SAMPLE
from governance.providers.reading import Source, read_documents
from governance.settings import Settings, settings


def run_demo(out: Console, *, port: int | None) -> None:
    """Judge products, vet providers, plan a drop, print all; serve on `port` (None: do not serve).

    It works in a folder of its own, so that it never mixes with a real decision log; the pages of
    the providers and of the plan lie there, too.
    """
    folder = Path(tempfile.mkdtemp(prefix="governance-demo-"))
    configured = settings().model_copy(update={"data_dir": folder, "database_url": None})
    pipeline = open_pipeline(configured)
    answers = judge_drop(pipeline, out)
    print_drop(answers, out)
    store = _store(pipeline, out)
    page = folder / "providers.html"
    page.write_text(render(store), "utf-8")
    print_store(store, out)
    out.print(f"The same in full, as a page: {page.as_uri()}", soft_wrap=True)
    report = folder / "plan.html"
    report.write_text(_plan(pipeline, out), "utf-8")
    out.print(f"The same in full, as a page: {report.as_uri()}", soft_wrap=True)
    out.print(f"\nrelease {answers[0]['release']}", style="bright_black")
    again = f"GOVERNANCE_DATA_DIR={folder} governance replay {answers[0]['decision_id']}"
    out.print(f"Decide one of them again: {again}", style="bright_black", soft_wrap=True)
    out.print(
        "Nothing here is legal advice: every rule names its source; read it before you rely on it.",
        style="bright_black",
    )
    if port is not None:
        _serve(pipeline, configured, port, (page, report), out)


def _store(pipeline: Pipeline, out: Console) -> Store:
    """The starter set's providers after a history that is made up."""
    now = end_of(DAY)
    sources = [Source(file.name, file.read_text("utf-8")) for file in sorted(SAMPLE.glob("*.yaml"))]
    with transaction(pipeline.engine) as session:
        documents = read_documents(sources, pipeline.gates(session).library.vocabulary)
    with Progress(console=out, transient=True) as progress:
        task = progress.add_task("", total=1.0)
        play(
            pipeline,
            documents,
            now,
            tell=lambda what, done: progress.update(task, description=what, completed=done),
        )
    with transaction(pipeline.engine) as session:
        return read_store(session, pipeline, now)


def _plan(pipeline: Pipeline, out: Console) -> str:
    """The report of a drop that is planned, judged and live; printed, too."""
    now = end_of(DAY)
    prepare(pipeline, now)
    with Progress(console=out, transient=True) as progress:
        task = progress.add_task("", total=1.0)
        drop_id = launch(
            pipeline,
            now,
            tell=lambda what, done: progress.update(task, description=what, completed=done),
        )
    found = report_of(pipeline, at_the_shell(pipeline), drop_id, now)
    print_plan(found.plan, found.verdict, out)
    return found.page


def _serve(
    pipeline: Pipeline, configured: Settings, port: int, pages: Sequence[Path], out: Console
) -> None:
    with transaction(pipeline.engine, write=True) as session:
        _, key = keys.create(session, keys.load_secret(configured), name="demo", role=Role.ADMIN)
    pipeline.engine.dispose()
    out.print(f"\nDocumentation page: http://127.0.0.1:{port}/docs  (Ctrl-C ends it)")
    for page in pages:
        out.print(f"Page: {page.as_uri()}", soft_wrap=True)
    out.print(f"API key of this demo: {key}", soft_wrap=True)
    uvicorn.run(create_app(configured), host="127.0.0.1", port=port, log_level="warning")
