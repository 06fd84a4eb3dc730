"""Checks of the library as a whole; what concerns one line is refused while it is read."""

from collections.abc import Iterator

from governance.markets.countries import country_of
from governance.rules.conditions import Condition, Literal, Not, attributes
from governance.rules.model import Coverage, Library, Rule
from governance.rules.problems import Problem
from governance.rules.vocabulary import Kind, Vocabulary

# What the rules of a gate are about, where it is not goods; its facts are `of` the gate's name.
_SUBJECTS: dict[str, Kind] = {"provider": "a service", "drop": "a drop"}


def lint(library: Library) -> Iterator[Problem]:
    """Every problem of the corpus: duplicates, overlaps, missing cases, circles, places."""
    every = [*library.classification, *(r for rules in library.rules.values() for r in rules)]
    yield from _duplicate_ids(every)
    yield from _overlapping_duplicates(every)
    yield from _missing_cases(every)
    yield from _derivation_circles(library.classification, library.vocabulary)
    yield from _duplicate_coverage(library.coverage)
    yield from _misplaced_places(every, library.vocabulary)
    yield from _strange_subjects(library)
    yield from _effects_on_drops(library)


def _duplicate_ids(rules: list[Rule]) -> Iterator[Problem]:
    first: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in first:
            yield Problem(
                rule.place,
                f"the id `{rule.id}` is taken",
                f"first at {first[rule.id].place}: every rule has its own id",
            )
        first.setdefault(rule.id, rule)


def _overlapping_duplicates(rules: list[Rule]) -> Iterator[Problem]:
    """Two rules that say the same of the same goods while both are in force."""
    seen: dict[object, list[Rule]] = {}
    for rule in rules:
        says = (
            rule.place.file.partition("/")[0],  # the gate
            rule.jurisdiction, frozenset(rule.categories), _order_free(rule.condition), rule.effect,
            frozenset(rule.evidence), frozenset(rule.also_in), frozenset(rule.not_in),
            rule.adds_category, frozenset(rule.sets.items()),
            rule.title if rule.effect == "oblige" else None,  # what the duty is stands nowhere else
        )  # fmt: skip
        for other in seen.setdefault(says, []):
            if _overlap(rule, other) and rule.id != other.id:
                yield Problem(
                    rule.place,
                    f"`{rule.id}` says the same as `{other.id}` while both are in force",
                    f"the other is at {other.place}: keep one, or part their dates",
                )
                break
        seen[says].append(rule)


def _order_free(condition: Condition) -> object:
    """The condition as something that is equal for every order of its parts and values."""
    match condition:
        case Literal():
            return condition.attribute, condition.comparison, frozenset(condition.values)
        case Not():
            return "not", _order_free(condition.part)
        case _:
            return type(condition), frozenset(_order_free(part) for part in condition.parts)


def _overlap(rule: Rule, other: Rule) -> bool:
    if "suspended" in (rule.status, other.status):
        return False
    return (other.end is None or rule.start < other.end) and (
        rule.end is None or other.start < rule.end
    )


def _missing_cases(rules: list[Rule]) -> Iterator[Problem]:
    for rule in rules:
        outcomes = {case.outcome for case in rule.cases}
        if not rule.unconditional and "undetermined" not in outcomes:
            yield Problem(
                rule.place,
                f"`{rule.id}` has a `when` but no `undetermined` case",
                "add the facts under which it cannot be decided, often `undetermined: [{}]`",
            )


def _derivation_circles(rules: tuple[Rule, ...], vocabulary: Vocabulary) -> Iterator[Problem]:
    """A derive rule whose outcome feeds its own condition, through any number of others."""
    feeds = {
        rule.id: [
            other
            for other in rules
            if attributes(other.condition) & set(rule.sets)
            or _brings(rule, vocabulary).intersection(other.categories)
        ]
        for rule in rules
    }
    for rule in rules:
        reached: set[str] = set()
        frontier = list(feeds[rule.id])
        while frontier:
            other = frontier.pop()
            if other.id not in reached:
                reached.add(other.id)
                frontier += feeds[other.id]
        if rule.id in reached:
            yield Problem(
                rule.place,
                f"`{rule.id}` feeds itself",
                "derive rules run to a fixed point: take the attribute out of one `when`",
            )


def _brings(rule: Rule, vocabulary: Vocabulary) -> set[str]:
    """The categories whose rules hold after a derive rule but need not have held before."""
    if rule.adds_category is None:
        return set()
    before = set.intersection(*(set(vocabulary.lineage(name)) for name in rule.categories))
    return set(vocabulary.lineage(rule.adds_category)) - before


def _duplicate_coverage(rows: tuple[Coverage, ...]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Coverage] = {}
    for row in rows:
        key = (row.jurisdiction, row.category)
        if key in first:
            yield Problem(
                row.place,
                f"`{row.category}` is covered twice for {row.jurisdiction}",
                f"first at {first[key].place}: keep the newer row",
            )
        first.setdefault(key, row)


def _misplaced_places(rules: list[Rule], vocabulary: Vocabulary) -> Iterator[Problem]:
    """`also_in` and `not_in` that contradict one another or can have no effect."""
    for rule in rules:
        if rule.jurisdiction is None:
            if rule.also_in or rule.not_in:
                what = "a derive rule" if rule.effect == "derive" else "a rule about drops"
                yield Problem(
                    rule.place,
                    f"`{rule.id}` names places, but {what} holds everywhere",
                    "drop `also_in` and `not_in`",
                )
            continue
        reach = {rule.jurisdiction, *rule.also_in}
        for place in rule.not_in:
            if place in reach:
                yield Problem(
                    rule.place, f"`{rule.id}` is both in and not in {place}", "drop one of them"
                )
            elif not _reaches(reach, place, vocabulary):
                yield Problem(
                    rule.place,
                    f"`{rule.id}` is not in {place}, where it would not hold anyway",
                    f"`not_in` takes out parts of {', '.join(sorted(reach))}",
                )


def _reaches(jurisdictions: set[str], place: str, vocabulary: Vocabulary) -> bool:
    """Whether a rule of these jurisdictions holds, or held at some time, in a place."""
    country = country_of(place)
    members = (vocabulary.blocs[code].members for code in jurisdictions & vocabulary.blocs.keys())
    return country in jurisdictions or any(country in found for found in members)


def _strange_subjects(library: Library) -> Iterator[Problem]:
    """A rule about providers speaks of services, one about drops of drops, all others of goods.

    And each only of what is known of its subject.
    """
    vocabulary = library.vocabulary
    for gate, rules in [("classification", library.classification), *library.rules.items()]:
        what = _SUBJECTS.get(gate, "goods")
        for rule in rules:
            brought = [rule.adds_category] if rule.adds_category else []
            for name in [*rule.categories, *brought]:
                if vocabulary.kind(name) != what:
                    yield Problem(
                        rule.place,
                        f"`{rule.id}` is for {gate}, but `{name}` is not {what}",
                        "rules for services stand in rulesets/provider/, for drops in "
                        "rulesets/drop/, for goods elsewhere",
                    )
            for name in sorted(rule.attributes | rule.sets.keys()):
                of = vocabulary.attributes[name].of
                if (of if of in _SUBJECTS else None) != (gate if gate in _SUBJECTS else None):
                    yield Problem(
                        rule.place,
                        f"`{rule.id}` is for {gate}, which never knows `{name}`",
                        f"it is a fact about the {of}",
                    )
            for name in rule.evidence:
                if vocabulary.evidence_types[name].observed and gate != "provider":
                    yield Problem(
                        rule.place,
                        f"`{rule.id}` asks for `{name}`, which nobody can hand in",
                        "what is counted is evidence for rules about providers only",
                    )
    for row in library.coverage:
        if row.category not in vocabulary.goods:
            yield Problem(
                row.place,
                f"coverage is of goods, but `{row.category}` is {vocabulary.kind(row.category)}",
                "the rules in rulesets/provider/ and rulesets/drop/ say what is judged of others",
            )


def _effects_on_drops(library: Library) -> Iterator[Problem]:
    """The drop gate has no papers and no duties: what it passed over would bind nobody."""
    for rule in library.rules["drop"]:
        if rule.effect in ("require", "oblige"):
            yield Problem(
                rule.place,
                f"`{rule.id}` is for drop, where nothing comes of `effect: {rule.effect}`",
                "effect: review, or prohibit",
            )
