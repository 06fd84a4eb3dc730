"""Matches facts against rules with durable-rules, in the one way that is safe and fast.

A host without background threads, one fixed session, assert - read what fired - retract, under a
lock: threads that share a session lose matches, live sessions leak, and an engine that keeps state
between two questions could answer one with the facts of the other.

Rules of many markets share conditions ("contains a radio"), and firing costs the engine more than
matching, so what is compiled is each distinct condition, once.

The engine never gives a ruleset's memory back (1 MB for 30 conditions), and its calls that should
(`delete_state`, `delete_ruleset`) free memory that was never set: so groups of conditions that were
compiled stay, and the next release or draft that has the same ones shares them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Literal

from durable.engine import Host, MessageNotHandledException

from governance.errors import EngineUnavailable
from governance.rules.compiler import Signals, alternatives, is_exact, possible
from governance.rules.conditions import Condition, FactValue, attributes
from governance.rules.model import Rule
from governance.rules.reference import missing, truth

State = Literal["fires", "undetermined"]

_RULESET = "shard"
_SESSION = {"sid": 1, "id": 1}  # fixed on purpose: no business identity may ever be one of these
# The engine refuses a fact that matches more than 64 branches at once (error 303) and one of more
# than 255 properties (error 302); with these bounds no fact can do either.
_MOST_BRANCHES = 60
_MOST_PROPERTIES = 250


@dataclass(frozen=True, slots=True)
class Finding:
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
        self._conditions = [_Condition(condition, tuple(f)) for condition, f in firing.items()]
        self._groups = [
            (_compiled(tuple(found.condition for found in group)), group)
            for group in _groups(self._conditions)
        ]

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
            value = truth(candidate.condition, facts)
            if value:
                findings.extend(candidate.firing)
            elif value is None:
                lacking = tuple(sorted(missing(candidate.condition, facts)))
                findings.extend(
                    Finding(finding.rule, "undetermined", lacking) for finding in candidate.firing
                )
        return findings

    def _candidates(self, facts: Mapping[str, FactValue]) -> list["_Condition"]:
        try:
            return [group[index] for host, group in self._groups for index in host.ask(facts)]
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


class _QuietHost(Host):  # type: ignore[misc]
    """A host whose two background timers never start: they race with every other call."""

    def _run(self) -> None:
        pass


class _SharedHost:
    """One ruleset of the engine, for one thread at a time."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._signals = Signals(condition for condition in conditions if is_exact(condition))
        self._lock = Lock()
        self._fired: set[int] = set()
        self._host = _QuietHost()
        self._host.set_rulesets(
            {
                _RULESET: {
                    f"c{index}": {
                        "all": [{"m": possible(condition, self._signals)}],
                        "run": self._action(index),
                    }
                    for index, condition in enumerate(conditions)
                }
            }
        )

    def ask(self, facts: Mapping[str, FactValue]) -> list[int]:
        """Which of the conditions are possible under these facts, by their index."""
        document = self._signals.document(facts) | _SESSION
        with self._lock:
            self._fired.clear()
            state: Mapping[str, Any] | None = None
            try:
                state = self._host.assert_fact(_RULESET, document)
            except MessageNotHandledException:
                pass  # the normal "nothing matched"
            finally:
                self._host.retract_fact(_RULESET, document)
            if state and "exception" in state:
                raise EngineUnavailable(f"the rule engine failed: {state['exception']}")
            return sorted(self._fired)

    def _action(self, index: int) -> Callable[[Any], None]:
        # A closure with exactly one parameter: the engine takes two for an asynchronous action,
        # and swallows exceptions, so an action only notes that it ran.
        fired = self._fired

        def note(_closure: Any) -> None:
            fired.add(index)

        return note


@cache
def _compiled(conditions: tuple[Condition, ...]) -> _SharedHost:
    return _SharedHost(conditions)


def _groups(conditions: Iterable[_Condition]) -> Iterable[list[_Condition]]:
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
