"""The words of the demo's page: services, metrics and verdicts as people say them."""

from typing import NamedTuple

from governance.drops.report.words import percent
from governance.providers.models import Standing
from governance.rules.conditions import literals
from governance.rules.model import Rule

VERDICTS = {
    "allowed": "allowed",
    "needs_evidence": "proof lacking",
    "needs_facts": "facts lacking",
    "needs_review": "needs review",
    "unknown": "no rules yet",
    "prohibited": "prohibited",
}
"""The mildest first: of a grave breach the page speaks last, so that nobody overlooks it."""

ORDER = (
    Standing.ACTIVE, Standing.REINSTATED, Standing.PROVISIONAL, Standing.PROBATION,
    Standing.SUSPENDED, Standing.APPLICANT, Standing.DELISTED,
)  # fmt: skip


class Words(NamedTuple):
    """How a metric is called, what one success and several are called, a failure, and the rate."""

    title: str
    good: str
    goods: str
    bad: str
    rate: str


METRICS = {
    "on_time_delivery": Words(
        "Delivered on time", "delivery on time", "deliveries on time", "late", "on time"
    ),
    "valid_tracking": Words(
        "Tracked", "tracked shipment", "tracked shipments", "untracked", "tracked"
    ),
    "cancellation": Words(
        "Cancelled",
        "shipment without a cancellation",
        "shipments without a cancellation",
        "cancelled",
        "cancelled",
    ),
    "loss_damage": Words(
        "Lost or damaged",
        "shipment that arrives whole",
        "shipments that arrive whole",
        "lost or damaged",
        "lost or damaged",
    ),
    "customs_within_48h": Words(
        "Through customs in 48 h",
        "customs release within 48 hours",
        "customs releases within 48 hours",
        "not released within 48 hours",
        "released within 48 hours",
    ),
    "inventory_accuracy": Words(
        "Stock counts right", "right stock count", "right stock counts", "wrong", "counted right"
    ),
    "claim_answered_48h": Words(
        "Claims answered in 48 h",
        "claim answered within 48 hours",
        "claims answered within 48 hours",
        "not answered within 48 hours",
        "answered within 48 hours",
    ),
    "return_within_14d": Words(
        "Returns done in 14 days",
        "return within 14 days",
        "returns within 14 days",
        "not done within 14 days",
        "done within 14 days",
    ),
}

DURATIONS = {
    "customs_dwell_hours": ("Customs take", "hours"),
    "return_turnaround_days": ("Returns take", "days"),
}


def metric_words(metric: str) -> Words:
    """A metric's words; of one that is new here, its name."""
    name = metric.replace("_", " ")
    return METRICS.get(metric) or Words(name, name, name, "failed", name)


def asked(rule: Rule, metric: str) -> str:
    """What a rule that asks for a proof wants: `at least 97 % on time`; else its title."""
    for one in literals(rule.condition):
        (threshold, *others) = one.values
        if isinstance(threshold, float | int) and not others:
            if (one.attribute, one.comparison) == (f"{metric}_low", "lt"):
                return f"at least {percent(threshold)} {metric_words(metric).rate}"
            if (one.attribute, one.comparison) == (f"{metric}_high", "gt"):
                return f"at most {percent(threshold)} {metric_words(metric).rate}"
    return rule.title
