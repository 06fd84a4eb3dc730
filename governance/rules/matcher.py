"""Matches facts against rules with durable-rules, in the one way that is safe and fast.

Its compiled engine is called directly, with one fixed session: assert - read what fired - retract,
under a lock. Its Python host would start two timers that race with every call, keep a session for
every sid (2 MB each), and decode the whole fact again for every rule that fires, which costs more
than the matching. Nothing is kept in the engine between two questions, or it could answer one with
the facts of the other.

Rules of many markets share conditions ("contains a radio"), so what is compiled is each distinct
condition, once. The engine never gives a ruleset's memory back (1 MB for 30 conditions), and its
calls that should (`delete_state`, `delete_ruleset`) free memory that was never set: so groups of
conditions that were compiled stay, and the next release or draft that has the same ones shares
them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Literal as OneOf
from typing import NamedTuple

import durable_rules_engine

from governance.errors import EngineUnavailable
from governance.rules.compiler import Signals, alternatives, is_exact, possible
from governance.rules.conditions import All, Condition, FactValue, Literal, attributes
from governance.rules.model import Rule
from governance.rules.reference import missing, truth

State = OneOf["fires", "undetermined"]

_MATCHED, _NOTHING_MATCHED = 0, 1  # what the engine answers to a fact
_SESSION = {"sid": 1, "id": 1}  # fixed on purpose: no business identity may ever be one of these
# The engine refuses a fact that matches more than 64 branches at once (error 303) and one of more
# than 255 properties (error 302); with these bounds no fact can do either.
_MOST_BRANCHES = 60
_MOST_PROPERTIES = 250


class Finding(NamedTuple):
    """A rule that is not silent; `missing` are the attributes that would decide it."""

    rule: Rule
    state: State
    missing: tuple[str, ...] = ()


class Matcher:
    """The rules of one shard, compiled once; `match` may be called from any thread."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._always = tuple(Finding(rule, "fires") for rule in rules if rule.unconditional)
        firing: dict[Condition, list[Finding]] = {}
        for rule in rules:
            if not rule.unconditional:
                firing.setdefault(rule.condition, []).append(Finding(rule, "fires"))
        conditions = [_Condition(condition, tuple(f)) for condition, f in firing.items()]
        self._groups = [_Group(found) for found in _grouped(sorted(conditions, key=_by_gate))]

    def match(self, facts: Mapping[str, FactValue]) -> list[Finding]:
        """Every rule of the shard that fires or is undetermined.

        Raises:
            EngineUnavailable: the engine failed, so there is no finding at all.
        """
        findings = list(self._always)
        for candidate in self._candidates(facts):
            if candidate.exact and facts.keys() >= candidate.attributes:
                findings.extend(candidate.firing)  # possible, and nothing is missing
                continue
            lacking = tuple(sorted(missing(candidate.condition, facts)))
            if lacking:
                findings.extend(
                    Finding(finding.rule, "undetermined", lacking) for finding in candidate.firing
                )
            elif truth(candidate.condition, facts):
                findings.extend(candidate.firing)
        return findings

    def _candidates(self, facts: Mapping[str, FactValue]) -> list["_Condition"]:
        try:
            return [found for group in self._groups for found in group.possible(facts)]
        except EngineUnavailable:
            raise
        except Exception as error:
            raise EngineUnavailable(f"the rule engine failed: {error}") from error


class _Condition:
    """A distinct condition and the findings of the rules that share it."""

    def __init__(self, condition: Condition, firing: tuple[Finding, ...]) -> None:
        self.condition = condition
        self.firing = firing
        self.exact = is_exact(condition)
        self.attributes = attributes(condition)
        parts = condition.parts if isinstance(condition, All) else (condition,)
        tags = [part for part in parts if isinstance(part, Literal) and part.comparison == "in"]
        # The narrowest thing that must be possible for the whole to be possible.
        self.gate = min(tags, key=_width, default=None)


class _Group:
    """Conditions that are asked together, if any of their gates is open."""

    def __init__(self, conditions: Sequence[_Condition]) -> None:
        self._conditions = conditions
        self._ruleset = _compiled(tuple(found.condition for found in conditions))
        gates = {found.gate for found in conditions}
        self._gates = None if None in gates else gates

    def possible(self, facts: Mapping[str, FactValue]) -> list[_Condition]:
        """The conditions that may not be silent under these facts."""
        if self._gates is not None and all(truth(g, facts) is False for g in self._gates if g):
            return []
        return [self._conditions[index] for index in self._ruleset.ask(facts)]


class _Ruleset:
    """One ruleset of the engine, for one thread at a time."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._signals = Signals(condition for condition in conditions if is_exact(condition))
        self._lock = Lock()
        definition = {
            str(index): {"all": [{"m": possible(condition, self._signals)}]}
            for index, condition in enumerate(conditions)
        }
        self._handle = durable_rules_engine.create_ruleset("conditions", json.dumps(definition))

    def ask(self, facts: Mapping[str, FactValue]) -> list[int]:
        """Which of the conditions are possible under these facts, by their index."""
        fact = json.dumps(self._signals.document(facts) | _SESSION)
        with self._lock:
            try:
                return sorted(self._fired(fact))
            finally:
                durable_rules_engine.retract_fact(self._handle, fact)

    def _fired(self, fact: str) -> set[int]:
        code, state = durable_rules_engine.assert_fact(self._handle, fact)
        if code == _NOTHING_MATCHED:
            return set()
        if code != _MATCHED:
            raise EngineUnavailable(f"the rule engine answered a fact with code {code}")
        fired: set[int] = set()  # an alternative fires once for each of its parts that match
        begun = durable_rules_engine.start_action_for_state(self._handle, state)
        message: str | None = begun[1] if begun else None
        while message:
            fired.add(int(message[2 : message.index('"', 2)]))  # {"<rule>":{…the fact…}}
            message = durable_rules_engine.complete_and_start_action(self._handle, state)
        return fired


@cache
def _compiled(conditions: tuple[Condition, ...]) -> _Ruleset:
    return _Ruleset(conditions)


def _width(literal: Literal) -> tuple[bool, int]:
    return isinstance(literal.values[0], bool), len(literal.values)


def _by_gate(found: _Condition) -> tuple[str, ...]:
    """Conditions behind the same gate come together, so that whole groups can stay shut."""
    return (found.gate.attribute, *map(str, found.gate.values)) if found.gate else ()


def _grouped(conditions: Iterable[_Condition]) -> Iterable[list[_Condition]]:
    """The conditions in groups that stay within the engine's bounds."""
    group: list[_Condition] = []
    branches = 0
    for found in conditions:
        more = alternatives(found.condition) if found.exact else 1
        wider = Signals(c.condition for c in [*group, found] if c.exact)
        if group and (branches + more > _MOST_BRANCHES or wider.width > _MOST_PROPERTIES):
            yield group
            group, branches = [], 0
        group.append(found)
        branches += more
    if group:
        yield group
