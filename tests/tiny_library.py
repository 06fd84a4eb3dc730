"""A small library with one rule for each thing that the sale gate must do, written by hand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from governance.eligibility.schemas import EligibilityRequest
from governance.eligibility.service import question
from governance.gates.pipeline import Gates, canonical
from governance.rego.engine import open_policy_engine
from governance.releases.content import read_tree
from governance.releases.loaded import LoadedRelease
from governance.rules.library import load_library
from governance.settings import Settings

DAY = date(2026, 11, 22)

_VOCABULARY = """\
categories:
  goods: {title: All goods}
  gadgets: {parent: goods, title: Gadgets, hs: ["85"]}
  lasers: {parent: gadgets, title: Lasers, hs: ["9013"]}
  batteries: {parent: goods, title: Batteries}
  paper: {parent: goods, title: Paper}
attributes:
  radio: {of: product, type: boolean, title: Sends or receives radio}
  cells: {of: product, type: integer, minimum: 0, title: Battery cells}
  power_mw: {of: product, type: number, unit: mW, minimum: 0, title: Power of the beam}
  power_class: {of: product, type: choice, values: [weak, strong], title: Class of the beam}
  colour: {of: product, type: choice, values: [red, green, blue], title: Colour}
  materials: {of: product, type: set, values: [leather, steel, wood], title: Materials}
  edible: {of: product, type: boolean, title: Can be eaten}
  made_on: {of: product, type: date, title: Day of manufacture}
  model: {of: product, type: string, title: Model}
  hs: {of: product, type: hs_code, title: Customs code}
  origin: {of: product, type: country, title: Country of origin}
  established_in: {of: seller, type: country, title: Country of the seller}
  kind: {of: seller, type: choice, values: [creator, brand], title: What the seller is}
  import_mode:
    {of: offer, type: choice, values: [commercial, personal_parcel, cbec], title: Way in}
  importer: {of: offer, type: choice, values: [consumer, seller], title: Who imports}
  stock_located_in_market: {of: offer, type: boolean, title: Is in the market already}
  units_per_consignment: {of: offer, type: integer, minimum: 1, title: Pieces a parcel}
evidence_types:
  eu.declaration: {title: Declaration, description: Signed., reference_pattern: "EU-[0-9]{6}"}
  de.register: {title: Entry in the register}
  cn.ccc: {title: CCC certificate}
blocs:
  EU:
    title: European Union
    members:
      DE: {from: 1958-01-01}
      FR: {from: 1958-01-01}
      IT: {from: 1958-01-01}
      GB: {from: 1973-01-01, to: 2021-01-01}
  EFTA:
    title: European Free Trade Association, which makes no law here
    members:
      "NO": {from: 1960-05-03}
import_modes:
  commercial: {title: For sale, markets: all}
  personal_parcel: {title: For own use, markets: all}
  cbec: {title: Cross-border list, markets: [CN]}
"""

_SOURCE = (
    "{citation: An Act, url: https://example.org/act, rank: primary, "
    "read_on: 2026-06-01, certainty: high}"
)


def _covered(
    category: str, read: str = "2026-06-01", since: str = "2015-01-01", **more: str
) -> str:
    certainty = more.get("certainty", "high")
    return (
        f"  - {{category: {category}, researched_on: {read}, from: {since}, "
        f"certainty: {certainty}}}\n"
    )


def _rule(identifier: str, title: str, effect: str, when: str = "", **fields: str) -> str:
    """A rule in YAML; cases are there because lint wants them, and are not run here."""
    fields = {"status": "in_force", "from": "2015-01-01", "category": "gadgets"} | fields
    cases = "{fires: [{}], silent: [{}], undetermined: [{}]}"
    lines = [f"id: {identifier}", f"title: {title}", f"effect: {effect}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    lines += [f"when: {when}"] if when else []
    lines += [f"source: {_SOURCE}", f"cases: {cases}"]
    return "  - " + "\n    ".join(lines) + "\n"


def _file(coverage: str = "", rules: str = "") -> str:
    return ("coverage:\n" + coverage if coverage else "") + ("rules:\n" + rules if rules else "")


_SERVICES = """\
categories:
  logistics_services: {title: All services}
  fulfilment: {parent: logistics_services, title: Fulfilment}
  line_haul: {parent: logistics_services, title: Line haul}
  customs_brokerage: {parent: logistics_services, title: Customs brokerage}
  last_mile: {parent: logistics_services, title: Last mile}
  returns: {parent: logistics_services, title: Returns}
"""

FILES = {
    "vocabulary/words.yaml": _VOCABULARY,
    "vocabulary/provider.yaml": _SERVICES,
    "classification/beams.yaml": _file(
        rules=_rule(
            "classify.strong-beam",
            "A beam above 5 mW is strong",
            "derive",
            "{power_mw: {gt: 5}}",
            category="lasers",
            sets="{power_class: strong}",
        )
        + _rule(
            "classify.battery-inside",
            "A gadget with cells is a battery product",
            "derive",
            "{cells: {gt: 0}}",
            adds_category="batteries",
        )
    ),
    "sale/EU/gadgets.yaml": _file(
        _covered("gadgets"),
        _rule(
            "eu.gadgets.radio",
            "A radio needs a declaration",
            "require",
            "{radio: true}",
            evidence="[eu.declaration]",
            also_in="[GB-NIR]",
        )
        + _rule(
            "eu.gadgets.blue-from-2027",
            "Blue gadgets are forbidden from 2027",
            "prohibit",
            "{colour: blue}",
            status="planned",
            **{"from": "2027-01-01", "to": "2028-01-01"},
        )
        + _rule(
            "eu.gadgets.suspended",
            "Green gadgets would be forbidden",
            "prohibit",
            "{colour: green}",
            status="suspended",
        ),
    ),
    "sale/DE/gadgets.yaml": _file(
        _covered("gadgets"),
        _rule("de.gadgets.red", "Red gadgets are forbidden", "prohibit", "{colour: red}")
        + _rule(
            "de.gadgets.register",
            "A radio must be registered",
            "require",
            "{radio: true}",
            evidence="[de.register]",
        )
        + _rule(
            "de.gadgets.steel", "Steel is looked at", "review", "{materials: {contains: steel}}"
        )
        + _rule(
            "de.gadgets.label",
            "The gadget carries a label",
            "oblige",
            deadline="{days: 10, after: first sale}",
        ),
    ),
    "sale/FR/gadgets.yaml": _file(
        _covered("gadgets") + _covered("batteries") + _covered("paper"),
    ),
    "sale/NO/gadgets.yaml": _file(_covered("gadgets")),
    "sale/GB/gadgets.yaml": _file(_covered("gadgets", since="2021-01-01")),
    "sale/JP/gadgets.yaml": _file(_covered("gadgets", certainty="low")),
    "sale/AU/gadgets.yaml": _file(
        _covered("gadgets", read="2024-11-22")
        + _covered("lasers", read="2026-06-01")
        + _covered("batteries", read="2024-11-22"),
    ),
    "sale/US/gadgets.yaml": _file(
        _covered("gadgets", since="2026-01-01") + _covered("lasers", since="2026-01-01"),
        _rule(
            "us.lasers.strong",
            "Strong beams are looked at",
            "review",
            "{power_class: strong}",
            category="lasers",
        ),
    ),
    "sale/US-CA/gadgets.yaml": _file(
        rules=_rule(
            "us-ca.gadgets.leather",
            "Leather is forbidden in California",
            "prohibit",
            "{materials: {contains: leather}}",
        )
    ),
    "sale/US-NY/gadgets.yaml": _file(
        rules=_rule(
            "us-ny.gadgets.wood",
            "Wood is forbidden in New York",
            "prohibit",
            "{materials: {contains: wood}}",
        )
    ),
    "sale/CN/gadgets.yaml": _file(
        _covered("gadgets"),
        _rule(
            "cn.gadgets.ccc",
            "Imports for sale need a CCC certificate",
            "require",
            "{import_mode: commercial}",
            evidence="[cn.ccc]",
        )
        + _rule(
            "cn.gadgets.parcels",
            "Parcels of own use are forbidden",
            "prohibit",
            "{import_mode: personal_parcel}",
        ),
    ),
}


def tiny_gates(files: dict[str, str] | None = None, settings: Settings | None = None) -> Gates:
    """The gates over these rulesets (the tiny library) and the policies that we ship."""
    configured = settings or Settings(policy_engine="embedded")
    tree = read_tree(configured.rulesets_dir, configured.policies_dir)
    policies = {
        path.removeprefix("policies/"): text
        for path, text in tree.files.items()
        if path.startswith("policies/")
    }
    engine = open_policy_engine(policies, "sha256:tiny", configured)
    return Gates(LoadedRelease("sha256:tiny", load_library(files or FILES), engine))


def many_rules(count: int) -> dict[str, str]:
    """The tiny library with so many more rules in DE, which all fire for a strong beam."""
    more = {}
    for first in range(0, count, 100):
        rules = "".join(
            _rule(
                f"de.many.r{number}",
                f"Rule {number}",
                "review",
                f"{{power_mw: {{gt: {number}}}, cells: {{gte: {number % 50}}}}}",
            )
            for number in range(first, min(first + 100, count))
        )
        more[f"sale/DE/many{first}.yaml"] = _file(rules=rules)
    return FILES | more


def write_tree(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The tiny library, or these files, as a folder of rulesets."""
    for path, text in (files or FILES).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


GADGET: dict[str, Any] = {
    "radio": False,
    "cells": 0,
    "colour": "green",
    "materials": [],
}


def ask(*markets: str, **changes: Any) -> dict[str, Any]:
    """A request for a harmless gadget, allowed in DE and FR; `changes` go where they belong.

    `attributes` adds to the facts of the product (None: not declared); `as_of`, `evidence`,
    `category`, `hs`, `seller` and `offer` replace.
    """
    facts = GADGET | changes.get("attributes", {})
    product = {
        "id": "p-1",
        "title": "A gadget",
        "category": changes.get("category", "gadgets"),
        "attributes": {name: value for name, value in facts.items() if value is not None},
    }
    if "hs" in changes:
        product["hs"] = changes["hs"]
    return {
        "as_of": changes.get("as_of", DAY.isoformat()),
        "seller": {"id": "s-1"} | changes.get("seller", {}),
        "product": product,
        "offer": changes.get("offer", {"import_mode": "commercial"}),
        "markets": list(markets) or ["DE"],
        "evidence": changes.get("evidence", []),
    }


def paper(kind: str, valid_from: str = "2026-01-01", valid_to: str | None = None) -> dict[str, Any]:
    """Evidence that is held."""
    reference = "EU-123456" if kind == "eu.declaration" else "R-1"
    return {
        "type": kind,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "reference": reference,
    }


def judge(gates: Gates, request: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The result of each market as it is recorded, for a request as a caller would send it."""
    asked = question(EligibilityRequest.model_validate(request))
    recorded = json.loads(canonical(gates.sale.evaluate(asked)))
    return {market["market"]: market for market in recorded["markets"]}
