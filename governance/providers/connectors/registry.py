"""Connectors by name: plug-ins that installed packages declare as entry points."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points

from governance.providers.connectors.attempts import reason
from governance.providers.connectors.credentials import Credential
from governance.providers.connectors.protocol import ConnectorFactory, Message, Messages, error
from governance.providers.connectors.resilience import Guarded, Limits

GROUP = "governance.connectors"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConnectorSettings:
    """A provider's connector: the name of its entry point, and what it is opened with."""

    provider: str
    connector: str
    options: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def open_connectors(
    settings: Iterable[ConnectorSettings],
) -> tuple[dict[str, Guarded], Messages]:
    """The connectors by provider, and a message for each that is missing or broken, and left out.

    Only those asked for are imported. A plug-in is code of ours once it is installed: it runs in
    this process, and one whose import hangs, hangs us. ValueError for a provider that is named
    twice.
    """
    connectors: dict[str, Guarded] = {}
    messages: list[Message] = []
    seen: set[str] = set()
    for one in settings:
        if one.provider in seen:
            raise ValueError(f"{one.provider} has two connectors: a provider has one")
        seen.add(one.provider)
        found = _open(one)
        if isinstance(found, Guarded):
            connectors[one.provider] = found
        else:
            messages.append(found)
    return connectors, tuple(messages)


def _open(settings: ConnectorSettings) -> Guarded | Message:
    who = f"{settings.provider} is left out: its connector {settings.connector!r}"
    found = tuple(entry_points(group=GROUP, name=settings.connector))
    if not found:
        names = ", ".join(sorted(entry_points(group=GROUP).names))
        return error(
            "connector-missing",
            f"{who} is not installed; install its package, or name one of: {names}",
        )
    if len(found) > 1:
        packages = " and ".join(sorted(_package(point) for point in found))
        return error(
            "connector-ambiguous", f"{who} is declared by {packages}: uninstall all but one"
        )
    try:
        factory: ConnectorFactory = found[0].load()
        connector = factory(settings.provider, settings.options, settings.credentials)
        return Guarded(
            settings.provider,
            connector,
            settings.limits,
            credentials=settings.credentials.values(),
        )
    except BaseException as raised:
        if isinstance(raised, KeyboardInterrupt):
            raise
        _log.warning(
            "%s of %s cannot be opened", settings.connector, _package(found[0]), exc_info=raised
        )
        return error(
            "connector-broken",
            f"{who} of {_package(found[0])} cannot be opened ({reason(raised)}): mend its "
            "settings, or install a version that works",
        )


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unnamed package"
