"""What is refused of clearance files: each problem at its place, with its hint."""

from datetime import date

import pytest
from small_library import SOURCE, assert_refused, files, problems

from governance.rules.library import load_library
from governance.rules.model import Library

FILE = "clearance/DE/parcels.yaml"
ASSUMED = """\
certainty: low
note: Assumed.
days_by_kind:
  relief: {p10: 0, p50: 1, p90: 2}
  formal_entry: {p10: 1, p50: 2.5, p90: 6}
"""
RATES = f"rates:\n  - {{tax: VAT, percent: 19, from: 2021-01-01, source: {SOURCE}}}\n"
ROW = {
    "status": "in_force",
    "from": "2024-01-01",
    "value": "{up_to: 150, currency: EUR}",
    "tax": "{collected: at_sale}",
    "duty": "{kind: none}",
    "importer_of_record": "buyer",
    "source": SOURCE,
}
HEAD = {
    "id": "de.one-stop",
    "title": "One stop",
    "kind": "relief",
    "import_mode": "commercial",
}


def row(**fields: str | None) -> str:
    """A good row with some fields written otherwise, or left out (None); `start` is `from`."""
    named = {"from" if name == "start" else name: text for name, text in fields.items()}
    written = {name: text for name, text in (ROW | named).items() if text is not None}
    return "\n".join(
        f"      {'- ' if index == 0 else '  '}{name}: {text}"
        for index, (name, text) in enumerate(written.items())
    )


def scheme(*rows: str, **fields: str) -> str:
    head = "\n".join(
        f"  {'- ' if index == 0 else '  '}{name}: {text}"
        for index, (name, text) in enumerate((HEAD | fields).items())
    )
    return f"{head}\n    rows:\n" + "\n".join(rows or [row()]) + "\n"


def clearance(*schemes: str, rates: str = RATES, assumed: str = ASSUMED) -> dict[str, str]:
    """The small library with these schemes of Germany."""
    text = f"{rates}schemes:\n" + "".join(schemes or [scheme()])
    return files() | {FILE: text, "clearance/assumptions.yaml": assumed}


def one_row(**fields: str | None) -> dict[str, str]:
    return clearance(scheme(row(**fields)))


def library(**fields: str | None) -> Library:
    return load_library(one_row(**fields))


def messages(found: dict[str, str]) -> list[str]:
    return [problem.message for problem in problems(found)]


def test_a_good_scheme_is_read_whole() -> None:
    read = library(
        value="{over: 22.5, up_to: 150, currency: EUR, per: item, of: goods_and_freight}",
        only="drones", excludes="[batteries]", origins="[CN]", shipped_from='["NO"]',
        requires="[de.permit]", duty="{kind: per_item, amount: 3, currency: EUR}",
        fees="[{title: Stamp, currency: JPY, amount: 300}]",
    )  # fmt: skip
    (found,) = read.clearance
    assert (found.id, found.place, found.start, found.end) == (
        "de.one-stop", "DE", date(2024, 1, 1), None,
    )  # fmt: skip
    assert found.limit is not None
    assert (found.limit.over, found.limit.up_to, found.limit.per) == (2250, 15000, "item")
    assert [one.title for one in found.requires] == ["Permit"]
    assert (found.duty.amount, found.fees[0].amount) == (300, 300)
    assert found.days == (0.0, 1.0, 2.0)


def test_the_standard_rate_is_that_of_the_market_and_the_day() -> None:
    old = f"  - {{tax: VAT, percent: 16, from: 2020-07-01, to: 2021-01-01, source: {SOURCE}}}\n"
    rates = "rates:\n" + old + RATES.removeprefix("rates:\n")
    read = load_library(clearance(scheme(row(start="2020-01-01")), rates=rates))

    def rate_on(day: date) -> float | None:
        (found,) = read.schemes("DE", day)
        return found.tax.percent

    assert rate_on(date(2020, 12, 31)) == 16
    assert rate_on(date(2021, 1, 1)) == 19
    assert rate_on(date(2020, 6, 30)) is None


def test_a_bloc_s_scheme_holds_for_its_members_while_they_are_members() -> None:
    text = "schemes:\n" + scheme(row(start="2019-01-01"), id="eu.one-stop")
    found = files() | {"clearance/EU/x.yaml": text, "clearance/assumptions.yaml": ASSUMED}
    read = load_library(found)
    assert [one.id for one in read.schemes("DE", date(2026, 1, 1))] == ["eu.one-stop"]
    assert read.schemes("GB", date(2020, 12, 31))
    assert not read.schemes("GB", date(2021, 1, 1))
    assert not read.schemes("NO", date(2026, 1, 1))


def test_a_suspended_row_clears_nothing() -> None:
    assert library().schemes("DE", date(2026, 1, 1))
    assert not library(status="suspended").schemes("DE", date(2026, 1, 1))


def test_a_row_holds_from_its_first_day_until_the_day_before_its_end() -> None:
    read = library(status="repealed", to="2025-01-01")
    held = [bool(read.schemes("DE", day)) for day in (
        date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1),
    )]  # fmt: skip
    assert held == [False, True, True, False]


@pytest.mark.parametrize(
    ("fields", "at", "message", "hint"),
    [
        ({"status": "active"}, "active", "unknown status `active`", "one of: deferred"),
        ({"to": "2024-01-01"}, "2024-01-01", "`to` (2024-01-01) must lie after `from` (2024-01-01)",
         "`from` is the first day"),
        ({"status": "repealed"}, "status", "a repealed row needs its last day", "add `to`"),
        ({"start": "2027-01-01"}, "status",
         "`in_force`, but it applies only from 2027-01-01, after its source was read",
         "status: planned"),
        ({"status": "planned"}, "status", "`planned`, but it applied already when its source was "
         "read", "status: in_force"),
        ({"value": "{up_to: 150}"}, "{up_to", "`currency` is missing", "add what is missing"),
        ({"value": "{up_to: 150, currency: EUX}"}, "EUX", "unknown currency `EUX`", "did you"),
        ({"value": "{up_to: 150, currency: XAU}"}, "XAU", "unknown currency `XAU`", "`"),
        ({"value": "{up_to: 0, currency: EUR}"}, "0", "0 is no amount", "above 0"),
        ({"value": "{up_to: -5, currency: EUR}"}, "-5", "-5 is no amount", "above 0"),
        ({"value": "{up_to: 1.5, currency: JPY}"}, "1.5",
         "1.5 is finer than the minor unit of JPY", "0 decimals at most"),
        ({"value": "{currency: EUR}"}, "{currency", "a limit that limits nothing", "add `up_to`"),
        ({"value": "{up_to: 1, below: 2, currency: EUR}"}, "{up_to",
         "a limit with two upper bounds", "keep one"),
        ({"value": "{over: 150, up_to: 150, currency: EUR}"}, "150",
         "`over` must be less than the upper bound", "no value can be both"),
        ({"value": "{up_to: 150, currency: EUR, per: parcel}"}, "parcel",
         "unknown reach of a limit `parcel`", "one of: consignment, item"),
        ({"tax": "{collected: at_sales}"}, "at_sales", "unknown way to collect a tax `at_sales`",
         "did you mean `at_sale`?"),
        ({"tax": "{collected: none, percent: 5}"}, "percent",
         "a tax that is not collected has a rate", "drop `percent`"),
        ({"tax": "{collected: at_sale, percent: 0}"}, "0", "0 is no rate", "above 0"),
        ({"tax": "{collected: at_sale, percent: 2000}"}, "2000", "2000 is no rate", "at most 1000"),
        ({"duty": "{kind: flat_percent}"}, "{kind",
         "a duty of kind `flat_percent` has no `percent`",
         "add `percent`"),
        ({"duty": "{kind: per_item, amount: 3}"}, "{kind", "a duty of kind `per_item` has no "
         "`currency`", "add `currency`"),
        ({"duty": "{kind: none, percent: 3}"}, "percent",
         "`percent` has no place in a duty of kind `none`", "drop `percent`"),
        ({"duty": "{kind: flat_percent, percent: 60, amount: 20}"}, "{kind",
         "an amount and its currency go together", "give both"),
        ({"fees": "[{title: Stamp, currency: EUR}]"}, "{title",
         "a fee is an amount or a percentage", "one of the two"),
        ({"fees": "[{title: S, currency: EUR, percent: 1, at_least: 9, at_most: 3}]"}, "3",
         "`at_most` is less than `at_least`", "exchange"),
        ({"requires": "[de.permitt]"}, "de.permitt", "unknown evidence type `de.permitt`",
         "did you mean `de.permit`?"),
        ({"only": "[phones]"}, "phones", "unknown category `phones`", "`drones`"),
        ({"origins": "[UK]"}, "UK", "unknown country `UK`", "did you mean `GB`?"),
        ({"shipped_from": "[NO]"}, "NO", "expected a country, but an unquoted `NO` is a boolean or "
         "null in YAML", 'write "NO" in quotes'),
        ({"importer_of_record": "carrier"}, "carrier", "unknown importer of record `carrier`",
         "one of: buyer, local_company, seller"),
        ({"source": None}, "status", "`source` is missing", "add what is missing"),
        ({"source": SOURCE.replace("https", "http")}, "http",
         "`http://example.org/act` is no https address", "write https://"),
        ({"source": SOURCE.replace(", certainty: high", "")}, "{citation",
         "`certainty` is missing", "add what is missing"),
        ({"source": SOURCE.replace("read_on: 2026-11-22, ", "")}, "{citation",
         "`read_on` is missing", "add what is missing"),
        ({"import_mode": "commercial"}, "import_mode", "unknown key `import_mode`", "known keys"),
        ({"only": "drones", "excludes": "gadgets"}, "status",
         "`de.one-stop` is only for `drones`, which it excludes", "take `gadgets` out"),
        ({"origins": "[CN]", "not_origins": "[CN]"}, "status",
         "`de.one-stop` is both for and not for goods made in CN", "drop one"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused(
    fields: dict[str, str | None], at: str, message: str, hint: str
) -> None:
    assert_refused(one_row(**fields), at, message, hint)


@pytest.mark.parametrize(
    ("fields", "at", "message", "hint"),
    [
        ({"id": "fr.one-stop"}, "fr.one-stop", "`fr.one-stop` cannot be the id of a scheme of DE",
         "as in de.formal-entry"),
        ({"id": "de.One Stop"}, "de.One", "`de.One Stop` cannot be the id of a scheme of DE",
         "lower-case words with dashes"),
        ({"kind": "relieff"}, "relieff", "unknown kind of scheme `relieff`", "`relief`"),
        ({"import_mode": "commerce"}, "commerce", "unknown import mode `commerce`", "commercial"),
    ],
)  # fmt: skip
def test_a_wrong_scheme_is_refused(
    fields: dict[str, str], at: str, message: str, hint: str
) -> None:
    assert_refused(clearance(scheme(**fields)), at, message, hint)


def test_a_way_in_that_the_market_does_not_know_is_refused() -> None:
    found = clearance(scheme(import_mode="cbec"))
    found["vocabulary/import_modes.yaml"] += "  cbec: {title: By list, markets: [CN]}\n"
    assert_refused(found, "cbec", "DE does not know the way in `cbec`", "it knows commercial")


def test_an_id_stands_once_in_all_files() -> None:
    found = clearance() | {"clearance/DE/z.yaml": "schemes:\n" + scheme()}
    assert_refused(found, "id", "the id `de.one-stop` is taken", f"first at {FILE}:4:5")


def test_rows_of_one_scheme_do_not_overlap() -> None:
    first = row(status="repealed", to="2025-01-01")
    assert messages(clearance(scheme(first, row(start="2025-01-01")))) == []
    found = clearance(scheme(first, row(start="2024-12-31")))
    message = "`de.one-stop` from 2024-12-31 begins before the row above it ends"
    assert_refused(found, "status", message, f"that one stands at {FILE}:9:9")


@pytest.mark.parametrize("later", ["2023-01-01", "2025-01-01"])
def test_an_open_row_has_nothing_after_it(later: str) -> None:
    assert len(messages(clearance(scheme(row(), row(start=later))))) == 1


def test_a_market_has_one_standard_rate_a_day() -> None:
    again = f"  - {{tax: VAT, percent: 20, from: 2025-01-01, source: {SOURCE}}}\n"
    found = clearance(scheme(), rates=RATES + again)
    message = "the rate of DE from 2025-01-01 begins before another ends"
    assert_refused(found, "{tax", message, "one standard rate a day")


def test_a_tax_at_the_standard_rate_needs_that_rate() -> None:
    found = clearance(scheme(), rates="")
    message = "`de.one-stop` takes the standard rate of DE, of which none holds on 2026-11-22"
    assert_refused(found, "status", message, "or give the tax a `percent`")
    assert messages(clearance(scheme(row(tax="{collected: at_sale, percent: 7}")), rates="")) == []


def test_days_ascend() -> None:
    found = clearance(assumed=ASSUMED.replace("p50: 2.5", "p50: 7"))
    assert_refused(found, "{p10: 1", "the days do not ascend", "0 <= p10 <= p50 <= p90")


def test_a_kind_of_which_no_days_are_assumed_is_refused() -> None:
    found = clearance(scheme())
    del found["clearance/assumptions.yaml"]
    assert messages(found) == ["unknown kind of scheme `relief`"]


def test_every_wrong_field_of_a_row_is_reported() -> None:
    found = one_row(status="active", start="soon", tax="{collected: never}", source=None)
    assert messages(found) == [
        "`source` is missing",
        "unknown status `active`",
        "`soon` is no date",
        "unknown way to collect a tax `never`",
    ]


@pytest.mark.parametrize("folder", ["UK", "US-CA", "Germany"])
def test_schemes_are_of_a_country_or_a_bloc(folder: str) -> None:
    (problem,) = problems(files() | {f"clearance/{folder}/x.yaml": RATES})
    assert problem.message == f"the folder `{folder}` is no country or bloc"
    assert problem.hint


def test_an_unknown_section_is_refused() -> None:
    found = clearance(scheme()) | {"clearance/DE/z.yaml": "rules: []\n"}
    assert_refused(found, "rules", "unknown key `rules`", "did you mean `rates`?")
