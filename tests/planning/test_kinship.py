"""Countries that err together are kin, and where nothing tells so, nothing is claimed."""

import numpy as np
import pytest

from governance.planning.beta import Beta
from governance.planning.counts import Counts
from governance.planning.kinship import kinship

RATE, VISITS = Beta(60, 940), 2000


def drops(kin: float, count: int, countries: int) -> list[list[tuple[Beta, Counts]]]:
    """Counts drawn as foretold, but with this correlation between the countries of a drop."""
    from scipy.special import betaincinv, ndtr

    chance = np.random.default_rng(11)
    found = []
    for _ in range(count):
        common, own = chance.normal(), chance.normal(size=countries)
        scores = common * kin**0.5 + own * (1 - kin) ** 0.5
        rates = betaincinv(RATE.alpha, RATE.beta, ndtr(scores))
        sold = chance.binomial(VISITS, rates)
        found.append([(RATE, Counts(float(one), VISITS)) for one in sold])
    return found


@pytest.mark.parametrize("kin", [0.0, 0.4, 0.8])
def test_the_kinship_of_rates_is_found_but_for_the_noise_of_counts(kin: float) -> None:
    rates, sampling = RATE.variance, RATE.mean * (1 - RATE.mean) / VISITS
    expected = kin * rates / (rates + sampling)
    assert kinship(drops(kin, 300, 8)) == pytest.approx(expected, abs=0.1)


def test_a_common_bias_is_kinship() -> None:
    sold_well = [(RATE, Counts(180 + one, VISITS)) for one in range(6)]
    assert kinship([sold_well]) > 0.9


def test_one_country_or_few_visits_claim_nothing() -> None:
    assert kinship([]) == 0
    assert kinship([[(RATE, Counts(180, VISITS))]]) == 0
    assert kinship([[(RATE, Counts(1, 3)), (RATE, Counts(2, 3))]]) == 0


def test_extremes_stay_finite() -> None:
    assert 0 <= kinship([[(RATE, Counts(0, VISITS)), (RATE, Counts(VISITS, VISITS))]]) < 1
