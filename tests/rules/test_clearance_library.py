"""The clearance schemes of this repository: the ways in of every market, and their dates."""

import json
from collections.abc import Callable
from datetime import date

import pytest
import real_library
from typer.testing import CliRunner, Result

from governance.errors import InvalidRequest
from governance.markets.schemes import Scheme
from governance.rules.clearance_listing import in_words
from governance.rules.commands import rules as commands

MARKETS = [
    "US", "CA", "MX", "BR", "GB", "IE", "DE", "FR", "IT", "ES", "NL", "BE", "PL", "SE", "DK", "AT",
    "CH", "NO", "TR", "SA", "AE", "IL", "ZA", "NG", "IN", "ID", "MY", "PH", "SG", "TH", "VN", "CN",
    "HK", "TW", "JP", "KR", "AU", "NZ",
]  # fmt: skip
TODAY = date(2026, 11, 22)


def schemes(market: str, day: str) -> dict[str, Scheme]:
    found = real_library.library().schemes(market, date.fromisoformat(day))
    return {scheme.id: scheme for scheme in found}


def duty(market: str, scheme: str) -> Callable[[str], tuple[str, int | None] | None]:
    """What a scheme takes as duty on a day, None where it is not open on it."""

    def on(day: str) -> tuple[str, int | None] | None:
        found = schemes(market, day).get(scheme)
        return (found.duty.kind, found.duty.amount) if found else None

    return on


@pytest.mark.parametrize("market", MARKETS)
def test_every_market_takes_stock_and_consumers_parcels(market: str) -> None:
    found = real_library.library().schemes(market, TODAY)
    assert {scheme.import_mode for scheme in found} >= {"commercial", "personal_parcel"}
    taxed = [scheme for scheme in found if scheme.tax.collected != "none"]
    assert all(scheme.tax.percent is not None for scheme in taxed)
    assert bool(taxed) == (market not in ("US", "HK"))


@pytest.mark.parametrize(
    ("market", "percent"),
    {"GB": 20, "IE": 23, "DE": 19, "FR": 20, "IT": 22, "ES": 21, "NL": 21, "BE": 21, "PL": 23,
     "SE": 25, "DK": 25, "AT": 20, "CH": 8.1, "NO": 25, "TR": 20, "MX": 16, "SA": 15, "AE": 5,
     "IL": 18, "ZA": 15, "NG": 7.5, "IN": 18, "PH": 12, "SG": 9, "CN": 13, "TW": 5, "JP": 10,
     "KR": 10, "AU": 10, "NZ": 15, "CA": 5, "TH": 7, "VN": 10, "ID": 11}.items(),
)  # fmt: skip
def test_stock_pays_the_standard_rate(market: str, percent: float) -> None:
    (formal,) = [
        scheme
        for scheme in real_library.library().schemes(market, TODAY)
        if scheme.import_mode == "commercial"
    ]
    assert (formal.tax.collected, formal.tax.percent) == ("at_import", percent)


@pytest.mark.parametrize("scheme", ["eu.ioss", "eu.special-arrangements", "eu.h7"])
@pytest.mark.parametrize("market", ["FR", "DE", "AT"])
def test_the_eu_s_duty_relief_ends_with_june_2026_and_its_eur_3_two_years_later(
    market: str, scheme: str
) -> None:
    on = duty(market, scheme)
    assert on("2026-06-30") == ("none", None)
    assert on("2026-07-01") == ("per_item", 300)
    assert on("2028-06-30") == ("per_item", 300)
    assert on("2028-07-01") is None


def test_no_parcel_enters_the_us_free_since_2025_08_29() -> None:
    assert "us.de-minimis" in schemes("US", "2025-08-28")
    for day in ("2025-08-29", "2026-02-23", "2026-06-24", "2026-12-01"):
        assert "us.de-minimis" not in schemes("US", day)
        assert schemes("US", day)["us.informal-entry"].duty.kind == "ad_valorem_declared"


def test_the_us_postal_surcharge_runs_out_and_nothing_is_made_up_for_it() -> None:
    days = ("2026-02-23", "2026-02-24", "2026-07-23", "2026-07-24")
    held = ["us.postal-surcharge" in schemes("US", day) for day in days]
    assert held == [False, True, True, False]


def test_turkey_s_simplified_regime_ends_on_2026_02_06() -> None:
    before, after = schemes("TR", "2026-02-05"), schemes("TR", "2026-02-06")
    assert "tr.simplified" in before
    assert "tr.simplified" not in after
    assert "tr.parcel-declared" in after


def test_footwear_leaves_turkey_s_simplified_regime_before_it_ends() -> None:
    assert "footwear" not in schemes("TR", "2025-10-19")["tr.simplified"].excludes
    assert "footwear" in schemes("TR", "2025-10-20")["tr.simplified"].excludes


@pytest.mark.parametrize(
    ("market", "scheme", "before", "after", "limits"),
    [
        ("TH", "th.duty-free", "2025-12-31", "2026-01-01", (150_000, 100)),
        ("IL", "il.tax-free", "2025-12-23", "2025-12-24", (None, 15_000)),
        ("IL", "il.tax-free", "2026-02-24", "2026-02-25", (None, 13_000)),
        ("AE", "ae.duty-free", "2023-02-28", "2023-03-01", (30_000, 100_000)),
    ],
)
def test_a_limit_changes_on_its_day(
    market: str, scheme: str, before: str, after: str, limits: tuple[int | None, int]
) -> None:
    found = [schemes(market, day)[scheme].limit for day in (before, after)]
    assert all(limit is not None for limit in found)
    assert tuple(limit.up_to for limit in found if limit) == limits


@pytest.mark.parametrize(
    ("market", "scheme", "last_day", "first_day_without"),
    [
        ("VN", "vn.exempt", "2025-02-17", "2025-02-18"),
        ("ZA", "za.concession", "2025-01-31", "2025-02-01"),
        ("JP", "jp.exempt", "2028-03-31", "2028-04-01"),
        ("JP", "jp.tax-at-sale", "2028-04-01", "2028-03-31"),
        ("NG", "ng.de-minimis", "2025-09-08", "2025-09-07"),
        ("MX", "mx.courier-simplified", "2025-08-15", "2025-08-14"),
    ],
)
def test_a_scheme_is_open_on_one_side_of_its_date(
    market: str, scheme: str, last_day: str, first_day_without: str
) -> None:
    assert scheme in schemes(market, last_day)
    assert scheme not in schemes(market, first_day_without)


def test_gb_s_relief_is_not_counted_on_beyond_march_2029() -> None:
    on = duty("GB", "gb.vat-at-sale")
    assert on("2029-02-28") == ("none", None)
    assert on("2029-03-01") == ("ad_valorem_declared", None)


def test_israel_s_rate_rose_with_2025() -> None:
    assert real_library.library().standard_rate("IL", date(2024, 12, 31)) == 17
    assert real_library.library().standard_rate("IL", date(2025, 1, 1)) == 18


def test_what_is_of_general_knowledge_alone_is_of_low_certainty() -> None:
    alone = [
        scheme
        for scheme in real_library.library().clearance
        if (scheme.note or "").startswith("General knowledge, not verified on a page")
    ]
    assert len(alone) >= 15
    assert {scheme.certainty for scheme in alone} == {"low"}


def test_every_row_is_cited_and_its_money_is_money() -> None:
    for scheme in real_library.library().clearance:
        assert scheme.source.url.startswith("https://"), scheme.id
        assert scheme.source.citation, scheme.id
        assert scheme.source.read_on >= date(2026, 11, 1), scheme.id


def test_alcohol_and_tobacco_are_in_no_scheme_for_want_of_their_excise() -> None:
    vocabulary = real_library.library().vocabulary
    for scheme in real_library.library().clearance:
        for category in ("alcohol", "nicotine"):
            lineage = set(vocabulary.lineage(category))
            taken = not scheme.only or not lineage.isdisjoint(scheme.only)
            assert not taken or not lineage.isdisjoint(scheme.excludes), scheme.id


def run(*arguments: str) -> Result:
    return CliRunner().invoke(
        commands, ["clearance", *arguments, "--rulesets-dir", str(real_library.RULESETS)]
    )


def test_the_command_lists_the_schemes_of_a_market_on_a_day() -> None:
    done = run("--market", "FR", "--on", "2026-12-01")
    assert done.exit_code == 0
    assert "5 schemes in FR on 2026-12-01" in done.output


def test_the_command_prints_json_with_every_term_of_a_scheme() -> None:
    done = run("--market", "SA", "--on", "2026-12-01", "--json")
    (duty_free,) = [one for one in json.loads(done.output) if one["id"] == "sa.duty-free"]
    assert (duty_free["from"], duty_free["to"]) == ("2024-10-06", None)
    assert duty_free["limit"]["up_to"] == 100_000
    assert duty_free["tax"] == {"collected": "at_import", "percent": 15}
    assert duty_free["fees"][0]["amount"] == 1500
    assert duty_free["source"]["read_on"] == "2026-11-22"


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        (("--market", "UK"), "unknown market `UK`"),
        (("--market", "FR", "--on", "soon"), "soon"),
    ],
)
def test_the_command_refuses_what_is_no_market_or_no_day(
    arguments: tuple[str, ...], detail: str
) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, InvalidRequest)
    assert detail in done.exception.detail


@pytest.mark.parametrize(
    ("market", "words"),
    [
        ("CA", ("over CAD 40, up to CAD 150 a consignment", "5 % at import", "none")),
        ("NO", ("below NOK 3,000 an item", "25 % at sale", "none")),
        ("BR", ("over USD 50, up to USD 3,000 a consignment with freight", "25 % at sale",
                "60 % less USD 20")),
        ("FR", ("up to EUR 150 a consignment", "20 % at sale", "EUR 3 a tariff line")),
        ("BG", ("none", "rate not on file at import", "as declared")),
    ],
)  # fmt: skip
def test_the_terms_of_a_scheme_are_told_in_words(market: str, words: tuple[str, ...]) -> None:
    found = real_library.library().schemes(market, TODAY)
    assert words in [in_words(scheme)[2:5] for scheme in found]
