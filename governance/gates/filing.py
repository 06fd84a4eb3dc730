"""How a gate's decisions are filed: what is personal in them, and what they are found by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.decisions.personal import PersonalFields
from governance.gates.drop_facts import read_request
from governance.gates.provider import gravest
from governance.gates.sale_facts import check_references
from governance.rules.model import Library


@dataclass(frozen=True)
class Filing:
    """`verdicts` gives a result's verdict by market; under `""` where the gate has no markets.

    `check_personal` raises InvalidRequest for a personal value that no request may have.
    """

    verdicts: Callable[[Mapping[str, Any]], dict[str, str]]
    category: Callable[[Mapping[str, Any]], str | None] = lambda request: None
    personal: PersonalFields | None = None
    check_personal: Callable[[Mapping[str, Any], Library], None] = lambda request, library: None


ACCESS = Filing(verdicts=lambda result: {"": result["verdict"]})

# A creator is a person; a title or the number of a paper can name one.
SALE = Filing(
    verdicts=lambda result: {one["market"]: one["verdict"] for one in result["markets"]},
    category=lambda request: str(request["product"]["category"]),
    personal=PersonalFields(
        subject="/seller/id",
        fields=("/seller/id", "/product/id", "/product/title", "/evidence/*/reference"),
    ),
    check_personal=check_references,
)

# A provider is a firm: nothing in its vetting is personal.
PROVIDER = Filing(verdicts=lambda result: gravest(result["cells"]))


def _check_readable(request: Mapping[str, Any], library: Library) -> None:
    """The gate judges without the personal values, so that they are there is checked before."""
    read_request(request, library)


# Of a drop, the creator and whoever approved it are persons.
DROP = Filing(
    verdicts=lambda result: gravest(result["markets"]) | {"": result["verdict"]},
    personal=PersonalFields(
        subject="/drop/creator",
        fields=("/drop/creator", "/drop/title", "/approvals/*/approver"),
    ),
    check_personal=_check_readable,
)

BY_GATE: Mapping[str, Filing] = {
    "sale": SALE,
    "provider": PROVIDER,
    "drop": DROP,
    "access": ACCESS,
    "erasure": ACCESS,
}
"""Every gate, and how its decisions are filed: the same under every release."""
