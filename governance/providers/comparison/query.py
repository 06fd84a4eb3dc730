"""What is to be compared, as it is written in an address or on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.errors import FieldError
from governance.providers.filter_query import (
    refuse,
    wrong_category,
    wrong_country,
    wrong_value,
    wrong_word,
)
from governance.providers.lanes import Wanted, words_of
from governance.providers.models import Service
from governance.rules.vocabulary import Vocabulary

FEWEST, MOST = 2, 10
"""How many providers are compared at a time."""


@dataclass(frozen=True)
class Asked:
    """A parcel of `goods` (categories) for a market; `providers` are ids, None: all who serve it.

    `lane` is what a lane has to do for it.
    """

    providers: tuple[str, ...] | None
    market: str
    service: Service
    weight_grams: int
    goods: tuple[str, ...]
    lane: Wanted


def read_asked(
    vocabulary: Vocabulary,
    *,
    providers: Sequence[str],
    market: str,
    service: str,
    weight_grams: int,
    categories: Sequence[str] = (),
    from_country: str | None = None,
) -> Asked:
    """What is asked; raises InvalidRequest that names every wrong part of it.

    Whether there are such providers is not looked at.
    """
    errors = [
        *wrong_country("market", market),
        *wrong_country("from_country", from_country),
        *wrong_word("service", service, [one.value for one in Service]),
        *wrong_value("weight_grams", weight_grams),
    ]
    for category in categories:
        errors += wrong_category("category", category, vocabulary)
    if providers and not FEWEST <= len(set(providers)) <= MOST:
        message = f"{FEWEST} to {MOST} different providers are compared, not {len(set(providers))}"
        hint = "or name none: all who serve the market are compared"
        errors.append(FieldError("provider", message, hint))
    refuse(errors)
    refusable = (word for category in categories for word in words_of(vocabulary, category))
    return Asked(
        providers=tuple(dict.fromkeys(providers)) or None,
        market=market,
        service=Service(service),
        weight_grams=weight_grams,
        goods=tuple(dict.fromkeys(categories)),
        lane=Wanted(
            market=market,
            service=Service(service),
            from_country=from_country,
            refusable=tuple(dict.fromkeys(refusable)),
            weight_grams=weight_grams,
        ),
    )
