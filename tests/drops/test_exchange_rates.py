"""Exchange rates: strict tables by day, and those that hold on a day."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import Service, assert_problem, served
from shell import Run, environment, shell
from sqlalchemy import Engine

from governance.db import open_engine, transaction
from governance.drops.rates.documents import RatesDocument
from governance.drops.rates.store import newest, put
from governance.markets.money import Rates
from governance.settings import Settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 20)


def rates(**changes: Any) -> dict[str, Any]:
    usual = {"base": "EUR", "source": "a bank", "rates": {"USD": "1.1553", "JPY": "180.250"}}
    return usual | changes


def kept(engine: Engine, day: date, **changes: Any) -> bool:
    with transaction(engine, write=True) as session:
        return put(session, day, RatesDocument(**rates(**changes)), NOW)


def on(engine: Engine, day: date) -> Rates | None:
    with transaction(engine) as session:
        return newest(session, day)


def test_the_rates_of_the_latest_day_hold_until_there_are_newer_ones(engine: Engine) -> None:
    assert on(engine, DAY) is None
    assert kept(engine, DAY, sample=True)
    assert kept(engine, DAY + timedelta(days=3), base="USD", rates={"EUR": "0.9"})
    assert on(engine, DAY - timedelta(days=1)) is None
    per_base = {"JPY": Decimal("180.250"), "USD": Decimal("1.1553")}
    expected = Rates("EUR", DAY, "a bank", True, per_base)
    assert on(engine, DAY) == on(engine, DAY + timedelta(days=2)) == expected
    newer = on(engine, DAY + timedelta(days=100))
    assert newer is not None
    assert newer.convert(100, "USD", "EUR") == 90.0


def test_the_same_day_put_again_replaces_all_of_it(engine: Engine) -> None:
    assert kept(engine, DAY, sample=True)
    assert not kept(engine, DAY, source="another bank", rates={"USD": "1.2"})
    expected = Rates("EUR", DAY, "another bank", False, {"USD": Decimal("1.2")})
    assert on(engine, DAY) == expected


def test_of_those_who_put_a_day_at_once_one_is_first(
    engine: Engine, database_settings: Settings, race
) -> None:
    assert sorted(race(4, put_the_day, database_settings)) == [False, False, False, True]
    assert on(engine, DAY) is not None


def put_the_day(settings: Settings) -> bool:
    engine = open_engine(settings)
    try:
        return kept(engine, DAY)
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("desk")
    with served(Settings(data_dir=folder, rulesets_dir=tiny_rulesets)) as service:
        yield service


def send(service: Service, day: str, role: str = "admin", **changes: Any) -> httpx.Response:
    address = f"/v1/exchange-rates/{day}"
    return service.client.put(address, json=rates(**changes), headers=service.headers(role))


def test_what_is_put_is_read_by_its_day_and_by_later_days(desk: Service) -> None:
    made = send(desk, "2026-01-02")
    assert made.status_code == 201
    body = made.json()
    assert body.pop("put_at") > "2026"
    assert body == {"day": "2026-01-02", "sample": False, **rates()}
    assert list(body["rates"]) == ["JPY", "USD"]
    again = send(desk, "2026-01-02", source="another bank")
    assert again.status_code == 200
    for path in ("", "?on=2026-01-05", "/2026-01-02"):
        found = desk.get(f"/v1/exchange-rates{path}", role="auditor")
        assert found.json() == again.json(), path
    for path in ("?on=2026-01-01", "/2026-01-03"):
        assert_problem(desk.get(f"/v1/exchange-rates{path}"), 404, "not-found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base": "eur"}, "/base"),
        ({"base": "XAU"}, "/base"),
        ({"base": "USD"}, "/rates/USD"),
        ({"source": ""}, "/source"),
        ({"source": " "}, "/source"),
        ({"source": None}, "/source"),
        ({"sample": 0}, "/sample"),
        ({"rates": {}}, "/rates"),
        ({"rates": {"DEM": "1"}}, "/rates/DEM"),
        ({"rates": {"XTS": "1"}}, "/rates/XTS"),
        ({"rates": {"USD": 1.1553}}, "/rates/USD"),
        ({"rates": {"USD": "0"}}, "/rates/USD"),
        ({"rates": {"USD": "0.000"}}, "/rates/USD"),
        ({"rates": {"USD": "-1"}}, "/rates/USD"),
        ({"rates": {"USD": "1,5"}}, "/rates/USD"),
        ({"rates": {"USD": "1e3"}}, "/rates/USD"),
        ({"rates": {"USD": "01.5"}}, "/rates/USD"),
        ({"rates": {"USD": ".5"}}, "/rates/USD"),
        ({"rates": {"USD": "1."}}, "/rates/USD"),
        ({"rates": {"USD": "١"}}, "/rates/USD"),
        ({"rates": {"USD": "1\n"}}, "/rates/USD"),
        ({"rates": {"USD": "NaN"}}, "/rates/USD"),
        ({"rates": {"USD": "1.234567890123"}}, "/rates/USD"),
        ({"rates": {"USD": "1" + "0" * 40}}, "/rates/USD"),
        ({"currency": "USD"}, "/currency"),
    ],
)
def test_a_wrong_table_is_refused_by_its_field(
    desk: Service, change: dict[str, Any], field: str
) -> None:
    document = assert_problem(send(desk, "2026-01-02", **change), 422, "invalid-request")
    assert [one["field"] for one in document["errors"]] == [field]


@pytest.mark.parametrize("rate", ["0.000000000001", "123456789012", "1.23456789012", "0.5"])
def test_a_rate_has_up_to_twelve_significant_digits(desk: Service, rate: str) -> None:
    answer = send(desk, "2025-06-01", rates={"USD": rate})
    assert answer.json()["rates"] == {"USD": rate}


def test_a_day_is_a_day_and_not_to_come(desk: Service) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    document = assert_problem(send(desk, tomorrow), 422, "invalid-request")
    assert [one["field"] for one in document["errors"]] == ["day"]
    for day in ("2026-02-30", "20260102", "1732147200", "2026-W10-1", "today"):
        assert_problem(send(desk, day), 422, "invalid-request")
        assert_problem(desk.get(f"/v1/exchange-rates/{day}"), 422, "invalid-request")
        assert_problem(desk.get(f"/v1/exchange-rates?on={day}"), 422, "invalid-request")
    assert_problem(desk.get("/v1/exchange-rates?day=2026-01-02"), 422, "invalid-request")


def test_who_only_reads_puts_no_rates(desk: Service) -> None:
    for role in ("auditor", "reviewer"):
        assert_problem(send(desk, "2026-01-02", role), 403, "forbidden")
    assert send(desk, "2026-01-02", "portal").status_code == 200


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return shell(tmp_path, environment(data_dir=str(tmp_path / "var")), "exchange-rates")


def written(folder: Path, document: Any) -> str:
    file = folder / "rates.json"
    text = document if isinstance(document, str) else json.dumps(document)
    file.write_text(text)
    return str(file)


def test_a_file_is_imported_and_shown(run: Run, tmp_path: Path) -> None:
    assert "There are no exchange rates" in run("show").stderr
    one = rates(day="2026-01-02")
    done = run("import", written(tmp_path, one))
    assert (done.returncode, done.stdout) == (0, "new 2026-01-02: 2 currencies for one EUR\n")
    several = [rates(day="2026-01-05", sample=True), one]
    done = run("import", written(tmp_path, several))
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "replaced 2026-01-02",
        "new 2026-01-05",
    ]
    shown = run("show", "--on", "2026-01-04").stdout
    assert "2026-01-02 (2 days before 2026-01-04), a bank" in shown
    assert "180.250" in shown
    assert "a bank, made up" in run("show").stdout
    assert run("show", "--on", "04.01.2026").returncode == 1


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (rates(), "/day: `day` is missing"),
        (rates(day="2026-01-02", base="USD"), "/rates/USD: USD is the base"),
        ([rates(day="2026-01-02"), rates(day="2027-01-02")], "/1/day: 2027-01-02 is after today"),
        ([rates(day="2026-01-02")] * 2, "/1/day: 2026-01-02 is there twice"),
        ([rates(day="2026-01-02"), 7], "/1: It must be an object"),
        ('{"rates": {"USD": "1", "USD": "2"}}', "`USD` stands there twice"),
        ("{", "is not JSON"),
    ],
)
def test_a_wrong_file_leaves_nothing_and_says_why(
    run: Run, tmp_path: Path, document: Any, says: str
) -> None:
    done = run("import", written(tmp_path, document))
    assert done.returncode == 1
    assert says in done.stderr
    assert run("show").returncode == 1
