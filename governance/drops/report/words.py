"""The words and figures of the report: verdicts and levels as people say them, money, counts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from governance.markets.money import minor_digits

SERVICES = {
    "fulfilment": "Fulfilment",
    "line_haul": "Line haul",
    "customs_brokerage": "Customs",
    "last_mile": "Last mile",
    "returns": "Returns",
}

NOT_SERVED = "not_served"
"""Not a verdict: the sale may be made, but the plan brings nothing there."""

VERDICTS = {
    "allowed": "open",
    NOT_SERVED: "allowed, but not served",
    "needs_evidence": "papers missing",
    "needs_facts": "facts missing",
    "needs_review": "needs review",
    "unknown": "not researched",
    "prohibited": "prohibited",
}
"""How a market stands, the mildest first."""

MENDS = {
    "needs_evidence": "Hand in the papers that are named.",
    "needs_facts": "Declare the facts that are named.",
    "needs_review": "Have a person look at it.",
    "unknown": "Have it researched: what is unknown is never taken for allowed.",
    "prohibited": "Nothing that can be handed in.",
}
"""What would open a market to which the sale gate gives such a verdict."""

GATE = {
    "allowed": "passes the drop gate",
    "needs_evidence": "does not pass yet: papers are missing",
    "needs_facts": "does not pass yet: facts are missing",
    "needs_review": "waits for a person’s review",
    "unknown": "does not pass: something was never researched",
    "prohibited": "does not pass: something is prohibited",
}

LEVELS = {
    "platform": "all",
    "country": "country",
    "category": "category",
    "creator": "creator",
}
"""Which past drops a country's rate is learnt from."""

MODES = {
    "commercial": "imported for sale",
    "personal_parcel": "parcel to the buyer",
    "cbec": "cross-border list",
}

PARTS = {"goods": "goods", "freight": "freight", "duty": "duty", "tax": "tax", "fees": "fees"}
"""The parts of a landed cost in the order in which they arise."""

NBSP = "\u00a0"
_WHOLE_FROM = 1000  # major units from which cents are noise


def gravest(verdicts: Sequence[str]) -> str:
    """The gravest of some verdicts, one at least."""
    return max(verdicts, key=list(VERDICTS).index)


def mildest(verdicts: Sequence[str]) -> str:
    """The mildest of some verdicts, one at least."""
    return min(verdicts, key=list(VERDICTS).index)


def money(minor: float, currency: str) -> str:
    """An amount with its code: `USD 12.34`; from a thousand on in whole units: `USD 12,340`."""
    digits = minor_digits(currency)
    major = minor / 10**digits
    if not minor or abs(major) >= _WHOLE_FROM:
        digits = 0
    sign = "\u2212" if round(major, digits) < 0 else ""
    return f"{sign}{currency}{NBSP}{abs(major):,.{digits}f}"


def count(number: float) -> str:
    """A whole number with thousands apart: `12,340`."""
    return f"{round(number):,}"


def large(number: float) -> str:
    """A number as one says it: `1.24 M`, `86 k`, `940`; to three figures."""
    for limit, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= limit * 0.9995:
            figure = f"{number / limit:.3g}"
            return f"{figure if 'e' not in figure else round(number / limit)}{NBSP}{unit}"
    return f"{number:.0f}"


def days(number: float) -> str:
    """A time in days, whole or to a tenth: `3`, `4.5`."""
    return _tenths(number)


def chain_word(step: Mapping[str, str]) -> str:
    """What a link of a chain does: `Last mile`."""
    return service_word(step["service"])


def service_word(service: str) -> str:
    """A service's word; of one that is new here, its name."""
    return SERVICES.get(service, service.replace("_", " "))


def word(code: str) -> str:
    """A code that has no sentence, readable: `plan_too_old` is `plan too old`."""
    return code.replace("_", " ")


def change_words(change: Mapping[str, str]) -> str:
    """What the drop gate asks to change: its sentence, else its word and its object."""
    return change.get("message") or f"{capital(word(change['change']))}: {change['what']}"


def capital(text: str) -> str:
    """The text with a capital at its start, abbreviations in it left as they are."""
    return text[:1].upper() + text[1:]


def day_of(value: str | date) -> date:
    """The day of an instant or a date, in text or not."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else datetime.fromisoformat(value).date()


def merged(sentences: Sequence[str]) -> list[str]:
    """Sentences with the same heading as one: `Needed: A.` and `Needed: B.` are `Needed: A; B.`"""
    found: dict[str, list[str]] = {}
    for sentence in dict.fromkeys(sentences):
        heading, colon, rest = sentence.partition(": ")
        found.setdefault(heading + colon, []).append(rest.removesuffix(".") if colon else rest)
    return [
        f"{head}{'; '.join(rest)}." if head.endswith(": ") else head for head, rest in found.items()
    ]


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a row, the first few of many: `Austria, Italy and 3 more`."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1}{NBSP}more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def verbal_ratio(ratio: float) -> str:
    """A critical ratio in words: in how many futures stock should suffice, and why so many."""
    often = f"It pays to meet all demand in {100 * ratio:.0f} of 100 futures"
    if not 0 < ratio < 1:
        return f"{often}."
    odds = ratio / (1 - ratio)
    if 0.95 <= odds <= 1.05:
        return f"{often}: a sale missed costs as much as a unit left over."
    if odds > 1:
        return f"{often}: a sale missed costs {_tenths(odds)} times what a unit left over does."
    return f"{often}: a unit left over costs {_tenths(1 / odds)} times what a sale missed does."


def _tenths(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def percent(rate: float) -> str:
    """A rate in per cent, to a tenth, near 0 and 1 to a hundredth; never rounded to all or none.

    The spaces are those at which no line is broken.
    """
    digits = 2 if 0 < min(rate, 1 - rate) < 0.001 else 1
    text = f"{100 * rate:.{digits}f}".rstrip("0").removesuffix(".")
    if text == "100" and rate < 1:
        return ">\u00a099.99\u00a0%"
    if text == "0" and rate > 0:
        return "<\u00a00.01\u00a0%"
    return f"{text}\u00a0%"
