"""A plan on a terminal: the same figures as in the plan, and nothing taken for markup."""

from io import StringIO
from typing import Any

import plan_made_up as made_up
from rich.console import Console

from governance.drops.report.terminal import print_plan
from governance.drops.report.words import NBSP, count


def printed(plan: dict[str, Any], decision: dict[str, Any] | None) -> str:
    out = Console(width=200, record=True, file=StringIO())
    print_plan(plan, decision, out)
    return out.export_text().replace(NBSP, " ")


def test_it_says_what_the_gate_said_and_what_would_pass() -> None:
    text = printed(made_up.plan(), made_up.decision())
    assert "It waits for a person’s review." in text
    assert "More than USD 250,000 is at stake." in text
    assert "would pass with: Leave out BR." in text


def test_its_tables_have_the_plans_figures() -> None:
    plan = made_up.plan()
    text = printed(plan, None)
    assert "The drop gate has not judged it yet." in text
    for figure in plan["forecast"]["total"]["orders"]:
        assert count(figure) in text
    for node in plan["nodes"]:
        assert count(node["units"]) in text
    assert f"{count(plan['totals']['units'])} units for USD" in text
    assert "Line haul maersk → Customs flexport → Fulfilment amazon-mcf" in text
    assert plan["digest"] in text


def test_a_title_in_brackets_is_no_markup() -> None:
    plan = made_up.plan(products=1) | {"title": "[red]Winter[/red] [/]"}
    plan["products"][0]["title"] = "[bold]Hoodie"
    text = printed(plan, None)
    assert "[red]Winter[/red] [/]: the plan" in text
    assert "[bold]Hoodie" in text


def test_a_plan_without_any_open_market_is_printed_too() -> None:
    text = printed(made_up.plan(nowhere=True), None)
    assert "not researched" in text
    assert "0 units for USD 0" in text
