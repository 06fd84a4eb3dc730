"""Which personal values of a decision are shown to whom: what is withheld, and what is erased.

Both are told as in an OPA decision-log event: by JSON pointers into the event, `/input/seller/id`
(https://www.openpolicyagent.org/docs/management-decision-logs).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from governance.decisions.personal import matching, pointers
from governance.errors import EngineUnavailable
from governance.gates.filing import BY_GATE
from governance.gates.pipeline import Gates

MASKS_PATH = "governance.audit.masks"
RETENTION_PATH = "governance.audit.retention"
Purpose = Literal["read", "export"]
_MOST_DAYS = 36_525  # a hundred years: beyond it a policy has counted in something else than days


@dataclass(frozen=True)
class Disclosure:
    """What somebody is shown of the personal values of one decision, by pointers into its event.

    `opened` has salt and value of what is shown, `masked` is withheld, `erased` exists no more.
    """

    opened: dict[str, Mapping[str, Any]]
    masked: list[str]
    erased: list[str]


def masked_fields(
    gates: Gates, caller_id: str, role: str, purpose: Purpose, gate: str
) -> list[str]:
    """The personal fields of a gate that the policy withholds: patterns, in the gate's order.

    Raises:
        EngineUnavailable: the policy gives no valid answer, so nothing may be shown.
    """
    personal = BY_GATE[gate].personal
    if personal is None:
        return []
    caller = {"id": caller_id, "role": role}
    question = {"caller": caller, "purpose": purpose, "gate": gate, "fields": list(personal.fields)}
    masked = _answered(gates, MASKS_PATH, question, "masked")
    if not isinstance(masked, list) or not all(field in personal.fields for field in masked):
        raise EngineUnavailable("the audit policy masks something else than personal fields")
    return [field for field in personal.fields if field in masked]


def retain_days(gates: Gates, gate: str) -> int:
    """For how many days after a decision of this gate its personal values are kept.

    Raises:
        EngineUnavailable: the policy gives no whole number of days between a day and a century.
    """
    days = _answered(gates, RETENTION_PATH, {"gate": gate}, "retain_days")
    if type(days) is not int or not 0 < days <= _MOST_DAYS:
        raise EngineUnavailable("the audit policy does not say how long personal values are kept")
    return days


def disclosure(
    recorded: Any,
    opened: Mapping[str, Mapping[str, Any]],
    fields: Sequence[str],
    masked: Sequence[str],
) -> Disclosure:
    """What is shown of a recorded input and of those of its personal values that still exist.

    `fields` are the personal fields of the gate, `masked` those that are withheld.
    """
    shown = {
        pointer: opening
        for pointer, opening in opened.items()
        if matching(pointer, fields) and not matching(pointer, masked)
    }
    return Disclosure(
        opened={event_pointer(pointer): opening for pointer, opening in shown.items()},
        masked=[event_pointer(pointer) for pointer in opened if pointer not in shown],
        erased=[
            event_pointer(pointer)
            for pointer in pointers(recorded, fields)
            if pointer not in opened
        ],
    )


def event_pointer(pointer: str) -> str:
    """A pointer into an input (or a pattern of them) as a pointer into the event that holds it."""
    return f"/input{pointer}"


def _answered(gates: Gates, path: str, question: Mapping[str, Any], name: str) -> Any:
    answer = gates.policies.evaluate(path, question)
    if not isinstance(answer, dict) or name not in answer:
        raise EngineUnavailable(f"the audit policy says nothing of {name}")
    return answer[name]
