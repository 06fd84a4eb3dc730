"""A scorecard lists every metric that applies, with its course and what was promised of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from event_cases import NOW, ago, event, lines
from provider_documents import small
from serving import Service, assert_problem, served
from sqlalchemy import Engine

from governance.db import transaction
from governance.errors import InvalidRequest, NotFound
from governance.providers import registry
from governance.providers.documents import ProviderDocument
from governance.providers.events.ingest import ingest
from governance.providers.models import Service as Work
from governance.providers.performance.priors import learn
from governance.providers.performance.rates import RATES
from governance.providers.performance.scorecard import APPLIES, scorecard
from governance.providers.performance.scorecard_query import Asked, read_asked
from governance.providers.performance.scorecard_schemas import (
    ScorecardOut,
    ScoredCell,
    ScoredMetric,
)
from governance.providers.words import METRICS
from governance.settings import Settings


def put(engine: Engine, **more: Any) -> None:
    """Register `acme`, which does last mile in DE and FR."""
    document = ProviderDocument.model_validate(small("acme", "DE", "FR", **more))
    with transaction(engine, write=True) as session:
        registry.put(session, document, NOW)


def deliveries(engine: Engine, late: dict[int, int], each: int, now: datetime = NOW) -> None:
    """So many deliveries a day, of which so many of each day (its age) are late."""

    def at(days: float) -> str:
        return (now - timedelta(days=days)).isoformat()

    sent = []
    for day, failed in late.items():
        for number in range(each):
            named = f"s-{day}-{number}"
            arrives = day + (0.3 if number < failed else 0.8)
            sent += [
                event("accepted", shipment=named, time=at(day + 4), promised_at=at(day + 0.6)),
                event("delivered", shipment=named, time=at(arrives)),
            ]
    report = ingest(engine, lines(sent), now)
    assert report.accepted == len(sent)


def scored(engine: Engine, **asked: Any) -> ScorecardOut:
    with transaction(engine) as session:
        question = Asked(asked.pop("as_of", NOW), **asked)
        return scorecard(session, "acme", question, learn(session, question.as_of))


def metric(cell: ScoredCell, name: str) -> ScoredMetric:
    (one,) = (each for each in cell.metrics if each.name == name)
    return one


def test_what_was_never_counted_is_listed_with_no_shipments(engine: Engine) -> None:
    put(engine)
    found = scored(engine)
    assert [(cell.service, cell.market) for cell in found.cells] == [
        (Work.LAST_MILE, "DE"),
        (Work.LAST_MILE, "FR"),
    ]
    assert (found.provider.id, found.provider.standing) == ("acme", "applicant")
    for cell in found.cells:
        assert cell.offered
        assert {one.name for one in cell.metrics} == {*APPLIES[Work.LAST_MILE]}
        for one in cell.metrics:
            assert (one.shipments, one.estimate) == (0, None)
            assert [(window.days, window.trials) for window in one.windows] == [
                (7, 0),
                (30, 0),
                (90, 0),
            ]
            assert one.certain is not None
            assert (one.certain.low, one.certain.high, one.certain.sample) == (0, 1, 0)
            assert one.trend is not None
            assert one.trend.direction == "unknown"
            assert [week.trials for week in one.trend.weeks] == [0] * 13


def test_a_fall_is_told_with_the_weeks_that_show_it(engine: Engine) -> None:
    put(engine)
    late = dict.fromkeys(range(0, 30), 2) | dict.fromkeys(range(30, 90), 0)
    deliveries(engine, late, 4)
    here, there = scored(engine).cells
    one = metric(here, "on_time_delivery")
    assert one.trend is not None
    assert one.trend.direction == "worse"
    recent, before = one.trend.recent, one.trend.before
    assert (recent.hits, recent.trials) == (60, 120)
    assert (before.hits, before.trials) == (240, 240)
    assert recent.begins == before.ends == NOW - timedelta(days=30)
    assert before.begins == NOW - timedelta(days=90)
    weeks = one.trend.weeks
    assert [(week.hits, week.trials) for week in weeks[-4:]] == [(14, 28)] * 4
    assert [(week.hits, week.trials) for week in weeks[1:8]] == [(28, 28)] * 7
    assert weeks[-1].ends == NOW
    assert all(one.ends == other.begins for one, other in pairwise(weeks))
    assert [(window.hits, window.trials) for window in one.windows] == [
        (14, 28),
        (60, 120),
        (300, 360),
    ]
    assert one.shipments == 360
    assert one.estimate is not None
    assert one.estimate.p10 < one.estimate.mean < one.estimate.p90
    assert metric(here, "cancellation").trend.direction == "steady"  # type: ignore[union-attr]
    assert metric(there, "on_time_delivery").shipments == 0


def test_a_promise_is_contradicted_only_by_what_is_certain(engine: Engine) -> None:
    promised = [
        {"service": "last_mile", "market": market, "metric": name, "value": value}
        for market, name, value in [
            ("*", "on_time_delivery", 0.7),
            ("DE", "on_time_delivery", 0.97),
            ("FR", "cancellation", 0.01),
            ("*", "loss_damage", 0.5),
            ("DE", "customs_dwell_hours", 30),
        ]
    ]
    put(engine, slas=promised)
    deliveries(engine, dict.fromkeys(range(10), 1), 10)  # 90 of 100 in DE
    sent = [event("cancelled", shipment=f"c-{n}", market="FR", time=ago(days=3)) for n in range(3)]
    ingest(engine, lines(sent), NOW)
    here, there = scored(engine).cells

    def told(cell: ScoredCell, name: str) -> list[tuple[str, float, bool | None]]:
        return [(one.market, one.value, one.contradicted) for one in metric(cell, name).promises]

    assert told(here, "on_time_delivery") == [("*", 0.7, False), ("DE", 0.97, True)]
    assert told(here, "cancellation") == []
    assert told(here, "loss_damage") == [("*", 0.5, False)]
    dwell = metric(here, "customs_dwell_hours")  # promised, so listed though it does not apply
    assert (dwell.unit, dwell.shipments, dwell.durations) == ("hours", 0, [])
    assert told(here, "customs_dwell_hours") == [("DE", 30, None)]
    assert told(there, "on_time_delivery") == [("*", 0.7, False)]
    assert told(there, "cancellation") == [("FR", 0.01, True)]  # 3 of 3: low is certain


def test_what_it_does_without_offering_it_is_shown_and_said_to_be_so(engine: Engine) -> None:
    put(engine)
    at = {"service": "customs_brokerage", "market": "JP"}
    sent = [
        event("customs_submitted", shipment="j", time=ago(days=10, hours=20), **at),
        event("customs_released", shipment="j", time=ago(days=10), **at),
    ]
    ingest(engine, lines(sent), NOW)
    (cell,) = scored(engine, service=Work.CUSTOMS_BROKERAGE).cells
    assert (cell.market, cell.offered) == ("JP", False)
    dwell = metric(cell, "customs_dwell_hours")
    assert (dwell.unit, dwell.shipments, dwell.trend, dwell.certain) == ("hours", 1, None, None)
    assert [(took.days, took.median) for took in dwell.durations] == [(30, 20), (90, 20)]
    assert metric(cell, "customs_within_48h").shipments == 1
    assert [one.market for one in scored(engine, market="FR").cells] == ["FR"]
    assert scored(engine, service=Work.RETURNS).cells == []


def test_what_happened_after_the_day_is_not_on_it(engine: Engine) -> None:
    put(engine)
    deliveries(engine, {0: 0, 20: 0}, 3)
    cell, _ = scored(engine, as_of=NOW - timedelta(days=10)).cells
    one = metric(cell, "on_time_delivery")
    assert one.shipments == 3
    assert [window.trials for window in one.windows] == [0, 3, 3]
    with pytest.raises(NotFound), transaction(engine) as session:
        scorecard(session, "nobody", Asked(NOW), learn(session, NOW))


def test_every_service_is_looked_at_by_metrics_that_exist() -> None:
    assert APPLIES.keys() == {*Work}
    named = {name for names in APPLIES.values() for name in names}
    assert named == METRICS.keys()
    assert {rate.name for rate in RATES} == {
        name for name, kind in METRICS.items() if kind == "rate"
    }


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, NOW),
        ("2026-11-22", NOW),
        ("2026-11-20", datetime.fromisoformat("2026-11-20T23:59:59.999999+00:00")),
        ("2026-11-22T10:00:00+02:00", datetime.fromisoformat("2026-11-22T08:00:00+00:00")),
    ],
)
def test_a_day_means_its_end_and_today_now(given: str | None, meant: datetime) -> None:
    assert read_asked(NOW, given, None, None).as_of == meant


@pytest.mark.parametrize(
    "given",
    [
        "2026-11-23",
        "2026-11-22T12:00:01Z",
        "2026-11-22T10:00:00",
        "0001-01-01",
        "now",
        "2026-02-30",
    ],
)
def test_an_instant_that_is_none_or_to_come_is_refused(given: str) -> None:
    with pytest.raises(InvalidRequest, match="no day or instant"):
        read_asked(NOW, given, None, None)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    """A service that knows `acme`."""
    folder = tmp_path_factory.mktemp("scorecard")
    with served(Settings(data_dir=folder, rulesets_dir=tiny_rulesets)) as service:
        put(service.engine)
        yield service


def test_the_endpoint_gives_it_and_refuses_what_it_does_not_know(store: Service) -> None:
    address = "/v1/providers/acme/scorecard"
    told = store.get(f"{address}?service=last_mile&market=FR&as_of=2025-11-20").json()
    assert told["as_of"] == "2025-11-20T23:59:59.999999Z"
    assert [(cell["service"], cell["market"]) for cell in told["cells"]] == [("last_mile", "FR")]
    assert told["cells"][0]["metrics"][0]["shipments"] == 0
    for query, field in (
        ("markt=FR", "markt"),
        ("market=UK", "market"),
        ("service=last_mil", "service"),
        ("as_of=tomorrow", "as_of"),
        ("market=FR&market=DE", "market"),
    ):
        problem = assert_problem(store.get(f"{address}?{query}"), 422, "invalid-request")
        assert problem["errors"][0]["field"] == field
    assert_problem(store.get("/v1/providers/nobody/scorecard"), 404, "not-found")
    unknown = store.get("/v1/providers/acme/performance?as_of=2025-11-20")
    assert_problem(unknown, 422, "invalid-request")


def test_the_command_prints_a_table_and_the_same_as_json(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    put(
        sqlite_engine,
        slas=[{"service": "last_mile", "market": "*", "metric": "on_time_delivery", "value": 0.99}],
    )
    deliveries(sqlite_engine, dict.fromkeys(range(40), 1), 3, datetime.now(UTC))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GOVERNANCE_")} | {
        "GOVERNANCE_DATA_DIR": str(sqlite_settings.data_dir),
        "COLUMNS": "150",
        "NO_COLOR": "1",
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(Path(sys.executable).parent / "governance"), "providers", "scorecard", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    shown = run("acme", "--market", "DE").stdout
    assert shown.startswith("acme  Acme  applicant since 2026-11-22\n")
    assert "last_mile in Germany" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("on_time_delivery"))
    assert "99.0 %, not kept" in line
    assert "nothing counted" in shown
    told = json.loads(run("acme", "--json", "--market", "DE").stdout)
    assert told["cells"][0]["metrics"][0]["promises"][0]["contradicted"] is True
