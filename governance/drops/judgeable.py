"""Whether a drop's products can be judged at all: what the sale gate would refuse to read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from governance.drops.documents import Creator, DropDocument, DropProduct, sale_request
from governance.drops.right import Right, pointer
from governance.eligibility.schemas import Evidence
from governance.errors import FieldError, InvalidRequest
from governance.gates.sale_facts import check_references, read_facts
from governance.rules.model import Library

_OF_THE_PLAN = {
    "import_mode": "leave it out: every way in is judged, and the plan takes the cheapest",
    "units_per_consignment": "leave it out: a parcel holds one unit",
}
_IN_A_REQUEST = re.compile(r"(?<![\w{}])/(?:seller|product|offer|evidence|markets)(?![\w-])[\w/]*")


def unjudgeable(right: Right, library: Library) -> Iterator[FieldError]:
    """What the sale gate would refuse in what is right of a drop document, with pointers into it.

    Unknown categories, attributes, evidence types and markets, values of a wrong type, and numbers
    that no such paper has.
    """
    for place in right.names("products") or [None]:
        if place is not None:
            yield from _of_the_plan(right, place)
        yield from _refused(right, place, library)


def _of_the_plan(right: Right, place: int) -> Iterator[FieldError]:
    declared = right.names("products", place, "offer_attributes")
    for name in (name for name in _OF_THE_PLAN if name in declared):
        at = pointer("products", place, "offer_attributes", name)
        yield FieldError(at, f"`{name}` is not declared", _OF_THE_PLAN[name])


def _refused(right: Right, place: int | None, library: Library) -> Iterator[FieldError]:
    request, places = _asked(right, place, library)

    def in_document(found: re.Match[str]) -> str:
        return _in_document(found[0], place, places)

    for check in (read_facts, check_references):
        try:
            check(request, library)
        except InvalidRequest as refused:
            for one in refused.errors:
                at = _in_document(one.field, place, places)
                hint = one.hint and _IN_A_REQUEST.sub(in_document, one.hint)
                yield FieldError(at, one.message, hint)


def _asked(
    right: Right, place: int | None, library: Library
) -> tuple[dict[str, Any], dict[str, str]]:
    """The sale gate's request for what is right, and where in the document its lists' items are.

    For what is wrong something stands in that no check refuses.
    """
    papers = _right_items(right, "evidence")
    product: dict[str, Any] = {"id": "-", "category": next(iter(library.vocabulary.goods))}
    own: dict[str, Any] = {}
    if place is not None:
        of_product = ("products", place)
        own = _right_items(right, *of_product, "evidence")
        product |= _right_fields(right, DropProduct, of_product)
        product["evidence"] = [Evidence.model_construct(**one) for one in own.values()]
    creator = {"id": "-", "established_in": None} | _right_fields(right, Creator, ("creator",))
    whole: dict[str, Any] = {
        "creator": Creator.model_construct(**creator),
        "evidence": [Evidence.model_construct(**one) for one in papers.values()],
    }
    document = DropDocument.model_construct(**whole)
    markets = _right_items(right, "markets")
    day = right.at("sale_from") or datetime.now(UTC).date().isoformat()
    asked = DropProduct.model_construct(**product)
    request = sale_request(document, asked, day, list(markets.values()))
    places = {f"/evidence/{index}": at for index, at in enumerate([*own, *papers])}
    return request, places | {f"/markets/{index}": at for index, at in enumerate(markets)}


def _right_fields(right: Right, model: Any, of: tuple[str | int, ...]) -> dict[str, Any]:
    """The fields of a model that are right; of attributes those that are."""
    found: dict[str, Any] = {}
    for name in model.model_fields:
        if name.endswith("attributes"):
            inside = {one: right.at(*of, name, one) for one in right.names(*of, name)}
            found[name] = {one: value for one, value in inside.items() if value is not None}
        elif (value := right.at(*of, name)) is not None:
            found[name] = value
    return found


def _right_items(right: Right, *path: str | int) -> dict[str, Any]:
    """The items of a list that are right, each by its pointer."""
    items = {pointer(*path, index): right.at(*path, index) for index in right.names(*path)}
    return {at: item for at, item in items.items() if item is not None}


def _in_document(asked: str, place: int | None, places: dict[str, str]) -> str:
    """Where in the drop document a pointer into the request points."""
    of_product = f"/products/{place}"
    for there, here in (
        ("/seller", "/creator"),
        ("/product", of_product),
        ("/offer/attributes", f"{of_product}/offer_attributes"),
        ("/offer/shipped_by", f"{of_product}/shipped_by"),
        ("/offer", f"{of_product}/offer_attributes"),
        *places.items(),
    ):
        if asked == there or asked.startswith(f"{there}/"):
            return here + asked.removeprefix(there)
    return asked
