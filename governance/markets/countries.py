"""Countries (ISO 3166-1 alpha-2) and regions (ISO 3166-2), from pycountry."""

from difflib import get_close_matches
from functools import lru_cache

import pycountry

_COLLOQUIAL = {"UK": "GB", "EL": "GR", "UAE": "AE", "USA": "US", "KSA": "SA"}


@lru_cache
def country_codes() -> frozenset[str]:
    """Every ISO 3166-1 alpha-2 code."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@lru_cache
def _region_codes() -> frozenset[str]:
    return frozenset(region.code for region in pycountry.subdivisions)


def is_region(code: str) -> bool:
    """Whether `code` is an ISO 3166-2 code (`US-CA`, not `us-ca`)."""
    return code in _region_codes()


@lru_cache(maxsize=8192)
def country_of(code: str) -> str:
    """The country of a country or region code: `US-CA` lies in `US`."""
    return code.partition("-")[0]


@lru_cache(maxsize=8192)
def place_name(code: str) -> str:
    """The English name of a country or region; the code itself where there is none."""
    if "-" in code:
        region = pycountry.subdivisions.get(code=code)
        return str(getattr(region, "name", code))
    country = pycountry.countries.get(alpha_2=code)
    return getattr(country, "common_name", country.name) if country else code


@lru_cache
def _codes_by_name() -> dict[str, str]:
    return {country.name: country.alpha_2 for country in pycountry.countries}


def suggest_country(text: str) -> str | None:
    """The code that was probably meant: by common mistake, by name, or by likeness."""
    if text.upper() in _COLLOQUIAL:
        return _COLLOQUIAL[text.upper()]
    if text.upper() in country_codes():
        return text.upper()
    try:
        found: str = pycountry.countries.lookup(text).alpha_2
    except LookupError:
        names = _codes_by_name()
        close = get_close_matches(text, names, n=1)
        return names[close[0]] if close else None
    return found
