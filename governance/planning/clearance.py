"""What clearing one consignment costs under each scheme of its market, and which is cheapest."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from governance.errors import FieldError, InvalidRequest
from governance.markets.law import Certainty
from governance.markets.money import NoRate, Rates, minor_digits
from governance.markets.schemes import Basis, Scheme, ValueLimit


@dataclass(frozen=True)
class Consignment:
    """Goods of one kind that cross the border of `market` together on `day`.

    `goods_value` and `freight` are minor units of `currency` for the whole consignment of `units`
    items; `categories` is the product's category with everything above it; `duty_percent` is the
    ad valorem rate that the seller or its broker declares, None where it did not; `held` are the
    evidence types that are held; `origin` is where the goods were made, `ships_from` where they
    set out (None: not known).
    """

    market: str
    day: date
    import_mode: str
    categories: tuple[str, ...]
    goods_value: int
    currency: str
    units: int
    freight: float
    origin: str
    duty_percent: float | None
    held: frozenset[str]
    rates: Rates
    ships_from: str | None = None


@dataclass(frozen=True)
class Clearing:
    """A consignment under one scheme; amounts are minor units of its currency, as a whole.

    `landed_cost` is goods, freight, duty, tax and fees; what cannot be worked out is infinite,
    never free, and `why_not` says what is wanting. `missing_evidence` names evidence types,
    `missing_facts` what to declare (`duty_rates/FR`) or to have on file (`exchange_rates/NOK`).
    """

    scheme: Scheme
    available: bool
    why_not: tuple[str, ...]
    missing_evidence: tuple[str, ...]
    missing_facts: tuple[str, ...]
    duty: float
    tax: float
    fees: float
    landed_cost: float
    lead_days: tuple[float, float, float]
    currency: str

    @property
    def certainty(self) -> Certainty:
        """How sure the law behind it is; `low` is to be shown to whoever relies on it."""
        return self.scheme.certainty


@dataclass
class _Account:
    """What speaks against a scheme for one consignment, while it is worked out."""

    scheme: Scheme
    consignment: Consignment
    why_not: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    def into(self, minor: float, of: str, to: str) -> float:
        """An amount in another currency; infinite, and noted, where there is no rate."""
        try:
            return self.consignment.rates.convert(minor, of, to)
        except NoRate as no_rate:
            known = {self.consignment.rates.base, *self.consignment.rates.per_base}
            fact = f"exchange_rates/{to if of in known else of}"
            if fact not in self.facts:
                self.facts.append(fact)
                self.why_not.append(no_rate.detail)
            return math.inf

    def value(self, basis: Basis) -> float:
        freight = self.consignment.freight if basis == "goods_and_freight" else 0
        return self.consignment.goods_value + freight


def clearings(schemes: Sequence[Scheme], consignment: Consignment) -> list[Clearing]:
    """Every scheme for the consignment's import mode: available first, by landed cost, then P90.

    Raises InvalidRequest where the consignment makes no sense: no units, a negative amount.
    """
    _check(consignment)
    found = [
        _clearing(scheme, consignment)
        for scheme in schemes
        if scheme.import_mode == consignment.import_mode
    ]
    return sorted(
        found, key=lambda one: (not one.available, one.landed_cost, one.lead_days[2], one.scheme.id)
    )


def chosen(found: Sequence[Clearing], lead_limit: float | None = None) -> Clearing | None:
    """The cheapest available clearing whose P90 lead is within `lead_limit` days, if any is."""
    return next(iter(_open(found, lead_limit)), None)


def why(found: Sequence[Clearing], lead_limit: float | None = None) -> str:
    """In one sentence why `chosen` takes the clearing that it takes, or why there is none."""
    ways = _open(found, lead_limit)
    within = "" if lead_limit is None else f" within {lead_limit:g} days"
    if not ways:
        if not found:
            return "No way through customs is on file for this import mode."
        if any(one.available for one in found):
            return f"No way through customs is done{within}."
        nearest = min(found, key=lambda one: len(one.why_not))
        reason = nearest.why_not[0].rstrip(".")
        return f"No way through customs is open; nearest is {nearest.scheme.title}: {reason}."
    taken = ways[0]
    unsure = " (its law is of low certainty)" if taken.certainty == "low" else ""
    if len(ways) == 1:
        return f"{taken.scheme.title} is the only way through customs that is open{within}{unsure}."
    saved = ways[1].landed_cost - taken.landed_cost
    next_best = ways[1].scheme.title
    if saved < 0.5:
        sooner = ", and sooner done" if taken.lead_days[2] < ways[1].lead_days[2] else ""
        return f"Cheapest of {len(ways)}{within}, level with {next_best}{sooner}{unsure}."
    return (
        f"Cheapest of {len(ways)}{within}: {_money(saved, taken.currency)} less than "
        f"{next_best}{unsure}."
    )


def _open(found: Sequence[Clearing], lead_limit: float | None) -> list[Clearing]:
    return [
        one
        for one in found
        if one.available and (lead_limit is None or one.lead_days[2] <= lead_limit)
    ]


def _clearing(scheme: Scheme, consignment: Consignment) -> Clearing:
    account = _Account(scheme, consignment)
    account.why_not += _not_meant_for(scheme, consignment)
    if scheme.limit is not None:
        account.why_not += _beyond(scheme.limit, account)
    if scheme.shipped_from and consignment.ships_from is None:
        account.facts.append("ships_from")
        account.why_not.append(
            f"Say where the goods set out: it is for goods from {_listed(scheme.shipped_from)}."
        )
    for registration in scheme.requires:
        if registration.evidence not in consignment.held:
            account.evidence.append(registration.evidence)
            account.why_not.append(f"Not held: {registration.title}.")
    duty = _duty(account)
    tax = _tax(account, duty)
    fees = _fees(account)
    return Clearing(
        scheme=scheme,
        available=not account.why_not,
        why_not=tuple(account.why_not),
        missing_evidence=tuple(account.evidence),
        missing_facts=tuple(account.facts),
        duty=duty,
        tax=tax,
        fees=fees,
        landed_cost=account.value("goods_and_freight") + duty + tax + fees,
        lead_days=scheme.days,
        currency=consignment.currency,
    )


def _not_meant_for(scheme: Scheme, consignment: Consignment) -> Iterator[str]:
    """Why a scheme is not for these goods on this day, whatever they are worth."""
    if not scheme.in_force_on(consignment.day):
        state = "suspended" if scheme.status == "suspended" else "not in force"
        yield f"It is {state} on {consignment.day}."
    lineage = set(consignment.categories)
    if scheme.only and lineage.isdisjoint(scheme.only):
        yield f"It is only for {_listed(scheme.only)}."
    excluded = [category for category in scheme.excludes if category in lineage]
    if excluded:
        yield f"As it is on file, it does not cover {_listed(excluded)}."
    if scheme.origins and consignment.origin not in scheme.origins:
        yield f"It is only for goods made in {_listed(scheme.origins)}."
    if consignment.origin in scheme.not_origins:
        yield f"It is not for goods made in {consignment.origin}."
    sets_out = consignment.ships_from
    if scheme.shipped_from and sets_out is not None and sets_out not in scheme.shipped_from:
        yield f"It is only for goods sent from {_listed(scheme.shipped_from)}."


def _beyond(limit: ValueLimit, account: _Account) -> Iterator[str]:
    """Why a consignment's value is outside a scheme's limit, in the limit's own currency."""
    parts = account.consignment.units if limit.per == "item" else 1
    value = account.into(account.value(limit.of), account.consignment.currency, limit.currency)
    if math.isinf(value):
        return
    what = "An item" if limit.per == "item" else "The consignment"
    with_freight = " with freight" if limit.of == "goods_and_freight" else ""
    worth = f"{what}{with_freight} is worth {_money(value / parts, limit.currency)}"
    # The bound is taken times the units, so that nothing is lost in dividing the value by them.
    if limit.up_to is not None and value > limit.up_to * parts:
        yield f"{worth}; the limit is {_money(limit.up_to, limit.currency)}."
    if limit.below is not None and value >= limit.below * parts:
        yield f"{worth}; it must be below {_money(limit.below, limit.currency)}."
    if limit.over is not None and value <= limit.over * parts:
        yield f"{worth}; it must be over {_money(limit.over, limit.currency)}."


def _duty(account: _Account) -> float:
    """The duty in minor units of the consignment's currency; infinite where it is not known."""
    duty, consignment = account.scheme.duty, account.consignment
    amount = 0.0
    if duty.amount is not None and duty.currency is not None:
        amount = account.into(duty.amount, duty.currency, consignment.currency)
    match duty.kind:
        case "none":
            return 0.0
        case "per_item":
            return amount
        case "flat_percent" if duty.percent is not None:
            if math.isinf(amount):
                return math.inf
            return max(0.0, account.value(duty.on) * duty.percent / 100 - amount)
        case "ad_valorem_declared" if consignment.duty_percent is not None:
            return account.value(duty.on) * consignment.duty_percent / 100
        case _:
            account.facts.append(f"duty_rates/{consignment.market}")
            account.why_not.append(
                f"Declare the duty rate of the goods in {consignment.market}: unknown is not free."
            )
            return math.inf


def _tax(account: _Account, duty: float) -> float:
    tax = account.scheme.tax
    if tax.collected == "none":
        return 0.0
    if tax.percent is None:
        account.why_not.append(
            f"The standard rate of import tax in {account.consignment.market} is not on file."
        )
        return math.inf
    return (account.value("goods_and_freight") + duty) * tax.percent / 100


def _fees(account: _Account) -> float:
    total = 0.0
    home = account.consignment.currency
    for fee in account.scheme.fees:
        charge = account.into(fee.amount, fee.currency, home)
        charge += account.value("goods") * fee.percent / 100
        if fee.at_least is not None:
            charge = max(charge, account.into(fee.at_least, fee.currency, home))
        if fee.at_most is not None:
            charge = min(charge, account.into(fee.at_most, fee.currency, home))
        total += charge
    return total


def _check(consignment: Consignment) -> None:
    errors = []
    if consignment.units < 1:
        errors.append(FieldError("/units", "There are no units", "Give 1 or more"))
    amounts: dict[str, float | None] = {
        "goods_value": consignment.goods_value,
        "freight": consignment.freight,
        "duty_percent": consignment.duty_percent,
    }
    for name, amount in amounts.items():
        if amount is not None and not (math.isfinite(amount) and amount >= 0):
            errors.append(FieldError(f"/{name}", f"{amount!r} is no amount", "Give 0 or more"))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)


def _money(minor: float, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{currency} {Decimal(minor).scaleb(-digits):,.{digits}f}"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)
