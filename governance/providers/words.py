"""The words of the registry that no ruleset declares: dangerous goods, modes, metrics, licences."""

from typing import Literal

DANGEROUS_GOODS = {
    "aerosols": "Aerosols (UN1950)",
    "alcohol_over_24_percent": "Alcoholic beverages with more than 24 % alcohol (UN3065)",
    "corrosives": "Corrosive substances (class 8)",
    "dry_ice": "Carbon dioxide, solid (UN1845)",
    "explosives": "Explosives, fireworks among them (class 1)",
    "flammable_liquids": "Flammable liquids (class 3)",
    "lithium_cells_in_equipment": "Lithium cells contained in equipment (UN3091, UN3481)",
    "lithium_cells_loose": "Lithium cells by themselves, power banks too (UN3090, UN3480)",
    "lithium_cells_packed_with_equipment": "Lithium cells beside their equipment (UN3091, UN3481)",
    "magnetized_material": "Magnetized material (UN2807)",
    "nail_polish": "Paint and related material, nail polish among it (UN1263)",
    "perfume": "Perfumery products with flammable solvents (UN1266)",
    "toxic_substances": "Toxic substances (division 6.1)",
}
"""What a carrier may refuse beside the categories of the release, which say what a product is, not
how it has to be packed: https://unece.org/transport/dangerous-goods (UN Model Regulations, 3.2)."""

KINDS = {
    "alcohol": ("alcohol_over_24_percent",),
    "fragrance": ("perfume",),
    "lithium_batteries": ("lithium_cells_loose",),
}
"""Dangerous goods that goods of a category are, unless they are something milder: who refuses them
cannot be taken for somebody who takes the category."""

# fmt: off
UN_CLASSES = (
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3",
    "5.1", "5.2", "6.1", "6.2", "7", "8", "9",
)
# fmt: on
"""Classes and divisions of dangerous goods (UN Model Regulations, 2.0.1.1)."""

TEMPERATURES = ("ambient", "chilled", "frozen")

MODES = ("sea", "rail", "road", "air_cargo", "air_passenger", "post")
"""Modes of transport as UN/ECE Recommendation 19 has them, but with two for the air: a passenger
aircraft may not carry all that a cargo aircraft may."""

METRICS: dict[str, Literal["rate", "hours", "days"]] = {
    "on_time_delivery": "rate",
    "valid_tracking": "rate",
    "cancellation": "rate",
    "loss_damage": "rate",
    "customs_within_48h": "rate",
    "customs_dwell_hours": "hours",
    "inventory_accuracy": "rate",
    "claim_answered_48h": "rate",
    "return_turnaround_days": "days",
    "return_within_14d": "rate",
}
"""What a provider can promise, and its unit; a rate is a fraction from 0 to 1."""

LICENCES = {
    "bonded_warehouse": "May hold goods on which no duty has been paid",
    "customs_broker": "May declare goods to customs for others",
    "freight_forwarder": "May forward freight, or carry it in its own name",
    "postal_operator": "May run a post",
    "road_haulier": "May carry goods by road for others",
    "authorised_economic_operator": "Is trusted by customs (SAFE Framework of the WCO)",
}
"""Licences of providers beside the evidence types of the release, which are a seller's papers."""
