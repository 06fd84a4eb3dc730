"""Shards: one matcher a category, with the rules of every market in it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock

from governance.rules.conditions import FactValue
from governance.rules.matcher import Finding, Matcher
from governance.rules.model import Rule
from governance.rules.vocabulary import Vocabulary


class Shard:
    """The rules that hold for one category: its own and those of everything above it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._lock = Lock()
        self._matcher: Matcher | None = None

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Every attribute that some rule of the shard looks at."""
        return frozenset().union(*(rule.attributes for rule in self.rules))

    def match(self, facts: Mapping[str, FactValue]) -> list[Finding]:
        """See `Matcher.match`; the shard is compiled at its first question."""
        if self._matcher is None:
            with self._lock:
                self._matcher = self._matcher or Matcher(self.rules)
        return self._matcher.match(facts)


class Shards:
    """The shards of one gate's rules (or of classification), by category."""

    def __init__(self, rules: Sequence[Rule], vocabulary: Vocabulary) -> None:
        by_category: dict[str, list[Rule]] = {}
        for rule in rules:
            for category in rule.categories:
                by_category.setdefault(category, []).append(rule)
        self._shards = {
            category: Shard(
                [
                    rule
                    for above in vocabulary.lineage(category)
                    for rule in by_category.get(above, ())
                ]
            )
            for category in vocabulary.categories
        }

    def __getitem__(self, category: str) -> Shard:
        return self._shards[category]

    def match(self, categories: Sequence[str], facts: Mapping[str, FactValue]) -> list[Finding]:
        """The findings for goods that are of all these categories; each rule once.

        Raises:
            EngineUnavailable: the engine failed.
        """
        if len(categories) == 1:
            return self._shards[categories[0]].match(facts)
        found = {
            finding.rule.id: finding
            for category in categories
            for finding in self._shards[category].match(facts)
        }
        return list(found.values())
