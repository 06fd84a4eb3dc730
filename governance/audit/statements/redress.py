"""What a seller can do against a refusal: complain, go to a settlement body, go to court.

Regulation (EU) 2022/2065 (https://eur-lex.europa.eu/eli/reg/2022/2065/oj; read on 2026-11-23 in
copies published elsewhere, certainty medium): article 20 (complaint: electronic, free of charge,
six months from the day on which the statement is given), article 21 (any certified body; a court
at any stage).
"""

from governance.audit.statements.schemas import Redress

_BODIES = "https://digital-strategy.ec.europa.eu/en/policies/dsa-out-court-dispute-settlement"


def redress(puid: str, complaints_url: str | None) -> list[Redress]:
    """The three ways open against the statement `puid`, the nearest first."""
    at = f"at {complaints_url}" if complaints_url else "with the platform where the offer was made"
    return [
        Redress(
            kind="internal_complaint",
            description=f"Complain {at}, free of charge and for at least six months from the day "
            f"on which you were given this statement; quote {puid}.",
            url=complaints_url,
        ),
        Redress(
            kind="out_of_court_settlement",
            description="Choose any dispute settlement body that a Digital Services Coordinator "
            "has certified, whether or not you complained first. The European Commission lists "
            "them. What the body says does not bind you.",
            url=_BODIES,
        ),
        Redress(
            kind="court",
            description="Bring the refusal before a court under the law that applies, at any time.",
            url=None,
        ),
    ]
