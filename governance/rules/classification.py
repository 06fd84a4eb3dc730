"""Classification: what follows from the facts before any market is asked (derive rules)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from governance.errors import EngineUnavailable
from governance.rules.conditions import FactValue
from governance.rules.matcher import Finding
from governance.rules.model import Library, Rule
from governance.rules.shards import Shards


@dataclass(frozen=True)
class Classified:
    """A product as the rules see it.

    `categories`: the declared category first, then the derived ones. `undetermined`: derive rules
    that lack a fact and could still change something. `contradicted`: derive rules whose outcome
    contradicts a declared or an earlier derived fact.
    """

    categories: tuple[str, ...]
    facts: Mapping[str, FactValue]
    undetermined: tuple[Finding, ...]
    contradicted: tuple[Rule, ...]


class Classifier:
    """The derive rules of a library, run to a fixed point."""

    def __init__(self, library: Library) -> None:
        self._vocabulary = library.vocabulary
        self._shards = Shards(library.classification, library.vocabulary)
        self._most_rounds = len(library.classification) + 1

    def looks_at(self, categories: tuple[str, ...]) -> frozenset[str]:
        """The attributes that derive rules look at for goods of these categories."""
        return frozenset().union(*(self._shards[name].attributes for name in categories))

    def classify(self, category: str, facts: Mapping[str, FactValue], day: date) -> Classified:
        """Everything that follows from `facts` on `day` for a product of `category`.

        Raises:
            EngineUnavailable: the engine failed, or no fixed point was reached.
        """
        categories = [category]
        known = dict(facts)
        # Facts and categories are only ever added, so each round but the last is the first in which
        # some rule fires: more rounds than that would be an engine that answers differently.
        for _ in range(self._most_rounds):
            found = sorted(
                (f for f in self._shards.match(categories, known) if f.rule.in_force_on(day)),
                key=lambda finding: finding.rule.id,
            )
            fired = [finding.rule for finding in found if finding.state == "fires"]
            if not self._apply(fired, categories, known):
                return Classified(
                    tuple(categories),
                    known,
                    tuple(
                        finding
                        for finding in found
                        if finding.state == "undetermined"
                        and self._changes(finding.rule, categories, known)
                    ),
                    tuple(r for r in fired if any(known[a] != v for a, v in r.sets.items())),
                )
        raise EngineUnavailable("the derive rules reached no fixed point")

    def _apply(self, fired: list[Rule], categories: list[str], known: dict[str, FactValue]) -> bool:
        changed = False
        for rule in fired:
            if rule.adds_category and not self._has(rule.adds_category, categories):
                categories.append(rule.adds_category)
                changed = True
            for attribute, value in rule.sets.items():
                if attribute not in known:
                    known[attribute] = value
                    changed = True
        return changed

    def _changes(self, rule: Rule, categories: list[str], known: dict[str, FactValue]) -> bool:
        adds = rule.adds_category is not None and not self._has(rule.adds_category, categories)
        return adds or any(attribute not in known for attribute in rule.sets)

    def _has(self, category: str, categories: list[str]) -> bool:
        return any(category in self._vocabulary.lineage(name) for name in categories)
