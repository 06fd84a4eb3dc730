"""Loads a whole library from its files, and refuses one that breaks the language's rules."""

from collections.abc import Mapping
from pathlib import Path

from governance.markets.countries import country_codes, is_region
from governance.rules import reading
from governance.rules.clearance_lint import lint_clearance
from governance.rules.clearance_reader import belongs as is_clearance
from governance.rules.clearance_reader import read_clearance
from governance.rules.lint import lint
from governance.rules.model import Coverage, Library, Rule
from governance.rules.problems import LibraryInvalid, Place, Problem
from governance.rules.reading import Problems
from governance.rules.rule_reader import read_coverage, read_rule
from governance.rules.vocabulary import Vocabulary
from governance.rules.vocabulary_reader import read_vocabulary
from governance.rules.yaml_text import Entries, parse

GATES = ("sale", "provider", "drop")


def load_library(files: Mapping[str, str]) -> Library:
    """The library of these files (path below `rulesets/` -> text).

    Raises:
        LibraryInvalid: lint has something to say; nothing of the library may be used.
    """
    library, problems = read_library(files)
    if problems:
        raise LibraryInvalid(problems, files)
    return library


def read_tree(folder: Path) -> dict[str, str]:
    """The YAML files below a `rulesets/` folder, by path relative to it."""
    return {
        # What is not UTF-8 is for lint to refuse, with its place and beside all other problems.
        path.relative_to(folder).as_posix(): path.read_text("utf-8", "surrogateescape")
        for path in sorted(folder.rglob("*.yaml"))
    }


def read_library(files: Mapping[str, str]) -> tuple[Library, list[Problem]]:
    """The library as far as it can be read, and every problem, in order of file and line."""
    problems = Problems()
    documents: dict[str, Entries] = {}
    for file, text in sorted(files.items()):
        document, found = parse(file, text)
        problems.found.extend(found)
        if document is not None:
            documents[file] = document
    vocabulary = read_vocabulary(
        [document for file, document in documents.items() if file.startswith("vocabulary/")],
        problems,
    )
    rules: dict[str, list[Rule]] = {gate: [] for gate in GATES}
    classification: list[Rule] = []
    coverage: list[Coverage] = []
    for file, document in documents.items():
        top, _, rest = file.partition("/")
        jurisdiction, _, topic = rest.partition("/")
        if top == "classification":
            classification += _read_rules(document, None, vocabulary, problems)
        elif top == "drop" and rest:
            # The platform's own rules, which no jurisdiction makes.
            if topic or not jurisdiction:
                problems.add(
                    Place(file),
                    f"`{file}` is no place for rules about drops: they hold everywhere",
                    "drop/<topic>.yaml",
                )
            else:
                rules[top] += _read_rules(document, None, vocabulary, problems)
        elif top in GATES and topic:
            if _is_jurisdiction(file, jurisdiction, vocabulary, problems):
                # Coverage says that sales were looked into; no other gate may widen it.
                rows = coverage if top == "sale" else None
                rules[top] += _read_rules(document, jurisdiction, vocabulary, problems, rows)
        elif not file.startswith("vocabulary/") and not is_clearance(file):
            problems.add(
                Place(file),
                "the file stands where no rules belong",
                "sale/<jurisdiction>/<topic>.yaml, provider/<jurisdiction>/<topic>.yaml, "
                "drop/<topic>.yaml or clearance/<country or bloc>/<topic>.yaml",
            )
    clearance = read_clearance(documents, vocabulary, problems)
    library = Library(
        vocabulary,
        {gate: tuple(found) for gate, found in rules.items()},
        tuple(classification),
        tuple(coverage),
        tuple(written.row for written in clearance.schemes),
        tuple(written.row for written in clearance.rates),
    )
    problems.found.extend(lint(library))
    problems.found.extend(lint_clearance(clearance, vocabulary))
    return library, sorted(problems.found, key=lambda problem: (problem.place, problem.message))


def _is_jurisdiction(file: str, code: str, vocabulary: Vocabulary, problems: Problems) -> bool:
    if code in country_codes() or code in vocabulary.blocs or is_region(code):
        return True
    problems.add(
        Place(file),
        f"the folder `{code}` is no country, region or bloc",
        reading.suggest_place(code, vocabulary.blocs),
    )
    return False


def _read_rules(
    document: Entries,
    jurisdiction: str | None,
    vocabulary: Vocabulary,
    problems: Problems,
    coverage: list[Coverage] | None = None,
) -> list[Rule]:
    sections = ["rules"] if coverage is None else ["coverage", "rules"]
    reading.entries(document, problems, required=(), optional=sections)
    rules: list[Rule] = []
    with problems.collect():
        if coverage is not None and jurisdiction is not None and "coverage" in document.values:
            for node in reading.listed(document.values["coverage"], lambda child: child):
                with problems.collect():
                    row = read_coverage(node, jurisdiction, vocabulary, problems)
                    if row is not None:
                        coverage.append(row)
    with problems.collect():
        if "rules" in document.values:
            for node in reading.listed(document.values["rules"], lambda child: child):
                with problems.collect():
                    rule = read_rule(node, jurisdiction, vocabulary, problems)
                    if rule is not None:
                        rules.append(rule)
    return rules
