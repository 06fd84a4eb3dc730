"""Blocs whose law their members inherit, with dated membership."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Membership:
    """A country's time in a bloc: `start` inclusive, `end` exclusive (None: still a member)."""

    start: date
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Bloc:
    """A bloc and its members by country code."""

    code: str
    title: str
    members: Mapping[str, Membership]

    def has(self, country: str, day: date) -> bool:
        """Whether `country` (ISO 3166-1 alpha-2) is a member on `day`."""
        membership = self.members.get(country)
        return membership is not None and membership.holds_on(day)
