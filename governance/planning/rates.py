"""Success rates of many groups, each learning from the others: beta-binomial empirical Bayes.

A group's rate is a draw from Beta(mean·c, (1−mean)·c), its successes are binomial given the rate.
Mean and concentration c are those that make all groups' counts likeliest (type-II maximum
likelihood); a group's posterior then leans on them as far as its own trials are few. The idea:
H. Robbins, "The empirical Bayes approach to statistical decision problems", Annals of Mathematical
Statistics 35, 1964, http://www.jstor.org/stable/2238017; this parametric form of it:
C. N. Morris, "Parametric empirical Bayes inference", JASA 78, 1983,
http://www.jstor.org/stable/2287098.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from governance.planning.beta import Beta, BetaPrior
from governance.planning.counts import Counts, total

Family = TypeVar("Family", bound=Hashable)

IGNORANCE = BetaPrior(0.5, 1.0)  # Jeffreys' prior, worth one trial
_FLOOR = 1.0  # no prior is worth less than one trial
_STARTS = 24


def posterior(prior: BetaPrior, counts: Counts) -> Beta:
    """What is known of a group's rate after its counts; its mean lies between prior and raw rate.

    The Beta distribution is conjugate to the binomial: successes add to alpha, failures to beta.
    """
    return Beta(prior.alpha + counts.successes, prior.beta + counts.failures)


def never_certain(known: Beta) -> Beta:
    """The same, but with at least half a success and half a failure, as Jeffreys' prior has.

    Where hardly anybody ever fails, the likeliest prior has nearly no failures in it, and says of
    whoever has none either that they never will (P90 of a loss: 1e-13). Nobody should read that.
    """
    return Beta(max(known.alpha, IGNORANCE.alpha), max(known.beta, IGNORANCE.beta))


def fit_prior(groups: Iterable[Counts], parent: BetaPrior | None = None) -> BetaPrior:
    """The prior under which these groups' counts are likeliest.

    With a `parent` its mean is drawn towards the parent's, which weighs as much as trials of the
    parent's concentration. Groups without trials say nothing; if no group has any, the prior is the
    parent's, or Jeffreys' without one.

    Two bounds keep few groups from claiming too much, as the likelihood alone would: the mean is
    never nearer to 0 or 1 than half a success in all trials, and the concentration is from 1 to
    the trials of all groups but the largest (so that a group alone is never its own witness).
    """
    fitted = fit_families({None: list(groups)}, None if parent is None else {None: parent})
    return fitted[None]


def fit_families(
    families: Mapping[Family, Sequence[Counts]], parents: Mapping[Family, BetaPrior] | None = None
) -> dict[Family, BetaPrior]:
    """A prior for each family of groups: a mean of its own, one concentration for all of them.

    Few families have groups enough to tell how much groups differ; together they do. `parents` as
    in `fit_prior`; a family without trials has its parent's mean. Bounds as there, the trials of
    the largest group of each family left out. ValueError if parents are given, but not for all.

    Under a parent a family's mean is integrated out (`_integrated`): were it only maximised, small
    families would look far more alike than they are, each mean having moved to its own groups
    (J. Neyman and E. L. Scott, "Consistent estimates based on partially consistent observations",
    Econometrica 16, 1948).
    """
    if parents is not None and (orphans := [key for key in families if key not in parents]):
        raise ValueError(f"A parent's prior is missing for {orphans[0]!r}")
    without = {key: IGNORANCE if parents is None else parents[key] for key in families}
    seen = {key: [one for one in groups if one.trials > 0] for key, groups in families.items()}
    fitting = {key: groups for key, groups in seen.items() if groups}
    if not fitting:
        return without
    fitted, concentration = _fitted(fitting, parents)
    means = {key: prior.mean for key, prior in without.items()} | fitted
    return {key: BetaPrior(mean, concentration) for key, mean in means.items()}


def log_likelihood(prior: BetaPrior, groups: Iterable[Counts]) -> float:
    """Log-probability of the groups' counts under the prior, but for a constant of the counts.

    Σ ln B(α + successes, β + failures) − ln B(α, β), B the beta function: the beta-binomial
    distribution (https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.betabinom.html)
    without its binomial coefficient, which no prior changes.
    """
    from scipy.special import betaln

    prior_term = betaln(prior.alpha, prior.beta)
    return math.fsum(
        float(betaln(prior.alpha + one.successes, prior.beta + one.failures) - prior_term)
        for one in groups
    )


@dataclass(frozen=True)
class _Evidence:
    """All groups of all families in rows, and what their parents add."""

    family: Any  # of each group: its family's number
    successes: Any
    failures: Any
    parent_successes: Any  # of each family
    parent_failures: Any

    @cached_property
    def trials(self) -> Any:
        return self.successes + self.failures

    @cached_property
    def pseudo_trials(self) -> Any:
        return self.parent_successes + self.parent_failures

    @cached_property
    def has_parents(self) -> bool:
        return bool(self.pseudo_trials.any())


def _fitted(
    families: Mapping[Family, Sequence[Counts]], parents: Mapping[Family, BetaPrior] | None
) -> tuple[dict[Family, float], float]:
    """The mean of each family and the concentration of all; every family has trials."""
    import numpy as np
    from scipy.optimize import minimize

    rows = [(at, one) for at, groups in enumerate(families.values()) for one in groups]
    pseudo = [parents[key] if parents is not None else None for key in families]
    evidence = _Evidence(
        family=np.array([at for at, _ in rows]),
        successes=np.array([one.successes for _, one in rows]),
        failures=np.array([one.failures for _, one in rows]),
        parent_successes=np.array([one.alpha if one else 0.0 for one in pseudo]),
        parent_failures=np.array([one.beta if one else 0.0 for one in pseudo]),
    )
    sums = [total(groups) for groups in families.values()]
    furthest = [_logit((one.trials + 0.5) / (one.trials + 1)) for one in sums]
    if parents is not None:  # a parent may be surer than the family's own few trials
        furthest = [
            max(far, abs(_logit(parents[key].mean)))
            for far, key in zip(furthest, families, strict=True)
        ]
    start = [_logit((one.successes + 0.5) / (one.trials + 1)) for one in sums]
    others = (
        every.trials - max(one.trials for one in groups)
        for every, groups in zip(sums, families.values(), strict=True)
    )
    ceiling = math.log(max(_FLOOR, math.fsum(others)))
    starts = np.linspace(math.log(_FLOOR), ceiling, _STARTS)
    best = starts[int(np.argmin(_costs(np.array(start), np.exp(starts), evidence)))]
    # TNC and not L-BFGS-B: the latter calls BLAS, whose threads make a fit of milliseconds take
    # twenty times as long on a busy machine. It ends within a hundred-thousandth of the best
    # rates, far nearer than any counts tell.
    found = minimize(
        _cost, np.array([*start, best]), args=(evidence,), jac=True, method="TNC",
        bounds=[*((-far, far) for far in furthest), (math.log(_FLOOR), ceiling)],
        options={"maxfun": 5000, "ftol": 1e-10, "xtol": 1e-7, "gtol": 1e-6},
    )  # fmt: skip
    means = [1 / (1 + math.exp(-logit)) for logit in found.x[:-1]]
    return dict(zip(families, means, strict=True)), math.exp(found.x[-1])


def _cost(at: Any, evidence: _Evidence) -> tuple[float, Any]:
    """Minus the log-likelihood and its gradient, at the logits of the means and log of c."""
    import numpy as np
    from scipy.special import betaln, digamma, expit, log_expit

    logits, concentration = at[:-1], np.exp(at[-1])
    up, down = expit(logits), expit(-logits)  # both, so that neither rounds to 0 or 1
    alpha, beta = (up * concentration)[evidence.family], (down * concentration)[evidence.family]
    won, lost = alpha + evidence.successes, beta + evidence.failures
    value = float((betaln(won, lost) - betaln(alpha, beta)).sum())
    both = digamma(alpha + beta) - digamma(won + lost)
    by_alpha, by_beta = digamma(won) - digamma(alpha) + both, digamma(lost) - digamma(beta) + both
    per_family = np.bincount(evidence.family, by_alpha - by_beta, minlength=len(logits))
    by_logit = per_family * up * down * concentration
    by_concentration = (alpha * by_alpha + beta * by_beta).sum()
    if not evidence.has_parents:
        return -value, -np.append(by_logit, by_concentration)
    pulled = evidence.parent_successes * log_expit(logits)
    pulled = pulled + evidence.parent_failures * log_expit(-logits)
    by_logit = by_logit + evidence.parent_successes * down - evidence.parent_failures * up
    cost = -value - float(pulled.sum()), -np.append(by_logit, by_concentration)
    return _integrated(cost, concentration, evidence)


def _costs(logits: Any, concentrations: Any, evidence: _Evidence) -> Any:
    """The cost at each concentration, but for what is the same at all of them."""
    import numpy as np
    from scipy.special import betaln, expit

    c, family = concentrations[:, None], evidence.family
    alpha, beta = c * expit(logits)[family], c * expit(-logits)[family]
    gained = betaln(alpha + evidence.successes, beta + evidence.failures) - betaln(alpha, beta)
    costs = -gained.sum(axis=1)
    if evidence.has_parents:
        each = evidence.trials * (c + 1) / (evidence.trials + c)
        first = np.searchsorted(family, np.arange(len(logits)))  # rows are in order of families
        information = np.add.reduceat(each, first, axis=1) + evidence.pseudo_trials
        costs += np.log(information).sum(axis=1) / 2
    return costs


def _integrated(
    cost: tuple[float, Any], concentration: float, evidence: _Evidence
) -> tuple[float, Any]:
    """The cost with the families' means integrated out by Laplace's approximation.

    A parent's Beta is, in the logit of the mean, the pseudo-trials that it adds; so the integral is
    the maximum times the width there, 1/√(information): the family's independent trials, to which a
    group of n adds n·(c + 1)/(n + c) as its variance is over-dispersed. Without a parent the one
    mean is a parameter like the concentration, and nothing is added.
    """
    import numpy as np

    pseudo, trials = evidence.pseudo_trials, evidence.trials
    each = trials * (concentration + 1) / (trials + concentration)
    growth = trials * (trials - 1) * concentration / (trials + concentration) ** 2
    information = np.bincount(evidence.family, each, minlength=len(pseudo)) + pseudo
    growing = np.bincount(evidence.family, growth, minlength=len(pseudo))
    value, gradient = cost
    gradient[-1] += (growing / information).sum() / 2
    return value + float(np.log(information).sum()) / 2, gradient


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)
