"""Rates of groups nested in levels: platform, market, provider on a lane."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.planning.beta import Beta, BetaPrior, compound
from governance.planning.counts import Counts, total
from governance.planning.rates import IGNORANCE, fit_families, fit_prior, posterior

Path = tuple[str, ...]
_TOP: Path = ()


@dataclass(frozen=True)
class Levels:
    """What every node of the tree is expected to do, and what each leaf is known to do.

    `concentrations[d]` says how alike the children of a node at depth d are; `nodes` holds what is
    known of the mean of each node that has children, the platform being the empty path.
    """

    concentrations: tuple[float, ...]
    nodes: Mapping[Path, BetaPrior]
    leaves: Mapping[Path, Counts]

    def prior(self, path: Path) -> BetaPrior:
        """What is expected of this leaf before its own counts.

        A leaf whose market was never seen leans on the platform, with the spread of markets added
        to that of leaves. ValueError if the path is not as long as those of the leaves.
        """
        depth = len(self.concentrations)
        if len(path) != depth:
            raise ValueError(f"A leaf's path has {depth} parts, and {path!r} has {len(path)}")
        known = next(path[:cut] for cut in range(depth - 1, -1, -1) if path[:cut] in self.nodes)
        node = self.nodes[known]
        return BetaPrior(
            node.mean, compound(node.concentration, *self.concentrations[len(known) :])
        )

    def posterior(self, path: Path) -> Beta:
        """What is known of this leaf's rate; its prior where it has no counts."""
        return posterior(self.prior(path), self.leaves.get(path, Counts(0, 0)))


def fit_levels(leaves: Mapping[Path, Counts]) -> Levels:
    """Fit every level from the platform down, each node's mean drawn towards its parent's.

    `leaves` are counts by path, e.g. `("DE", "acme, Rotterdam to Berlin")`, all equally long. A
    node counts what lies below it, each child for as much as it tells of its parent (`_effective`).
    How much that is follows from the fit, so everything is fitted twice, at first with plain sums.
    A node's own mean is not known exactly either, and that uncertainty is passed on to its leaves.
    ValueError for no leaf or paths of several lengths.
    """
    lengths = {len(path) for path in leaves}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"Paths of leaves are equally long, 1 or more, not {sorted(lengths)}")
    (depth,) = lengths
    first = _fit(leaves, [math.inf] * depth)
    return _fit(leaves, first.concentrations)


def _fit(leaves: Mapping[Path, Counts], assumed: Sequence[float]) -> Levels:
    concentrations: list[float] = []
    nodes: dict[Path, BetaPrior] = {}
    expected: dict[Path, BetaPrior] = {}
    for families in _levels_of(leaves, assumed):
        if _TOP in families:
            fitted = {_TOP: fit_prior(families[_TOP].values())}
        else:
            fitted = fit_families(
                {path: list(children.values()) for path, children in families.items()},
                {path: expected[path] for path in families},
            )
        spread = next(iter(fitted.values())).concentration
        concentrations.append(spread)
        for path, children in families.items():
            held = expected[path].concentration if path else IGNORANCE.concentration
            held += math.fsum(_effective(one.trials, spread) for one in children.values())
            nodes[path] = BetaPrior(fitted[path].mean, held)
            # what is expected of a child that is a node itself, before its own children
            expected |= dict.fromkeys(
                children, BetaPrior(fitted[path].mean, compound(held, spread))
            )
    return Levels(tuple(concentrations), nodes, dict(leaves))


def _levels_of(
    leaves: Mapping[Path, Counts], assumed: Sequence[float]
) -> list[dict[Path, dict[Path, Counts]]]:
    """Per level from the top: each node's children with their counts, in the order of paths."""
    levels = []
    below = dict(sorted(leaves.items()))
    for concentration in reversed(assumed):
        families: dict[Path, dict[Path, Counts]] = {}
        for path, counts in below.items():
            families.setdefault(path[:-1], {})[path] = counts
        levels.append(families)
        below = {
            path: total(_thinned(one, concentration) for one in children.values())
            for path, children in families.items()
        }
    return levels[::-1]


def _thinned(counts: Counts, concentration: float) -> Counts:
    if counts.trials <= 0:
        return counts
    share = _effective(counts.trials, concentration) / counts.trials
    return Counts(counts.successes * share, counts.trials * share)


def _effective(trials: float, concentration: float) -> float:
    """Independent trials that tell as much of the family's mean as these trials of one group.

    The variance of a beta-binomial count is n·m(1−m)·(1 + (n−1)ρ), ρ = 1/(concentration + 1)
    (https://search.r-project.org/CRAN/refmans/predint/html/rbbinom.html), so a group is never
    worth more than concentration + 1 trials, however large it is.
    """
    return trials / max(1.0, 1 + (trials - 1) / (concentration + 1))
