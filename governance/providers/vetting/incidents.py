"""Incidents: what went wrong with a provider, opened and closed by reviewers."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from governance.errors import FieldError, GovernanceError, InvalidRequest, NotFound
from governance.providers.vetting.models import Incident, Severity


class IncidentClosed(GovernanceError):
    """The incident is closed already."""

    status = 409
    code = "incident-closed"
    title = "The incident is closed already"


def incidents(session: Session, provider_id: str) -> Sequence[Incident]:
    """Every incident of a provider, the newest first."""
    mine = select(Incident).where(col(Incident.provider_id) == provider_id)
    return session.exec(mine.order_by(col(Incident.number).desc())).all()


def open_incident(
    session: Session,
    provider_id: str,
    severity: Severity,
    title: str,
    description: str,
    opened_on: date,
    opened_by: str,
    today: date,
) -> Incident:
    """Write an incident down. Raises InvalidRequest for a day that is still to come."""
    _check_day("/opened_on", opened_on, today)
    incident = Incident(
        provider_id=provider_id,
        severity=severity,
        title=title,
        description=description,
        opened_on=opened_on,
        opened_by=opened_by,
    )
    session.add(incident)
    session.flush()
    return incident


def close_incident(
    session: Session,
    provider_id: str,
    number: int,
    closed_on: date,
    closed_by: str,
    resolution: str,
    today: date,
) -> Incident:
    """Close an incident of this provider, whose row the caller has locked.

    Raises NotFound, IncidentClosed, and InvalidRequest for a day to come or before it was opened.
    """
    incident = session.get(Incident, number)
    if incident is None or incident.provider_id != provider_id:
        raise NotFound(f"{provider_id} has no incident {number}")
    if incident.closed_on is not None:
        raise IncidentClosed(f"Incident {number} was closed on {incident.closed_on}")
    _check_day("/closed_on", closed_on, today)
    if closed_on < incident.opened_on:
        message = f"closed before it was opened on {incident.opened_on}"
        raise InvalidRequest(message, errors=[FieldError("/closed_on", message, "a later day")])
    incident.closed_on, incident.closed_by = closed_on, closed_by
    incident.resolution = resolution
    session.add(incident)
    session.flush()
    return incident


def _check_day(field: str, day: date, today: date) -> None:
    if day > today:
        message = f"{day} is still to come (today is {today}, UTC)"
        raise InvalidRequest(message, errors=[FieldError(field, message, "today or earlier")])
