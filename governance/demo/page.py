"""Writes the store as a page: one HTML file that needs no network and no scripts."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from governance.demo.store import Store
from governance.demo.words import VERDICTS
from governance.drops import report
from governance.drops.report.words import SERVICES, service_word
from governance.markets.countries import place_name

_TEMPLATES = (Path(__file__).parent, Path(report.__file__).parent)


def render(store: Store) -> str:
    """The page as HTML; whatever comes from outside is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("store.html.jinja")
    return template.render(
        store=store,
        services=SERVICES,
        verdicts=VERDICTS,
        service_word=service_word,
        place_name=place_name,
    )
