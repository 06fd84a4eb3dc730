"""Who may carry what: every provider's standing and cells, as its latest vetting left them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from governance.decisions.models import Decision
from governance.providers.models import Provider, Standing
from governance.providers.vetting.models import Vetting

Cell = tuple[str, str]
"""A service and a market."""


@dataclass(frozen=True)
class Served:
    """A provider by its latest vetting: `verdicts` has that of every cell; none, none is allowed.

    `sample` marks a provider that is made up.
    """

    provider: str
    name: str
    sample: bool
    standing: Standing
    decision_id: str | None
    verdicts: Mapping[Cell, str] = field(default_factory=dict)

    def may(self, service: str, market: str) -> bool:
        """Whether it may do this there: its standing serves, and that very cell is allowed."""
        return self.standing.serves and self.verdict(service, market) == "allowed"

    def verdict(self, service: str, market: str) -> str:
        """The cell's verdict; `unknown` where it was never judged."""
        return self.verdicts.get((service, market), "unknown")


def served(session: Session, only: Collection[str] | None = None) -> dict[str, Served]:
    """Providers by id, in its order: all of them, or `only` these."""
    found = {}
    latest = (
        select(Provider, Decision)
        .outerjoin(Vetting, col(Vetting.provider_id) == col(Provider.id))
        .outerjoin(Decision, col(Decision.decision_id) == col(Vetting.decision_id))
        .order_by(col(Provider.id))
    )
    if only is not None:
        latest = latest.where(col(Provider.id).in_(only))
    for provider, decision in session.exec(latest):
        cells = json.loads(decision.result)["cells"] if decision else []
        found[provider.id] = Served(
            provider=provider.id,
            name=provider.name,
            sample=provider.sample,
            standing=provider.standing,
            decision_id=decision.decision_id if decision else None,
            verdicts={(one["service"], one["market"]): one["verdict"] for one in cells},
        )
    return found
