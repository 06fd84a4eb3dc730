"""What is drawn on the maps of a report: dots for every country, a ring for every stockroom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from governance.drops.report.map import WIDTH, Frame, Point, dot_map
from governance.drops.report.markets import Market
from governance.drops.report.stock import Location
from governance.drops.report.words import VERDICTS, count

_DOT = 0.38  # of the pitch, so that dots do not touch


@dataclass(frozen=True)
class Country:
    """The dots of a market as one SVG path, in the shape of its verdict."""

    verdict: str
    title: str
    path: str


@dataclass(frozen=True)
class Marker:
    """A stockroom on the map; its radius grows with the square root of its units."""

    letter: str
    title: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Drawing:
    """A map: `viewbox`, the width of a dot and of a line, dots of markets, of others, and nodes."""

    viewbox: str
    dot: float
    line: float
    countries: Sequence[Country]
    others: str
    markers: Sequence[Marker]


def drawing(frame: Frame, markets: Iterable[Market], locations: Sequence[Location]) -> Drawing:
    """The frame's part of the world with the markets' verdicts and the stock."""
    world = dot_map(frame)
    radius = round(_DOT * frame.pitch, 1)
    candidates = {one.code: one for one in markets}
    countries = [
        Country(market.verdict, _title(market), path(market.verdict, world.dots[code], radius))
        for code, market in candidates.items()
        if code in world.dots
    ]
    others = [dot for code, dots in world.dots.items() if code not in candidates for dot in dots]
    most = max((one.units for one in locations), default=0)
    markers = []
    for one in locations:
        at = world.place(one.latitude, one.longitude)
        if at is not None and one.units:
            size = frame.pitch * (0.8 + 2.2 * sqrt(one.units / most))
            title = f"{one.letter}: {one.name}, {one.country}, {count(one.units)} units"
            markers.append(Marker(one.letter, title, *_rounded(at), round(size, 1)))
    edge = frame.pitch
    return Drawing(
        viewbox=f"{-edge:g} {-edge:g} {WIDTH + 2 * edge:g} {world.height + 2 * edge:g}",
        dot=round(2 * radius, 1),
        line=round(0.5 * radius, 1),
        countries=countries,
        others=path("", others, radius),
        markers=markers,
    )


def path(verdict: str, dots: Iterable[Point], radius: float) -> str:
    """The dots as an SVG path: discs of no length, rings, half discs, squares, triangles and so on.

    Colour alone would not tell them apart for everybody.
    """
    r = radius
    side = f"{2 * r:g}"
    shape = {
        "not_served": f"m-{r:g} 0a{r:g} {r:g} 0 0 0 {side} 0z",
        "needs_evidence": f"m-{r:g} 0a{r:g} {r:g} 0 1 0 {side} 0a{r:g} {r:g} 0 1 0-{side} 0",
        "needs_facts": f"m-{r:g}-{r:g}h{side}v{side}h-{side}z",
        "needs_review": f"m0-{r:g}l{r:g} {side}h-{side}z",
        "unknown": f"m-{r:g} 0h{side}",
        "prohibited": f"m-{r:g}-{r:g}l{side} {side}m0-{side}l-{side} {side}",
    }.get(verdict, "h0")
    return "".join(f"M{x:g} {y:g}{shape}" for x, y in dots)


def _title(market: Market) -> str:
    offered = f"{market.products_open} of {len(market.offers)} products may go there"
    return f"{market.name}: {VERDICTS[market.verdict]}; {offered}, {count(market.units)} units"


def _rounded(at: Point) -> Point:
    return round(at[0], 1), round(at[1], 1)
