"""A made-up drop of five products for 38 markets, in the shape that the planner gives."""

from typing import Any

AUDIENCE = {
    "US": 24_000_000, "GB": 5_200_000, "DE": 4_100_000, "BR": 3_900_000, "IN": 3_800_000,
    "CA": 3_100_000, "FR": 2_900_000, "AU": 2_400_000, "JP": 1_900_000, "IT": 1_500_000,
    "ES": 1_400_000, "NL": 1_200_000, "PL": 950_000, "SE": 800_000, "SA": 760_000,
    "SG": 640_000, "AT": 520_000, "BE": 500_000, "DK": 440_000, "IE": 420_000,
    "PT": 400_000, "FI": 360_000, "CZ": 330_000, "RO": 300_000, "GR": 280_000,
    "HU": 240_000, "BG": 140_000, "SK": 130_000, "HR": 120_000, "LT": 90_000,
    "SI": 70_000, "LV": 60_000, "EE": 60_000, "LU": 40_000, "CY": 40_000,
    "MT": 25_000,
}  # fmt: skip
"""Followers by country; two more candidates, CH and NO, have none."""

CANDIDATES = [*AUDIENCE, "CH", "NO"]
EU = set(CANDIDATES) - {"US", "GB", "BR", "IN", "CA", "AU", "JP", "SA", "SG", "CH", "NO"}
NODES = {
    "amazon-mcf/dallas": ("Dallas", "US", 32.78, -96.8, 400_000),
    "flexport/los-angeles": ("Los Angeles", "US", 33.94, -118.24, 2_000),
    "amazon-mcf/brampton": ("Brampton", "CA", 43.73, -79.76, 180_000),
    "amazon-mcf/coventry": ("Coventry", "GB", 52.41, -1.51, 2_300),
    "maersk/rotterdam": ("Rotterdam", "NL", 51.95, 4.14, 800_000),
    "amazon-mcf/leipzig": ("Leipzig", "DE", 51.34, 12.37, 350_000),
    "amazon-mcf/sydney": ("Sydney", "AU", -33.84, 150.87, 120_000),
    "amazon-mcf/odawara": ("Odawara", "JP", 35.26, 139.15, 220_000),
    "cainiao/hong-kong": ("Hong Kong", "HK", 22.31, 113.92, 300_000),
}
PRODUCTS = {
    "hoodie": ("Hoodie", 0.35, 6900, 2100),
    "lipstick": ("Matte lipstick", 0.2, 2400, 420),
    "speaker": ("Bluetooth speaker", 0.15, 8900, 3800),
    "plush": ("Plush toy", 0.2, 3200, 700),
    "perfume": ("Eau de parfum", 0.1, 9800, 2600),
}
DIGEST = "sha256:" + "4d" * 32
RELEASE = "sha256:" + "9a" * 32
DECISION = "01KAPS3Q6W2T9J5V8B4N7D1XRE"


def document(currency: str = "USD", products: int = 5) -> dict[str, Any]:
    return {
        "title": "Winter capsule",
        "creator": {"id": "creator-1", "established_in": "US", "kind": "creator", "tier": "star"},
        "currency": currency,
        "products": [
            {"id": name, "title": title, "category": "apparel", "price": price, "unit_cost": cost,
             "salvage": cost // 3, "weight_grams": 400, "ships_from": "US", "origin": "CN",
             "hs": "611020"}
            for name, (title, _, price, cost) in list(PRODUCTS.items())[:products]
        ],
        "audience": {country: {"followers": many} for country, many in AUDIENCE.items()},
        "channel": "live",
        "sale_from": "2026-11-27",
        "sale_to": "2026-12-24",
        "budget": 60_000_000,
        "service_level": {"in_stock": 0.9, "lead_days_p90": 12},
        "markets": "all",
    }  # fmt: skip


def plan(products: int = 5, nowhere: bool = False) -> dict[str, Any]:
    """The plan; with `nowhere` one in which no market is open."""
    made = [_product(name, nowhere) for name in list(PRODUCTS)[:products]]
    held: dict[str, int] = {}
    for one in made:
        for node in one["nodes"]:
            held[node["node"]] = held.get(node["node"], 0) + node["units"]
    return {
        "drop": "drp_01KAPRZ0000000000000000000", "title": "Winter capsule", "version": 3,
        "digest": DIGEST, "currency": "USD", "day": "2026-11-22", "seed": 7, "futures": 4000,
        "weeks": 4,
        "forecast": _forecast(),
        "products": made,
        "nodes": [{"node": n, "units": u, "capacity": NODES[n][4]} for n, u in held.items()],
        "totals": {
            "units": sum(one["stock"]["quantity"] for one in made),
            "stock_cost": sum(one["stock"]["quantity"] * PRODUCTS[one["product"]][3]
                              for one in made),
            "budget": 60_000_000,
            **{name: sum(one["stock"][name] for one in made)
               for name in ("expected_profit", "profit_p10", "profit_p50", "profit_p90")},
        },
        "sale": {one["product"]: _sale(one["product"], nowhere) for one in made},
        "assumptions": [
            "Delivery inside a country costs 10 % more for every 1,000 km.",
            "Lead times of a way’s legs add up quantile by quantile, an upper bound for P90.",
        ],
        "lineage": {
            "forecast": {"version": "1", "history_digest": "sha256:" + "c1" * 32},
            "facts": "sha256:" + "fa" * 32,
            "release": RELEASE,
            "standings": {
                "amazon-mcf": {"standing": "active", "decision_id": "01KAPS0000000000000000AMZN"},
                "flexport": {"standing": "probation", "decision_id": "01KAPS0000000000000000FLEX"},
                "maersk": {"standing": "provisional",
                           "decision_id": "01KAPS0000000000000000MAER"},
                "cainiao": {"standing": "active", "decision_id": "01KAPS0000000000000000CAIN",
                            "sample": True},
            },
            "exchange_rates": {"day": "2026-11-21", "source": "made-up rates", "sample": True},
        },
    }  # fmt: skip


def decision() -> dict[str, Any]:
    """What the drop gate said, spelled out."""
    return {
        "decision_id": DECISION,
        "as_of": "2026-11-27",
        "judged_on": "2026-11-22",
        "plan": DIGEST,
        "verdict": "needs_review",
        "reasons": [
            {"code": "review:drop.exposure", "message": "More than USD 250,000 is at stake."},
            {"code": "review:drop.thin", "message": "A customs scheme was thinly researched."},
        ],
        "approved_reasons": [],
        "markets": [
            {"market": "BR", "product": "hoodie", "verdict": "needs_review",
             "reasons": [{"code": "no_provider", "message": "Nobody brings the goods."}]},
            {"market": "DE", "product": "hoodie", "verdict": "needs_review", "reasons": []},
        ],
        "changes": [
            {"change": "review", "market": None, "product": None,
             "what": "review:drop.exposure",
             "message": "Have it reviewed: more than USD 250,000 is at stake."},
            {"change": "leave_out", "market": "BR", "product": "hoodie",
             "what": "BR", "message": "Leave out BR."},
        ],
        "stale": [],
    }  # fmt: skip


def changes() -> list[dict[str, Any]]:
    steps = [
        ("draft", "planned", None, "A plan was made.", "2026-11-22T09:12:00+00:00"),
        ("planned", "needs_review", DECISION, "Submitted.", "2026-11-22T09:40:00+00:00"),
    ]
    return [
        {"number": at, "from_state": before, "to_state": after, "decision_id": named,
         "actor": "portal", "reason": reason, "changed_at": when}
        for at, (before, after, named, reason, when) in enumerate(steps, 1)
    ]  # fmt: skip


def verdict_of(product: str, market: str) -> str:
    """What the sale gate says in this made-up world."""
    if market == "IN":
        return "prohibited"
    if market in ("CH", "NO"):
        return "unknown"
    if product == "perfume":
        return "prohibited" if market in ("SA", "BR") else "needs_evidence"
    if product == "lipstick" and market not in ("US", "CA", "GB"):
        return "needs_evidence"
    if product == "speaker":
        return "allowed" if market in ("US", "CA", "AU", "GB") else "needs_facts"
    return "needs_review" if market == "SG" else "allowed"


def _sale(product: str, nowhere: bool) -> list[dict[str, Any]]:
    found = []
    for market in CANDIDATES:
        verdict = "unknown" if nowhere else verdict_of(product, market)
        found.append(
            {"market": market, "first_day": verdict, "last_day": verdict,
             "import_modes": {"commercial": verdict, "personal_parcel": verdict},
             "regions": {"US-CA": "needs_review"} if (market, product) == ("US", "plush") else {},
             "reasons": [] if verdict == "allowed" else [f"The gate says: {verdict}."]}
        )  # fmt: skip
    return found


def _forecast() -> dict[str, Any]:
    countries = []
    for at, (country, audience) in enumerate(AUDIENCE.items()):
        rate = 0.034 - 0.0007 * at
        reached = [audience * share for share in (0.09, 0.21, 0.4)]
        visits = [one * 0.08 for one in reached]
        orders = [visits[1] * rate * spread for spread in (0.4, 1.0, 1.9)]
        countries.append(
            {"country": country, "audience": audience, "reached": _whole(reached),
             "visits": _whole(visits), "orders": _whole(orders),
             "returns": _whole([0.12 * one for one in orders]),
             "visited_rate": [0.05, 0.08, 0.11],
             "ordered_rate": [round(rate * spread, 4) for spread in (0.7, 1, 1.4)],
             "returned_rate": [0.08, 0.12, 0.17],
             "level": {"visits": "platform", "orders": "category" if at < 12 else "country",
                       "returns": "platform"},
             "orders_by_week": [_whole([one * share for one in orders])
                                for share in (0.55, 0.22, 0.14, 0.09)]}
        )  # fmt: skip
    total = {
        name: _whole([sum(one[name][at] for one in countries) for at in range(3)])
        for name in ("reached", "visits", "orders", "returns")
    }
    rests_on = {"reach": "past drops", "drops": 160, "sample_drops": 160}
    return {"rests_on": rests_on, "total": total, "countries": countries}


def _whole(values: list[float]) -> list[int]:
    return [round(one) for one in values]


def _product(product: str, nowhere: bool) -> dict[str, Any]:
    title, share, price, cost = PRODUCTS[product]
    opened = [m for m in AUDIENCE if not nowhere and verdict_of(product, m) == "allowed"]
    delivered = [market for market in opened if market != "MT"]
    by_market = {m: max(1, round(AUDIENCE[m] * 0.21 * 0.08 * 0.028 * share)) for m in delivered}
    ways = [_way(product, market, cost) for market in delivered]
    allocations = [
        {"node": way["node"], "market": way["market"], "customer": way["market"], "city": None,
         "units": by_market[way["market"]], "way": way["id"], "unit_cost": way["unit_cost"],
         "cost": way["unit_cost"] * by_market[way["market"]],
         "alternative": {"node": "maersk/rotterdam", "extra_cost": 14_400, "opens": True}}
        for way in ways
    ]  # fmt: skip
    held: dict[str, int] = {}
    for one in allocations:
        held[one["node"]] = held.get(one["node"], 0) + one["units"]
    quantity = sum(by_market.values())
    return {
        "product": product, "title": title, "share": share,
        "modes": {market: ["commercial", "personal_parcel"] for market in opened},
        "stock": {
            "quantity": quantity, "critical_ratio": 0.7812 if quantity else 0,
            "expected_profit": quantity * (price - cost) // 2,
            "profit_p10": -quantity * cost // 8, "profit_p50": quantity * (price - cost) // 2,
            "profit_p90": quantity * (price - cost), "sells_out": 0.2188,
            "reason": None if quantity else "No market is open to it.",
            "limited_by": "in_stock" if product == "hoodie" and quantity else None,
            "by_market": by_market,
        },
        "nodes": [
            {"node": node, "provider": node.split("/")[0], "name": NODES[node][0],
             "country": NODES[node][1], "latitude": NODES[node][2], "longitude": NODES[node][3],
             "units": units, "capacity": NODES[node][4],
             "opening_cost": 0 if NODES[node][1] == "US" else 48_000}
            for node, units in held.items()
        ],
        "allocations": allocations,
        "unplaced": [{"market": "LU", "customer": "LU", "units": 2,
                      "reason": "No stockroom in reach has room for them."}] if opened else [],
        "ways": ways,
        "closed": [_closed(product, m, nowhere) for m in CANDIDATES if m not in delivered],
    }  # fmt: skip


def _way(product: str, market: str, cost: int) -> dict[str, Any]:
    node = _node(product, market)
    provider = node.split("/")[0]
    inside = NODES[node][1] == market or (market in EU and NODES[node][1] in EU)
    bulk = NODES[node][1] != "US"
    last = {"service": "fulfilment", "provider": provider, "lane": f"{node[-6:]}-{market}"}
    if provider == "maersk":
        last = {"service": "last_mile", "provider": "cainiao", "lane": f"nl-{market.lower()}"}
    entry = [{"service": "line_haul", "provider": "maersk", "lane": "us-out"},
             {"service": "customs_brokerage", "provider": "flexport", "lane": None}]  # fmt: skip
    freight, duty, tax = 480 + 90 * bulk, 252 * bulk, round(cost * 0.2) * (market != "US")
    parts = {"goods": cost, "freight": freight, "duty": duty, "tax": tax, "fees": 35 * bulk}
    scheme = None if inside else f"{market.lower()}.courier_simplified"
    total = sum(parts.values())
    return {
        "id": f"{product}:{node}:{market}", "node": node, "market": market,
        "import_mode": "commercial" if inside else "personal_parcel", "scheme": scheme,
        "entry_scheme": "formal_entry" if bulk else None, "unit_cost": freight + duty + 35 * bulk,
        "landed_cost": parts | {"total": total},
        "lead_days": [2.0, 3.5, 6.0] if inside else [5.0, 8.0, 11.5],
        "chain": [*(entry if bulk else []), last],
        "reason": "The cheapest of the ways that arrive within 12 days.",
        "schemes": [] if inside else [
            {"scheme": scheme, "title": "Simplified courier entry", "available": True,
             "landed_cost": total, "lead_days": [1, 1, 2], "why_not": [],
             "importer_of_record": "buyer", "certainty": "low" if market == "BR" else "high"},
            {"scheme": f"{market.lower()}.formal", "title": "Formal entry", "available": True,
             "landed_cost": total + 900, "lead_days": [2, 3, 6], "why_not": [],
             "importer_of_record": "broker", "certainty": "high"},
            {"scheme": f"{market.lower()}.registered", "title": "Registered seller",
             "available": False, "landed_cost": None, "lead_days": [1, 1, 2],
             "why_not": ["The seller holds no registration there."],
             "importer_of_record": "seller", "certainty": "high"},
        ],
        "alternatives": [
            {"chain": [{"service": "last_mile", "provider": "cainiao", "lane": "hk-out"}],
             "unit_cost": freight + 310, "lead_days": [8, 12, 19],
             "why": "310 minor units more, and later than the 12 days that were asked for."}
        ],
    }  # fmt: skip


def _node(product: str, market: str) -> str:
    if market == "US":
        return "flexport/los-angeles" if product == "speaker" else "amazon-mcf/dallas"
    local = {"GB": "amazon-mcf/coventry", "AU": "amazon-mcf/sydney", "JP": "amazon-mcf/odawara",
             "CA": "amazon-mcf/brampton"}  # fmt: skip
    if market in EU:
        near = market in {"DE", "AT", "CZ", "PL", "SK", "HU"}
        return "amazon-mcf/leipzig" if near else "maersk/rotterdam"
    return local.get(market, "amazon-mcf/dallas")


def _closed(product: str, market: str, nowhere: bool) -> dict[str, Any]:
    if nowhere or verdict_of(product, market) != "allowed":
        why = f"The sale gate allows no import mode into {market}."
        return {"market": market, "why": [why], "would_open": ["Meet what it asks for."]}
    why = "No way there arrives within 12 days."
    return {"market": market, "why": [why], "would_open": ["Allow 15 days."]}
