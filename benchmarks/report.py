"""The figures as tables, and which target is met."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from peers.rules import Answer
from rich.console import Console
from rich.table import Column, Table

_OPA_TIMES, _ZEN_TIMES, _GROWTH_TIMES = 5, 10, 2
_DECISION_MS, _HTTP_P99_MS, _WORKER_MB = 2, 60, 250


def described(answers: Sequence[Answer]) -> dict[str, Any]:
    """What was answered: how often each verdict, how many findings a request."""
    cells = [cell for answer in answers for cell in answer.values()]
    states = Counter(state for _, found in cells for _, state in found)
    return {
        "verdicts": dict(Counter(verdict for verdict, _ in cells).most_common()),
        "findings_a_request": {
            state: round(count / len(answers), 1) for state, count in sorted(states.items())
        },
    }


def targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each target with its figure; `met` is null where the figure is missing."""
    sides = figures["peers"]["sides"]
    opa = [side["ratio"] for side in sides if side["name"].startswith("OPA")]
    zen = {side["name"]: side["ratio"] for side in sides if side["name"].startswith("zen")}
    a_market = zen["zen-engine: table a market"]
    ours, anew = sides[:2]
    http = figures["http"]
    return [
        _at_least("OPA alone, by its own clock, over ours", min(opa, default=None), _OPA_TIMES),
        _at_least("zen-engine, a table a market, over ours", a_market, _ZEN_TIMES),
        _at_least("zen-engine in its fastest layout over ours", min(zen.values()), _ZEN_TIMES),
        _below("One product, all markets, median (ms)", ours["p50_ms"], _DECISION_MS),
        _below("One product, all markets, p99 (ms)", ours["p99_ms"], _DECISION_MS),
        _below("The same, nothing remembered (ms)", anew["p99_ms"], _DECISION_MS),
        _below("Ten times the rules, time over time", figures["growth"]["specific"]["ratio"],
               _GROWTH_TIMES),
        _below("HTTP, two clients, one worker, p99 (ms)", http["p99_ms"], _HTTP_P99_MS),
        _below("HTTP, memory of the worker (MB)", http["worker_rss_mb"], _WORKER_MB),
    ]  # fmt: skip


def _at_least(what: str, found: float | None, wanted: float) -> dict[str, Any]:
    met = None if found is None else found >= wanted
    return {"target": what, "wanted": f"at least {wanted}", "found": found, "met": met}


def _below(what: str, found: float | None, wanted: float) -> dict[str, Any]:
    met = None if found is None else found <= wanted
    return {"target": what, "wanted": f"at most {wanted}", "found": found, "met": met}


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print everything that `--json` prints, to be read by a person."""
    library, machine = figures["library"], figures["machine"]
    console.print(
        f"{library['rules']:,} generated rules, {library['markets']} markets, "
        f"{library['categories']} categories, {library['requests']} requests for all markets, "
        f"{library['rounds']} rounds; {machine['processors']} processors, "
        f"Python {machine['python']}"
    )
    console.print(f"Verdicts: {figures['answers']['verdicts']}", highlight=False)
    console.print(f"Findings a request: {figures['answers']['findings_a_request']}")
    _show_peers(figures["peers"], console)
    console.print(
        "Of the {cases} cases of a request Rego judged {judged}; the others were known after "
        "{asked_before:,} other requests. It judged {judged_anew} where nothing is remembered and "
        "only equal cases of one request are asked together.".format(**figures["remembered"]),
        highlight=False,
    )
    _show_ours(figures, console)
    memory = figures["memory"] | figures["peers"]["memory"]
    console.print("Memory: " + ", ".join(f"{name} {value}" for name, value in memory.items()))
    table = Table("Target", "Wanted", "Found", "", title="Targets")
    words = {True: "[green]met[/]", False: "[red]not met[/]", None: "not measured"}
    for row in figures["targets"]:
        table.add_row(row["target"], row["wanted"], str(row["found"]), words[row["met"]])
    console.print(table)


def _show_peers(peers: Mapping[str, Any], console: Console) -> None:
    headings = ("times ours", "p50", "p90", "p99", "wall p50")
    table = Table("Engine", *_figures(headings), title="Same rules, same facts, same answers (ms)")
    for side in peers["sides"]:
        times = (str(side[key]) for key in ("p50_ms", "p90_ms", "p99_ms", "wall_p50_ms"))
        table.add_row(side["name"], f"{side['ratio']:.2f}", *times)
    console.print(table)
    console.print(
        "Every request is asked once. `times ours`: the median over the rounds. OPA is counted by "
        "its own clock (reading the input, evaluating), without HTTP.",
        highlight=False,
    )
    for reason in peers["skipped"]:
        console.print(f"[yellow]Not compared: {reason}[/]")


def _figures(headings: Sequence[str]) -> list[Column]:
    return [Column(heading, justify="right", min_width=6) for heading in headings]


_TIMES = ("p50_ms", "p90_ms", "p99_ms")


def _show_ours(figures: Mapping[str, Any], console: Console) -> None:
    growth, real = figures["growth"], figures["real_library"]
    figures_of = _figures(("p50", "p90", "p99"))
    table = Table("", *figures_of, "", title="This service (ms)")

    def add(name: str, row: Mapping[str, Any], note: str = "") -> None:
        table.add_row(name, *(str(row[key]) for key in _TIMES), note)

    add("every way in", figures["import_mode_open"])
    for name, row in growth.items():
        times = f"{row['ratio']} times the time, " if "ratio" in row else ""
        note = f"{times}{row['findings']} findings a request"
        add(f"{row['rules']:,} rules, {name}", row, note)
    for mode in ("commercial", "import_mode_open"):
        note = f"{real['rules']} rules, {real['markets']} markets"
        add(f"real library, {mode.replace('_', ' ')}", real[mode], note)
    for name in ("http", "http_import_mode_open"):
        row = figures[name]
        note = f"{row['requests_per_second']} requests/s, worker {row['worker_rss_mb']} MB"
        add(name.replace("_", " "), row, note)
    console.print(table)
