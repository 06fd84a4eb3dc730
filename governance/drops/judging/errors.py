"""Why a drop does not move: who asks, when, and what the gate found."""

from governance.errors import GovernanceError


class NotIndependent(GovernanceError):
    """The approver asks for the drop, too."""

    status = 403
    code = "not-independent"
    title = "Who asks for a drop does not approve it"


class NotPassed(GovernanceError):
    """The gate does not let the drop through; its decision is on the record."""

    status = 409
    code = "not-passed"
    title = "The drop does not go where it was asked to"


class SeenBefore(GovernanceError):
    """What the approver has seen is not what the gate says now."""

    status = 409
    code = "judged-again"
    title = "The drop was judged again since"


class OutOfSeason(GovernanceError):
    """The sale has not begun, or is over."""

    status = 409
    code = "out-of-season"
    title = "The sale has not begun or is over"
