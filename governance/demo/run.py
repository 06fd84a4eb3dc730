"""Runs the demo: judges the drop, vets the providers, and serves the API over it."""

import tempfile
from pathlib import Path

import uvicorn
from rich.console import Console

from governance.access import keys
from governance.access.models import Role
from governance.app import create_app, open_pipeline
from governance.db import transaction
from governance.demo.drop import judge_drop, print_drop
from governance.gates.pipeline import Pipeline
from governance.settings import Settings, settings


def run_demo(out: Console, *, port: int | None) -> None:
    """Judge the drop, print the verdicts, and serve the API on `port` (None: do not serve).

    It works in a folder of its own, so that it never mixes with a real decision log.
    """
    folder = Path(tempfile.mkdtemp(prefix="governance-demo-"))
    configured = settings().model_copy(update={"data_dir": folder, "database_url": None})
    pipeline = open_pipeline(configured)
    answers = judge_drop(pipeline, out)
    print_drop(answers, out)
    out.print(f"\nrelease {answers[0]['release']}", style="bright_black")
    again = f"GOVERNANCE_DATA_DIR={folder} governance replay {answers[0]['decision_id']}"
    out.print(f"Decide one of them again: {again}", style="bright_black", soft_wrap=True)
    out.print(
        "Nothing here is legal advice: every rule names its source; read it before you rely on it.",
        style="bright_black",
    )
    if port is not None:
        _serve(pipeline, configured, port, out)


def _serve(pipeline: Pipeline, configured: Settings, port: int, out: Console) -> None:
    with transaction(pipeline.engine, write=True) as session:
        _, key = keys.create(session, keys.load_secret(configured), name="demo", role=Role.ADMIN)
    pipeline.engine.dispose()
    out.print(f"\nDocumentation page: http://127.0.0.1:{port}/docs  (Ctrl-C ends it)")
    out.print(f"API key of this demo: {key}", soft_wrap=True)
    uvicorn.run(create_app(configured), host="127.0.0.1", port=port, log_level="warning")
