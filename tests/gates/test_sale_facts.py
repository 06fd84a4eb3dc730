"""A request is checked against the vocabulary of the release: field, message and hint."""

from typing import Any

import pytest
from tiny_library import ask, judge, paper

from governance.errors import InvalidRequest

ATTRIBUTE = "/product/attributes/"

BAD = {
    "unknown category": ({"category": "gadget"}, "/product/category", "gadgets"),
    "unknown attribute": ({"attributes": {"raido": True}}, ATTRIBUTE + "raido", "radio"),
    "an attribute of nobody": ({"attributes": {"zzz": 1}}, ATTRIBUTE + "zzz", "/v1/categories"),
    "a seller's attribute at the product": (
        {"attributes": {"kind": "brand"}},
        ATTRIBUTE + "kind",
        "/seller",
    ),
    "0 for false": ({"attributes": {"radio": 0}}, ATTRIBUTE + "radio", "Sends or receives radio"),
    "text for a boolean": ({"attributes": {"radio": "yes"}}, ATTRIBUTE + "radio", "radio"),
    "text for a number": ({"attributes": {"cells": "5"}}, ATTRIBUTE + "cells", "cells"),
    "false for a number": ({"attributes": {"cells": False}}, ATTRIBUTE + "cells", "cells"),
    "a fraction for a whole number": ({"attributes": {"cells": 1.5}}, ATTRIBUTE + "cells", "cells"),
    "a number below its range": ({"attributes": {"cells": -1}}, ATTRIBUTE + "cells", "cells"),
    "a huge number": ({"attributes": {"cells": 10**400}}, ATTRIBUTE + "cells", "cells"),
    "an unknown choice": ({"attributes": {"colour": "reed"}}, ATTRIBUTE + "colour", "red"),
    "a list for a choice": ({"attributes": {"colour": ["red"]}}, ATTRIBUTE + "colour", "Colour"),
    "a text for a set": ({"attributes": {"materials": "wood"}}, ATTRIBUTE + "materials", "Mat"),
    "an unknown word in a set": (
        {"attributes": {"materials": ["wood", "wod"]}},
        ATTRIBUTE + "materials",
        "wood",
    ),
    "a date that is none": (
        {"attributes": {"made_on": "2026-02-30"}},
        ATTRIBUTE + "made_on",
        "YYYY-MM-DD",
    ),
    "a country's name": ({"seller": {"established_in": "Germany"}}, "/seller/established_in", "DE"),
    "a bloc for a country": ({"seller": {"established_in": "EU"}}, "/seller/established_in", None),
    "a fact at two places": (
        {"seller": {"kind": "brand", "attributes": {"kind": "creator"}}},
        "/seller/attributes/kind",
        "/seller/kind",
    ),
    "the way in among the attributes": (
        {"offer": {"attributes": {"import_mode": "cbec"}}},
        "/offer/attributes/import_mode",
        "/offer/import_mode",
    ),
    "an unknown way in": ({"offer": {"import_mode": "parcel"}}, "/offer/import_mode", "parcel"),
    "an unknown evidence type": (
        {"evidence": [paper("eu.declaration"), paper("eu.declaratoin")]},
        "/evidence/1/type",
        "eu.declaration",
    ),
    "evidence that ends before it begins": (
        {"evidence": [paper("de.register", "2026-01-02", "2026-01-01")]},
        "/evidence/0/valid_to",
        "last day",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_field_is_named_with_a_hint(gates, case: str) -> None:
    changes, field, hint = BAD[case]
    with pytest.raises(InvalidRequest) as refused:
        judge(gates, ask("DE", **changes))
    assert [error.field for error in refused.value.errors] == [field]
    (error,) = refused.value.errors
    assert error.message
    assert error.hint
    assert (hint or "") in error.hint


@pytest.mark.parametrize(
    ("market", "hint"),
    [
        ("UK", "GB"),
        ("de", "DE"),
        ("Germany", "DE"),
        ("EU", None),
        ("US-CA", "in the answer for the country"),
        ("XX", None),
        ("", None),
    ],
)
def test_a_market_that_is_no_country_is_named_with_a_hint(gates, market, hint) -> None:
    with pytest.raises(InvalidRequest) as refused:
        judge(gates, ask("DE", market))
    (error,) = refused.value.errors
    assert error.field == "/markets/1"
    assert error.hint
    assert (hint or "") in error.hint


def test_every_wrong_field_is_reported_at_once(gates) -> None:
    changes: dict[str, Any] = {"attributes": {"raido": True, "cells": "5"}, "category": "gadget"}
    with pytest.raises(InvalidRequest) as refused:
        judge(gates, ask("UK", **changes))
    assert [error.field for error in refused.value.errors] == [
        "/product/category",
        ATTRIBUTE + "cells",
        ATTRIBUTE + "raido",
        "/markets/0",
    ]


def test_a_number_of_the_wrong_form_is_named_with_a_hint(gates) -> None:
    wrong = paper("eu.declaration") | {"reference": "123456"}
    asked = ask("DE", evidence=[paper("eu.declaration"), wrong])
    with pytest.raises(InvalidRequest) as refused:
        gates.evaluate("sale", asked)
    (error,) = refused.value.errors
    assert error.field == "/evidence/1/reference"
    assert "EU-" in error.hint
