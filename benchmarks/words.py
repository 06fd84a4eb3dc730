"""The words of the generated library: markets, categories, typed attributes and their values."""

import random
from dataclasses import dataclass, field
from typing import Any, Literal

MARKETS = (
    "US", "CA", "MX", "BR", "GB", "IE", "DE", "FR", "IT", "ES", "NL", "BE", "PL", "SE", "DK",
    "AT", "CH", "NO", "TR", "SA", "AE", "IL", "ZA", "NG", "IN", "ID", "MY", "PH", "SG", "TH",
    "VN", "CN", "HK", "TW", "JP", "KR", "AU", "NZ",
)  # fmt: skip
CATEGORIES = (
    "apparel", "footwear", "accessories", "jewellery", "cosmetics", "fragrance", "toys",
    "childrens_products", "radio_electronics", "lithium_batteries", "nicotine", "laser_pointers",
    "knives", "medical_devices", "books", "dietary_supplements", "alcohol", "furniture",
    "sporting_goods", "musical_instruments", "kitchenware", "pet_products", "garden_tools",
    "drones",
)  # fmt: skip
AS_OF = "2026-11-22"
READ_ON = "2026-06-01"
# Facts that have a field of their own in a request; all others stand under `attributes`.
OWN_FIELDS = frozenset(
    {"origin", "established_in", "kind", "shipped_by", "importer", "units_per_consignment"}
)
VARIETIES = tuple(f"variety_{number}" for number in range(300))
SUBSTANCES = tuple(f"substance_{number}" for number in range(200))


@dataclass(frozen=True)
class Kind:
    """An attribute: its type, and the values (or thresholds) that rules and requests draw from."""

    name: str
    of: Literal["product", "seller", "offer"]
    type: Literal["boolean", "number", "integer", "choice", "country"]
    values: tuple[Any, ...] = field(default=())

    @property
    def declaration(self) -> str:
        values = f", values: [{', '.join(self.values)}]" if self.type == "choice" else ""
        minimum = ", minimum: 0" if self.type in ("number", "integer") else ""
        return f"{{of: {self.of}, type: {self.type}, title: {self.name}{values}{minimum}}}"

    def value(self, chooser: random.Random) -> Any:
        """A value as a request declares it."""
        match self.type:
            case "boolean":
                return chooser.random() < 0.3
            case "choice":
                return chooser.choice(self.values)
            case "country":
                return chooser.choice([place for place in self.values if place != "EU"])
        # On, below and above the thresholds alike.
        bound = chooser.choice(self.values)
        near = bound * chooser.choice([0.3, 1, 1, 2.5])
        return round(near, 2) if self.type == "number" else max(1, int(near))

    def literal(self, chooser: random.Random) -> tuple[str, str, str]:
        """A condition on it: the YAML, a value under which it holds, one under which it fails."""
        match self.type:
            case "boolean":
                yes = "true" if chooser.random() < 0.85 else "false"
                return f"{self.name}: {yes}", yes, "false" if yes == "true" else "true"
            case "choice" | "country":
                most = len(self.values) - 1
                some = chooser.sample(self.values, min(most, chooser.choice([1, 1, 2, 3])))
                # The bloc is no country, and its members must not stand in for "another country".
                rest = [v for v in self.values if v not in some and v not in ("EU", "DE", "FR")]
                yes = "DE" if some[0] == "EU" else some[0]
                text = some[0] if len(some) == 1 else f"{{in: [{', '.join(some)}]}}"
                return f"{self.name}: {text}", yes, chooser.choice(rest)
        bound = chooser.choice(self.values)
        low, high = str(bound / 2 if self.type == "number" else bound // 2), str(bound * 2)
        operator = chooser.choice(["gt", "gt", "gte", "lt", "lte"])
        upward = operator.startswith("g")
        text = f"{self.name}: {{{operator}: {bound}}}"
        return text, high if upward else low, low if upward else high


def _of_product(type_: Any, **kinds: tuple[Any, ...]) -> list[Kind]:
    return [Kind(name, "product", type_, values) for name, values in kinds.items()]


_PLACES = ("US", "CN", "EU", "DE", "FR", "GB", "IN", "JP", "VN", "KR", "TR", "MX")

ATTRIBUTES = [
    *_of_product(
        "boolean",
        contains_radio=(), contains_lithium_battery=(), contains_button_cell=(), mains_powered=(),
        contains_wildlife=(), branded_by_third_party=(), pfas_added=(), contains_fragrance=(),
        touches_food=(), connects_to_internet=(), resembles_firearm=(), flammable=(),
    ),
    *_of_product(
        "number",
        battery_wh=(20, 100, 160), emission_mw=(1, 5, 500), abv_percent=(0.5, 1.2, 24, 70),
        noise_db=(60, 85), nickel_ug=(0.2, 0.5),
    ),
    *_of_product(
        "integer", age_from_months=(36, 72, 96, 168), blade_mm=(60, 75, 120), power_watts=(10, 75)
    ),
    *_of_product(
        "choice",
        material=("cotton", "wool", "leather", "polyester", "steel", "wood", "glass", "ceramic"),
        purpose=("adults", "teens", "children", "infants", "pets", "professionals"),
        claim=("none", "medical", "organic", "recycled", "sun_protection", "vegan"),
        condition=("new", "used", "refurbished"),
        packaging=("paper", "plastic", "glass_jar", "aerosol"),
    ),
    *_of_product("country", origin=_PLACES),
    Kind("established_in", "seller", "country", _PLACES),
    Kind("kind", "seller", "choice", ("creator", "brand", "retailer", "manufacturer")),
    Kind("annual_turnover", "seller", "integer", (10_000, 100_000, 2_000_000)),
    Kind("shipped_by", "offer", "choice", ("post", "express", "freight")),
    Kind("importer", "offer", "choice", ("consumer", "seller", "local_company")),
    Kind("units_per_consignment", "offer", "integer", (1, 3, 10, 50)),
]  # fmt: skip
