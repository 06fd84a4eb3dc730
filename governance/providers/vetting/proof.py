"""How much more a provider has to deliver before a rule takes it for proven."""

from collections.abc import Mapping

from governance.gates.provider_facts import LOWER_IS_BETTER, bounds_of
from governance.rules.model import Rule
from governance.rules.reference import truth

_MOST = 1_000_000


def flawless_needed(
    rule: Rule, metric: str, successes: int, trials: int, *, most: int = _MOST
) -> int | None:
    """The fewest further trials, all of them good, after which the rule asks for no proof of it.

    `successes` of `trials` as the vetting counted them (of cancellation and loss: those that
    happened). None where not even `most` would do, or the rule looks at other metrics, too.
    """
    if not rule.attributes <= {metric + suffix for suffix in ("_low", "_high", "_sample")}:
        return None

    def proven(more: int) -> bool:
        lower_is_better = metric in LOWER_IS_BETTER
        good = 0 if lower_is_better else more
        bounds = bounds_of(successes + good, trials + more, lower_is_better=lower_is_better)
        facts = {f"{metric}_{name}": value for name, value in bounds._asdict().items()}
        return truth(rule.condition, facts) is False

    if not proven(most):
        return None
    low, high = 0, most  # more good trials never prove less
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if proven(middle) else (middle + 1, high)
    return low


def metric_of(rule: Rule, metrics: Mapping[str, tuple[str, ...]]) -> str | None:
    """The metric that the rule looks at; None where it looks at none, or at several."""
    found = [name for name, parts in metrics.items() if not rule.attributes.isdisjoint(parts)]
    return found[0] if len(found) == 1 else None
