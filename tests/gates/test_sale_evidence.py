"""Evidence holds from its first to its last day, both included."""

import pytest
from tiny_library import paper

RADIO = {"radio": True}


def missing(sale, *evidence) -> set[str]:
    result = sale("DE", attributes=RADIO, evidence=list(evidence))
    found = set(result["import_modes"][0]["missing_evidence"])
    assert result["verdict"] == ("needs_evidence" if found else "allowed")
    return found


def test_held_evidence_allows_the_sale(sale) -> None:
    assert missing(sale, paper("eu.declaration"), paper("de.register")) == set()


def test_the_evidence_that_is_missing_is_named(sale) -> None:
    assert missing(sale) == {"eu.declaration", "de.register"}
    assert missing(sale, paper("eu.declaration")) == {"de.register"}


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "holds"),
    [
        ("2026-11-22", None, True),
        ("2026-11-23", None, False),  # not yet
        ("2026-01-01", "2026-11-22", True),  # the last day
        ("2026-01-01", "2026-11-21", False),  # expired yesterday
        ("2026-11-22", "2026-11-22", True),  # one day
        ("0001-01-01", "9999-12-31", True),
    ],
)
def test_evidence_holds_on_its_days_only(sale, valid_from, valid_to, holds: bool) -> None:
    held = paper("de.register", valid_from, valid_to)
    found = missing(sale, paper("eu.declaration"), held)
    assert found == (set() if holds else {"de.register"})


def test_of_two_papers_of_one_type_one_that_holds_is_enough(sale) -> None:
    expired = paper("de.register", "2024-01-01", "2024-12-31")
    coming = paper("de.register", "2027-01-01")
    good = paper("eu.declaration")
    assert missing(sale, good, expired, coming) == {"de.register"}
    assert missing(sale, good, expired, coming, paper("de.register")) == set()


def test_evidence_that_nobody_asks_for_changes_nothing(sale) -> None:
    assert missing(sale, paper("cn.ccc")) == {"eu.declaration", "de.register"}
