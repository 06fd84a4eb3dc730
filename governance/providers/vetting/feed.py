"""Standing changes as CloudEvents: what drops and webhooks follow."""

from typing import Any

from governance.providers.models import StandingChange
from governance.providers.vetting.explanation import step

SOURCE = "/governance/providers"
TYPE = "governance.provider.standing_changed.v1"


def cloud_event(change: StandingChange) -> dict[str, Any]:
    """A step as a CloudEvent 1.0 (https://github.com/cloudevents/spec): its id is its number."""
    return {
        "specversion": "1.0",
        "id": str(change.number),
        "source": SOURCE,
        "type": TYPE,
        "subject": change.provider_id,
        "time": change.changed_at,
        "datacontenttype": "application/json",
        "data": {"provider": change.provider_id, **step(change)},
    }
