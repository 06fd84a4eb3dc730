"""The service: `create_app()` reads as a table of contents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline

from governance import __version__, problems
from governance.access.keys import load_secret
from governance.audit import endpoints as audit
from governance.audit.exports import endpoints as export
from governance.audit.log import endpoints as log
from governance.audit.log.sealing import sealing
from governance.audit.statements import endpoints as statements
from governance.db import transaction
from governance.drops import endpoints as drops
from governance.drops.judging import endpoints as drop_steps
from governance.drops.judging.watch import judging
from governance.drops.past import endpoints as past_drops
from governance.drops.rates import endpoints as exchange_rates
from governance.drops.report import endpoints as drop_report
from governance.drops.webhooks import endpoints as webhooks
from governance.drops.webhooks.worker import delivering
from governance.eligibility import catalogue
from governance.eligibility import endpoints as eligibility
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.providers import endpoints as providers
from governance.providers.comparison import endpoints as provider_comparison
from governance.providers.connectors import endpoints as connectors
from governance.providers.connectors.opened import opened
from governance.providers.connectors.settings_file import read_connectors
from governance.providers.events import endpoints as provider_events
from governance.providers.performance import endpoints as provider_performance
from governance.providers.performance.priors import DailyPriors
from governance.providers.vetting import endpoints as provider_vetting
from governance.providers.vetting.worker import vetting
from governance.settings import Settings, settings


def create_app(configured: Settings | None = None) -> FastAPI:
    """The application under these settings; unset: those of the environment."""
    configured = configured or settings()
    entries = read_connectors(configured.connectors)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.secret = load_secret(configured)
        app.state.pipeline = open_pipeline(configured)
        app.state.priors = DailyPriors(app.state.pipeline.engine)
        with (
            sealing(app.state.pipeline.engine, configured),
            vetting(app.state.pipeline),
            judging(app.state.pipeline),
            delivering(app.state.pipeline.engine, configured, app.state.secret),
            opened(entries) as app.state.connectors,
        ):
            yield
        app.state.pipeline.engine.dispose()

    app: FastAPI = FastAPIOffline(  # its documentation page fetches nothing from elsewhere
        redoc_url=None,
        title="Governance",
        version=__version__,
        description="Where may this product be sold, by whom, on which day? Every verdict comes "
        "with its reasons and is on the record before it is given.",
        lifespan=lifespan,
    )
    problems.install(app)
    app.add_middleware(
        problems.BodyLimit,
        most=configured.max_body_bytes,
        uploads={
            provider_events.PATH: configured.max_upload_bytes,
            past_drops.PATH: configured.max_upload_bytes,
        },
    )
    app.include_router(eligibility.router)
    app.include_router(catalogue.router)
    app.include_router(provider_comparison.router)  # before /providers/{provider_id}
    app.include_router(providers.router)
    app.include_router(connectors.router)
    app.include_router(provider_events.router)
    app.include_router(provider_performance.router)
    app.include_router(provider_vetting.router)
    app.include_router(drops.router)
    app.include_router(drop_steps.router)
    app.include_router(drop_report.router)
    app.include_router(webhooks.router)
    app.include_router(past_drops.router)
    app.include_router(exchange_rates.router)
    app.include_router(export.router)  # before `audit`, whose /decisions/{id} would take it
    app.include_router(audit.router)
    app.include_router(log.router)
    app.include_router(statements.router)
    app.get("/healthz", tags=["health"], summary="Is the process alive?")(_alive)
    app.get(
        "/readyz",
        tags=["health"],
        summary="Can it answer: database, release in force, policy engine?",
        responses=problems.problems(503),
    )(_ready)
    return app


def _alive() -> dict[str, str]:
    return {"status": "ok"}


def _ready(request: Request) -> dict[str, Any]:
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        gates = pipeline.gates(session)
    nobody = {"caller": {"id": "anonymous", "role": "anonymous"}, "action": "", "resource": {}}
    gates.evaluate("access", nobody)
    return {"status": "ok", "release": gates.digest}
