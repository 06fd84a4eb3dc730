"""Reads `rulesets/clearance/`: the schemes of each place, its rates of tax, the days assumed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from governance.markets.countries import country_codes
from governance.markets.law import Certainty, Status
from governance.markets.schemes import Importer, Registration, Scheme, StandardRate
from governance.rules import reading
from governance.rules.clearance_terms import duty, fee, percentage, tax, value_limit
from governance.rules.problems import Place
from governance.rules.reading import Fields, Problems, Unreadable
from governance.rules.rule_reader import check_dates, check_order, declared, read_source, word
from governance.rules.vocabulary import Vocabulary
from governance.rules.yaml_text import Entries, Node

ASSUMPTIONS = "clearance/assumptions.yaml"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REQUIRED = ("status", "from", "tax", "duty", "importer_of_record", "source")
_OPTIONAL = (
    "to", "value", "only", "excludes", "origins", "not_origins", "shipped_from", "requires",
    "fees", "note",
)  # fmt: skip

Days = tuple[float, float, float]


@dataclass(frozen=True)
class WrittenScheme:
    """A dated row of a scheme, where it stands, and where the scheme that it belongs to does."""

    row: Scheme
    place: Place
    scheme_place: Place


@dataclass(frozen=True)
class WrittenRate:
    """A dated rate of tax, and where it stands."""

    row: StandardRate
    place: Place


@dataclass(frozen=True)
class Clearance:
    """Every row of `rulesets/clearance/`, in order of file and line."""

    schemes: tuple[WrittenScheme, ...] = ()
    rates: tuple[WrittenRate, ...] = ()


def belongs(file: str) -> bool:
    """Whether a file stands where clearance is read: the assumptions, or a topic of a place."""
    top, *rest = file.split("/")
    return file == ASSUMPTIONS or (top == "clearance" and len(rest) >= 2 and "" not in rest)


def read_clearance(
    documents: Mapping[str, Entries], vocabulary: Vocabulary, problems: Problems
) -> Clearance:
    """The clearance files among `documents`; what is wrong is noted and left out."""
    days: dict[str, Days] = {}
    if ASSUMPTIONS in documents:
        with problems.collect():
            days = _assumptions(documents[ASSUMPTIONS], problems)
    schemes: list[WrittenScheme] = []
    rates: list[WrittenRate] = []
    for file, document in documents.items():
        if file == ASSUMPTIONS or not belongs(file):
            continue
        place = file.split("/")[1]
        if place not in country_codes() and place not in vocabulary.blocs:
            problems.add(
                Place(file),
                f"the folder `{place}` is no country or bloc",
                reading.suggest_place(place, vocabulary.blocs),
            )
            continue
        reading.entries(document, problems, required=(), optional=["rates", "schemes"])
        for node in _children(document, "rates", problems):
            with problems.collect():
                rates += _rate(node, place, problems)
        for node in _children(document, "schemes", problems):
            with problems.collect():
                schemes += _scheme(node, place, days, vocabulary, problems)
    return Clearance(tuple(schemes), tuple(rates))


def _children(document: Entries, section: str, problems: Problems) -> tuple[Node, ...]:
    with problems.collect():
        if section in document.values:
            return reading.listed(document.values[section], lambda child: child)
    return ()


def _assumptions(document: Entries, problems: Problems) -> dict[str, Days]:
    """The days that each kind of clearance takes. Raises Unreadable."""
    found = reading.entries(document, problems, required=["certainty", "note", "days_by_kind"])
    word(Certainty, "certainty")(found.values["certainty"])
    reading.text(found.values["note"])
    days: dict[str, Days] = {}
    for kind, _, node in reading.section(found, "days_by_kind"):
        with problems.collect():
            quantiles = reading.entries(node, problems, required=["p10", "p50", "p90"]).values
            p10, p50, p90 = (reading.number(quantiles[name]) for name in ("p10", "p50", "p90"))
            if not 0 <= p10 <= p50 <= p90:
                raise Unreadable(node.place, "the days do not ascend", "0 <= p10 <= p50 <= p90")
            days[kind] = (float(p10), float(p50), float(p90))
    return days


def _rate(node: Node, place: str, problems: Problems) -> list[WrittenRate]:
    fields = Fields(
        node, problems, required=["tax", "percent", "from", "source"], optional=["to", "note"]
    )
    rate = StandardRate(
        place=place,
        title=fields.read("tax", reading.text),
        percent=fields.read("percent", percentage),
        start=fields.read("from", reading.day),
        end=fields.read("to", reading.day),
        source=fields.read("source", lambda child: read_source(child, problems)),
        note=fields.read("note", reading.text),
    )
    if not fields.readable:
        return []
    check_order(rate.start, rate.end, fields.found, problems)
    return [WrittenRate(rate, fields.found.place)]


def _scheme(
    node: Node, place: str, days: Mapping[str, Days], vocabulary: Vocabulary, problems: Problems
) -> list[WrittenScheme]:
    """The rows of one scheme. Raises Unreadable."""
    fields = Fields(node, problems, required=["id", "title", "kind", "import_mode", "rows"])
    scheme = {
        "id": fields.read("id", partial(_scheme_id, place=place)),
        "title": fields.read("title", reading.text),
        "import_mode": fields.read("import_mode", partial(_import_mode, place, vocabulary)),
        "place": place,
    }
    kind = fields.read("kind", declared(days, "kind of scheme"))
    rows = fields.read("rows", lambda child: reading.listed(child, reading.mapping), ())
    if not fields.readable:
        return []
    read = [_row(row, scheme, days[kind], vocabulary, problems) for row in rows]
    return [
        WrittenScheme(row, child.place, fields.found.place)
        for row, child in zip(read, rows, strict=True)
        if row is not None
    ]


def _row(
    node: Entries,
    scheme: Mapping[str, str],
    days: Days,
    vocabulary: Vocabulary,
    problems: Problems,
) -> Scheme | None:
    """One dated row; None where something in it is wrong, which is noted."""
    fields = Fields(node, problems, required=_REQUIRED, optional=_OPTIONAL)
    category = declared(vocabulary.goods, "category")
    paper = declared(vocabulary.papers, "evidence type")

    def registration(child: Node) -> Registration:
        name = paper(child)
        return Registration(name, vocabulary.papers[name].title)

    row = Scheme(
        **scheme,
        status=fields.read("status", word(Status, "status")),
        start=fields.read("from", reading.day),
        end=fields.read("to", reading.day),
        limit=fields.read("value", lambda child: value_limit(child, problems)),
        only=fields.read("only", lambda child: reading.one_or_more(child, category), ()),
        excludes=fields.read("excludes", lambda child: reading.one_or_more(child, category), ()),
        origins=fields.read("origins", _countries, ()),
        not_origins=fields.read("not_origins", _countries, ()),
        shipped_from=fields.read("shipped_from", _countries, ()),
        requires=fields.read(
            "requires", lambda child: reading.one_or_more(child, registration), ()
        ),
        tax=fields.read("tax", lambda child: tax(child, problems)),
        duty=fields.read("duty", lambda child: duty(child, problems)),
        fees=fields.read(
            "fees", lambda child: reading.listed(child, lambda one: fee(one, problems)), ()
        ),
        importer_of_record=fields.read("importer_of_record", word(Importer, "importer of record")),
        days=days,
        source=fields.read("source", lambda child: read_source(child, problems)),
        note=fields.read("note", reading.text),
    )
    if not fields.readable:
        return None
    check_dates(row, "row", fields.found, problems)
    return row


def _countries(node: Node) -> tuple[str, ...]:
    return reading.one_or_more(node, reading.country)


def _scheme_id(node: Node, place: str) -> str:
    identifier = reading.text(node, "an id")
    prefix, _, name = identifier.partition(".")
    if prefix != place.lower() or not _ID.fullmatch(name):
        raise Unreadable(
            node.place,
            f"`{identifier}` cannot be the id of a scheme of {place}",
            f"lower-case words with dashes after the place, as in {place.lower()}.formal-entry",
        )
    return identifier


def _import_mode(place: str, vocabulary: Vocabulary, node: Node) -> str:
    mode = reading.one_of(node, vocabulary.import_modes, "import mode")
    if place in country_codes() and mode not in vocabulary.modes_of(place):
        raise Unreadable(
            node.place,
            f"{place} does not know the way in `{mode}`",
            f"it knows {', '.join(vocabulary.modes_of(place))}",
        )
    return mode
