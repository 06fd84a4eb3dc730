"""Generated requests: the facts that every engine is asked about."""

import random
from typing import Any

from generate import Generator
from vocabulary import PERMITS_A_MARKET, permit
from words import AS_OF, CATEGORIES, MARKETS, OWN_FIELDS, SUBSTANCES, VARIETIES

from governance.rules.model import Library

_MISSING = 0.12


def requests(
    generator: Generator, library: Library, count: int, import_mode: str | None
) -> list[dict[str, Any]]:
    """Requests for all markets: every category in turn, about an eighth of the facts missing.

    Declared is only what some rule of the category looks at, as the catalogue asks (anything else
    that is declared true would send the product to a person), and what selective rules ask for.
    """
    chooser = random.Random("requests")
    looked_at = {
        (category, name)
        for rule in library.rules["sale"]
        for category in rule.categories
        for name in rule.attributes
    }
    made = []
    for index in range(count):
        category = CATEGORIES[index % len(CATEGORIES)]
        declared: dict[str, dict[str, Any]] = {"product": {}, "seller": {}, "offer": {}}
        for kind in generator.attributes_of[category]:
            value = kind.value(chooser)
            if chooser.random() >= _MISSING and (category, kind.name) in looked_at:
                declared[kind.of][kind.name] = value
        declared["product"] |= {
            "variety": chooser.choice(VARIETIES),
            "substances": chooser.sample(SUBSTANCES, chooser.randint(0, 3)),
            "weight_grams": chooser.randint(10, 9_000),
        }
        product = {"id": f"p-{index}", "title": f"Product {index}", "category": category}
        made.append(
            {
                "as_of": AS_OF,
                "product": product | _placed(declared["product"]),
                "seller": {"id": f"s-{index % 7}"} | _placed(declared["seller"]),
                "offer": {"import_mode": import_mode} | _placed(declared["offer"]),
                "markets": list(MARKETS),
                "evidence": _evidence(chooser),
            }
        )
    return made


def _placed(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts where a request has them: in a field of their own, or under `attributes`."""
    own = {name: value for name, value in facts.items() if name in OWN_FIELDS}
    return own | {"attributes": {name: facts[name] for name in facts if name not in own}}


def _evidence(chooser: random.Random) -> list[dict[str, Any]]:
    """Up to 40 papers of the 228 that rules ask for, some of them expired."""
    every = [permit(market, number) for market in MARKETS for number in range(PERMITS_A_MARKET)]
    return [
        {
            "type": paper,
            "valid_from": "2026-01-01",
            "valid_to": chooser.choice([None, "2027-12-31", "2026-06-30"]),
            "reference": f"R-{number}",
        }
        for number, paper in enumerate(chooser.sample(every, chooser.randint(0, 40)))
    ]
