"""The figures of vetting as tables, and which target is met."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

_COVERAGE = 0.70
_COVERAGES = (
    ("coverage", "counts"), ("coverage", "without_slack"), ("coverage_with_drift", "without_slack"),
)  # fmt: skip
_HALF_LIFE = "180"  # the one that is judged; the others are printed for comparison


def _best(losses: Mapping[str, float], way: str) -> float:
    """The lowest loss of a way of estimating, over its variants: the best chosen in hindsight."""
    return min(loss for name, loss in losses.items() if name.startswith(way))


def targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each target with its figure."""
    rows = []
    for grouping, by_half_life in figures["deliveries"].items():
        scores = by_half_life[_HALF_LIFE]
        losses = scores["log_loss"]
        # where cells are nested, the way that is offered for nested cells
        ours = losses.get("empirical Bayes, nested", losses["empirical Bayes"])
        for way in ("raw", "pooled"):
            best = _best(losses, way)
            rows.append(
                {
                    "target": f"{grouping}: log-loss of empirical Bayes, best {way} rate",
                    "wanted": f"below {best}", "found": ours, "met": ours < best,
                }
            )  # fmt: skip
        for name, figure in _COVERAGES:
            found = scores[name][figure]
            what = f"P10-P90 {name}, {figure}".replace("_", " ")
            rows.append(
                {
                    "target": f"{grouping}: {what}",
                    "wanted": f"at least {_COVERAGE}", "found": found, "met": found >= _COVERAGE,
                }
            )  # fmt: skip
    labels = figures["labels"]
    found, wanted = labels["fewest_clean_shipments_of_a_labelled_vendor"], labels["fewest_flawless"]
    rows.append(
        {
            "target": "Fewest clean shipments of a vendor labelled as meeting 95 %",
            "wanted": f"at least {wanted}", "found": found, "met": found is None or found >= wanted,
        }
    )  # fmt: skip
    return rows


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print everything that `--json` prints, to be read by a person."""
    read = figures["read"]
    console.print(
        f"{read['shipments']:,} shipments of {read['vendors']} vendors to {read['countries']} "
        f"countries, {read['from']} to {read['to']}, {read['on_time']:.1%} on time.",
        highlight=False,
    )
    for grouping, by_half_life in figures["deliveries"].items():
        _show_grouping(grouping, by_half_life, console)
    console.print(
        "`Days` is the half-life; ours is empirical Bayes; figures left of `cover` are log-loss "
        "per shipment. Raw and pooled rates are smoothed by ½ or 1 added to successes and to "
        "failures (a rate of 0 or 1 would cost infinitely much), over all history or faded like "
        "ours; a group without a past takes the pooled rate. Shown is the best of these four, "
        "chosen in hindsight. Ranges of whole numbers hold more than .80 where groups are small: "
        "`no slack` is without that, and .80 is ideal; `large` are groups with 20 shipments or "
        "more in the quarter. From `drift` on: the same with drift, learnt from the forecasts of "
        "earlier quarters.",
        highlight=False,
    )
    _show_labels(figures["labels"], console)
    table = Table("Target", "Wanted", "Found", "", title="Targets")
    for row in figures["targets"]:
        met = "[green]met[/]" if row["met"] else "[red]not met[/]"
        table.add_row(row["target"], row["wanted"], str(row["found"]), met)
    console.print(table)


def _show_grouping(
    grouping: str, by_half_life: Mapping[str, Mapping[str, Any]], console: Console
) -> None:
    first = next(iter(by_half_life.values()))
    nested = "empirical Bayes, nested" in first["log_loss"]
    losses = ["ours", *(["nested"] if nested else []), "raw", "pooled"]
    covers = ["cover", "no slack", "large", "drift", "no slack", "large"]
    title = (
        f"By {grouping}: {first['cells']:,} forecasts of a quarter ({first['large_cells']} large)"
    )
    table = Table(
        "Days",
        *(Column(one, justify="right", no_wrap=True, min_width=6) for one in losses),
        *(Column(one, justify="right") for one in covers),
        title=title, box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    for half_life, scores in by_half_life.items():
        losses = scores["log_loss"]
        shown = [losses["empirical Bayes"]]
        shown += [losses["empirical Bayes, nested"]] if nested else []
        shown += [_best(losses, "raw"), _best(losses, "pooled")]
        covers = [*scores["coverage"].values(), *scores["coverage_with_drift"].values()]
        shares = ("none" if one is None else f"{one:.3f}" for one in covers)
        table.add_row(half_life, *(f"{one:.4f}" for one in shown), *shares)
    console.print(table)


def _show_labels(labels: Mapping[str, Any], console: Console) -> None:
    table = Table(
        "Labelled by", "vendors", "fewest shipments", "20 or more after", "of these at 95 % after",
        title=f"Of {labels['vendors']} vendors, ever called on time in 95 % of shipments",
    )  # fmt: skip
    for name in ("labelled_by_proof", "labelled_by_raw_rate"):
        way = name.removeprefix("labelled_by_").replace("_", " ")
        table.add_row(way, *(str(value) for value in labels[name].values()))
    console.print(table)
    end = labels["assessed_at_the_end"]
    console.print(
        f"At the end: {end}. A vendor needs {labels['fewest_flawless']} flawless shipments; the "
        "labelled vendor with the fewest clean ones had "
        f"{labels['fewest_clean_shipments_of_a_labelled_vendor']}.",
        highlight=False,
    )
