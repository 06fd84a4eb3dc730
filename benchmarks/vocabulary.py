"""The vocabulary files that every generated library shares."""

from collections.abc import Iterator

from words import ATTRIBUTES, CATEGORIES, MARKETS, SUBSTANCES, VARIETIES

PERMITS_A_MARKET = 6


def vocabulary_files() -> dict[str, str]:
    """The vocabulary that every generated library shares."""
    files = {
        "categories.yaml": ["categories:", *(f"  {c}: {{title: {c}}}" for c in CATEGORIES)],
        "attributes/all.yaml": ["attributes:", *_attributes()],
        "blocs.yaml": [
            "blocs:", "  EU:", "    title: European Union", "    members:",
            *(f"      {m}: {{from: 2004-05-01}}" for m in MARKETS if m in _EU),
        ],
        "import_modes.yaml": [
            "import_modes:",
            "  commercial: {title: Stock for sale, markets: all}",
            "  personal_parcel: {title: Parcel for own use, markets: all}",
            "  cbec: {title: Positive list, markets: [CN]}",
        ],
        "evidence/all.yaml": [
            "evidence_types:",
            *(
                f"  {permit(market, n)}: {{title: Permit {n}, description: Generated}}"
                for market in MARKETS for n in range(PERMITS_A_MARKET)
            ),
        ],
    }  # fmt: skip
    return {f"vocabulary/{name}": "\n".join(lines) + "\n" for name, lines in files.items()}


_EU = frozenset(["IE", "DE", "FR", "IT", "ES", "NL", "BE", "PL", "SE", "DK", "AT"])


def _attributes() -> Iterator[str]:
    for kind in ATTRIBUTES:
        yield f"  {kind.name}: {kind.declaration}"
    yield (
        "  variety: {of: product, type: choice, title: Variety, "
        f"values: [{', '.join(VARIETIES)}]}}"
    )
    yield (
        "  substances: {of: product, type: set, title: Substances, "
        f"values: [none, {', '.join(SUBSTANCES)}]}}"
    )
    yield "  weight_grams: {of: product, type: integer, unit: g, minimum: 0, title: Weight}"
    yield (
        "  import_mode: {of: offer, type: choice, title: Way in, "
        "values: [commercial, personal_parcel, cbec]}"
    )


def permit(market: str, number: int) -> str:
    return f"{market.lower()}.permit.p{number}"
