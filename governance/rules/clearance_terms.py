"""Reads the terms of a clearance scheme: value limits, tax, duty, fees, amounts of money."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from governance.markets.money import currency_codes, is_currency, minor_digits
from governance.markets.schemes import (
    Basis,
    Collected,
    Duty,
    DutyKind,
    Fee,
    Reach,
    Tax,
    ValueLimit,
)
from governance.rules import reading
from governance.rules.problems import did_you_mean
from governance.rules.reading import Problems, Unreadable
from governance.rules.rule_reader import word
from governance.rules.yaml_text import Entries, Node

_BOUNDS = ("over", "up_to", "below")
# What each kind of duty is worked out from, and what it may be given besides.
_DUTY_TERMS: dict[str, tuple[set[str], set[str]]] = {
    "none": (set(), set()),
    "ad_valorem_declared": (set(), {"on"}),
    "flat_percent": ({"percent"}, {"on", "amount", "currency"}),
    "per_item": ({"amount", "currency"}, set()),
}


def value_limit(node: Node, problems: Problems) -> ValueLimit:
    """`{up_to: 150, currency: EUR}`: amounts as the law states them. Raises Unreadable."""
    found = reading.entries(node, problems, required=["currency"], optional=["per", "of", *_BOUNDS])
    code = currency(found.values["currency"])
    limit = ValueLimit(
        currency=code,
        per=_given(found, "per", word(Reach, "reach of a limit"), "consignment"),
        of=_given(found, "of", word(Basis, "basis"), "goods"),
        **{name: _given(found, name, minor(code)) for name in _BOUNDS},
    )
    if limit.up_to is not None and limit.below is not None:
        raise Unreadable(found.place, "a limit with two upper bounds", "keep one of them")
    ceiling = limit.up_to if limit.below is None else limit.below
    if ceiling is None and limit.over is None:
        raise Unreadable(
            found.place, "a limit that limits nothing", "add `up_to`, `below` or `over`"
        )
    if ceiling is not None and limit.over is not None and ceiling <= limit.over:
        raise Unreadable(
            found.values["over"].place,
            "`over` must be less than the upper bound",
            "no value can be both above the one and within the other",
        )
    return limit


def tax(node: Node, problems: Problems) -> Tax:
    """`{collected: at_sale}`, with a `percent` unless it is the market's own. Raises Unreadable."""
    found = reading.entries(node, problems, required=["collected"], optional=["percent"])
    read = Tax(
        collected=word(Collected, "way to collect a tax")(found.values["collected"]),
        percent=_given(found, "percent", percentage),
    )
    if read.collected == "none" and read.percent is not None:
        raise Unreadable(
            found.keys["percent"].place,
            "a tax that is not collected has a rate",
            "drop `percent`, or say where the tax is collected",
        )
    return read


def duty(node: Node, problems: Problems) -> Duty:
    """`{kind: per_item, amount: 3, currency: EUR}`. Raises Unreadable."""
    found = reading.entries(
        node, problems, required=["kind"], optional=["percent", "amount", "currency", "on"]
    )
    kind = word(DutyKind, "kind of duty")(found.values["kind"])
    needed, allowed = _DUTY_TERMS[kind]
    given = found.keys.keys() - {"kind"}
    for name in sorted(given - needed - allowed):
        raise Unreadable(
            found.keys[name].place,
            f"`{name}` has no place in a duty of kind `{kind}`",
            f"drop `{name}`, or take another kind",
        )
    if missing := sorted(needed - given):
        raise Unreadable(
            found.place, f"a duty of kind `{kind}` has no `{missing[0]}`", f"add `{missing[0]}`"
        )
    if len(given & {"amount", "currency"}) == 1:
        raise Unreadable(
            found.place, "an amount and its currency go together", "give both, or neither"
        )
    code = _given(found, "currency", currency)
    return Duty(
        kind=kind,
        percent=_given(found, "percent", percentage),
        amount=_given(found, "amount", minor(code)) if code else None,
        currency=code,
        on=_given(found, "on", word(Basis, "basis"), "goods_and_freight"),
    )


def fee(node: Node, problems: Problems) -> Fee:
    """A charge of customs: an amount, or a percentage of the goods. Raises Unreadable."""
    found = reading.entries(
        node,
        problems,
        required=["title", "currency"],
        optional=["amount", "percent", "at_least", "at_most"],
    )
    code = currency(found.values["currency"])
    read = Fee(
        title=reading.text(found.values["title"]),
        currency=code,
        amount=_given(found, "amount", minor(code), 0),
        percent=_given(found, "percent", percentage, 0.0),
        at_least=_given(found, "at_least", minor(code)),
        at_most=_given(found, "at_most", minor(code)),
    )
    if bool(read.amount) == bool(read.percent):
        raise Unreadable(found.place, "a fee is an amount or a percentage", "give one of the two")
    if read.at_least is not None and read.at_most is not None and read.at_most < read.at_least:
        raise Unreadable(
            found.values["at_most"].place, "`at_most` is less than `at_least`", "exchange the two"
        )
    return read


def percentage(node: Node) -> float:
    """A rate above 0 and at most 1000 %. Raises Unreadable."""
    read = reading.number(node)
    if not 0 < read <= 1000:
        raise Unreadable(node.place, f"{read} is no rate", "per cent, above 0 and at most 1000")
    return float(read)


def currency(node: Node) -> str:
    """A currency of ISO 4217. Raises Unreadable."""
    code = reading.text(node, "a currency")
    if not is_currency(code):
        raise Unreadable(
            node.place,
            f"unknown currency `{code}`",
            did_you_mean(code.upper(), currency_codes()) or "a code of ISO 4217, as in EUR",
        )
    return code


def minor(code: str) -> Callable[[Node], int]:
    """Reads an amount above 0, as the law writes it, in minor units of the currency."""
    digits = minor_digits(code)

    def read(node: Node) -> int:
        reading.number(node)
        written = reading.scalar(node, "an amount").text
        amount = Decimal(written).scaleb(digits)
        if amount <= 0:
            raise Unreadable(node.place, f"{written} is no amount", "an amount above 0")
        if amount != int(amount):
            raise Unreadable(
                node.place,
                f"{written} is finer than the minor unit of {code}",
                f"{digits} decimals at most",
            )
        return int(amount)

    return read


def _given(found: Entries, name: str, how: Callable[[Node], Any], default: Any = None) -> Any:
    """The value of a key, the default where it is left out. Raises Unreadable."""
    return how(found.values[name]) if name in found.values else default
