"""What each provider of the starter set does in the demo: flows of shipments, all made up."""

from dataclasses import dataclass

DAYS = 120
"""So many days of shipments there are, up to the instant of the demo."""


@dataclass(frozen=True)
class Flow:
    """Shipments of a service into markets (none named: every one that the provider serves).

    So many `shipments` a market, spread evenly over the days `first` to `last` of `DAYS`. The
    shares say how many of them go wrong; `counts` are stock counts beside them, over all days.
    """

    service: str
    markets: tuple[str, ...] = ()
    shipments: int = 0
    first: int = 0
    last: int = DAYS
    late: float = 0.0
    lost: float = 0.0
    untracked: float = 0.0
    cancelled: float = 0.0
    counts: int = 0
    miscounted: float = 0.0


# fmt: off
_ELSEWHERE = (
    "MX", "ZA", "IE", "FR", "IT", "ES", "BE", "PL", "SE", "DK", "AT", "CH", "NO", "TR", "SA", "AE",
    "IL", "NG", "IN", "ID", "MY", "PH", "SG", "TH", "VN", "CN", "HK", "TW", "JP", "KR", "AU", "NZ",
)

# A cancellation rate of at most 0.5 % (EU, GB) takes 539 flawless shipments in 90 days to prove:
# hence more than 6 a day there, and hardly a third of that where 2 % is asked.
FLOWS: dict[str, tuple[Flow, ...]] = {
    # Active: proven in some markets, on the way in others.
    "amazon-mcf": (
        Flow("fulfilment", ("US",), 330, late=0.02, lost=0.006, untracked=0.01, cancelled=0.003,
             counts=120, miscounted=0.01),
        Flow("fulfilment", ("CA", "AU"), 220, late=0.02, untracked=0.01, counts=90),
        Flow("fulfilment", ("JP",), 400, late=0.01, lost=0.005, untracked=0.01, counts=90),
        Flow("fulfilment", ("GB",), 740, late=0.008, lost=0.003, untracked=0.004, counts=90),
        Flow("fulfilment", ("DE", "FR"), 740, late=0.009, lost=0.003, untracked=0.005, counts=90),
        Flow("fulfilment", ("NL",), 300, late=0.01, counts=60),
        Flow("fulfilment", ("IE", "IT", "ES", "BE", "PL", "SE", "DK", "AT"), 48, counts=30),
        Flow("fulfilment", ("MX", "SA", "AE", "NZ"), 190, late=0.02, counts=80),
        Flow("returns", ("US", "DE", "GB"), 90, late=0.023),
        Flow("returns", ("CA", "FR", "IT", "ES", "JP"), 16),
    ),
    # Probation: active once, then late for certain with the parcels of one market.
    "flexport": (
        Flow("line_haul", shipments=64, late=0.015),
        Flow("last_mile", ("DE", "NL"), 740, late=0.008, lost=0.002, untracked=0.01),
        Flow("last_mile", ("IT", "BE", "ES", "PL"), 90, late=0.008, untracked=0.01),
        Flow("last_mile", ("FR",), 610, last=94, late=0.008, lost=0.003, untracked=0.01),
        Flow("last_mile", ("FR",), 160, first=94, late=0.35, untracked=0.01),
        Flow("fulfilment", shipments=260, late=0.02, lost=0.008, untracked=0.01, cancelled=0.004,
             counts=120, miscounted=0.01),
        Flow("customs_brokerage", shipments=60, late=0.017),
    ),
    # Provisional: too few shipments to prove anything anywhere.
    "maersk": (
        Flow("line_haul", shipments=16),
        Flow("last_mile", shipments=30, late=0.034, untracked=0.034),
        Flow("customs_brokerage", shipments=18),
    ),
    # Suspended: of what went to one market every other parcel was lost or damaged.
    "shopify-fulfilment": (
        Flow("fulfilment", ("US",), 330, late=0.03, untracked=0.01, cancelled=0.006, counts=120,
             miscounted=0.025),
        Flow("fulfilment", ("CA", "GB", "NL", "DE"), 90, late=0.03, untracked=0.02, counts=60),
        Flow("fulfilment", _ELSEWHERE, 12, late=0.03),
        Flow("fulfilment", ("BR",), 40, first=56, last=100, lost=0.5),
        Flow("returns", ("US",), 150, late=0.02),
        Flow("returns", ("CA", "GB", "NL", "DE", "FR"), 64),
    ),
    # An applicant: nobody hands it anything yet.
    "cainiao": (),
}
# fmt: on
