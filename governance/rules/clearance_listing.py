"""Shows clearance schemes: as JSON, and in the words of a table."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from governance.markets.money import minor_digits
from governance.markets.schemes import Duty, Scheme, Tax, ValueLimit


def scheme_json(scheme: Scheme) -> dict[str, Any]:
    """A scheme's row as JSON: amounts in minor units, the days it takes as [P10, P50, P90]."""
    written = asdict(scheme)
    start, end = written.pop("start"), written.pop("end")
    written["source"]["read_on"] = scheme.source.read_on.isoformat()
    return written | {"from": start.isoformat(), "to": end.isoformat() if end else None}


def in_words(scheme: Scheme) -> tuple[str, ...]:
    """Title, way in, limit, tax, duty, registrations, source and certainty, each in words."""
    return (
        scheme.title,
        scheme.import_mode,
        limit_in_words(scheme.limit) if scheme.limit else "none",
        tax_in_words(scheme.tax),
        duty_in_words(scheme.duty),
        ", ".join(one.title for one in scheme.requires) or "none",
        scheme.source.url,
        scheme.source.certainty,
    )


def limit_in_words(limit: ValueLimit) -> str:
    """`over CAD 40, up to CAD 150 a consignment`."""
    bounds = (("over", limit.over), ("below", limit.below), ("up to", limit.up_to))
    said = [f"{word} {_money(amount, limit.currency)}" for word, amount in bounds if amount]
    freight = " with freight" if limit.of == "goods_and_freight" else ""
    return f"{', '.join(said)} {'an item' if limit.per == 'item' else 'a consignment'}{freight}"


def tax_in_words(tax: Tax) -> str:
    """`20 % at sale`."""
    if tax.collected == "none":
        return "none"
    rate = "rate not on file" if tax.percent is None else f"{tax.percent:g} %"
    return f"{rate} {tax.collected.replace('_', ' ')}"


def duty_in_words(duty: Duty) -> str:
    """`60 % less USD 20`."""
    amount = _money(duty.amount, duty.currency) if duty.amount and duty.currency else ""
    match duty.kind:
        case "per_item":
            return f"{amount} a tariff line"
        case "flat_percent":
            return f"{duty.percent:g} %" + (f" less {amount}" if amount else "")
        case "ad_valorem_declared":
            return "as declared"
        case _:
            return "none"


def _money(minor: int, currency: str) -> str:
    amount = Decimal(minor).scaleb(-minor_digits(currency))
    return f"{currency} {amount:,.{0 if amount == int(amount) else minor_digits(currency)}f}"
