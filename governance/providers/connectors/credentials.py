"""Credentials that show their value nowhere: not in a repr, a message, a log line or a pickle."""

import base64
import json
import logging
import re
from collections.abc import Callable
from threading import RLock
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus
from weakref import WeakSet

_SHOWN = "[credential]"
# What is shorter would be found in the middle of ordinary words, and is no secret anyway.
MIN_LENGTH = 8


class Credential:
    """A secret value. Only `reveal()` gives it out; as long as it lives, `scrub` knows it.

    ValueError for one shorter than `MIN_LENGTH` characters.
    """

    __slots__ = ("__weakref__", "_forms", "_value")

    def __init__(self, value: str) -> None:
        if len(value.strip()) < MIN_LENGTH:
            raise ValueError(f"A credential has {MIN_LENGTH} characters or more")
        self._value = value
        self._forms = _forms(value)
        with _lock:
            _alive.add(self)
        keep_out_of_logs()

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, form: str) -> str:
        return format(_SHOWN, form)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A credential is neither pickled nor copied")


_alive: WeakSet[Credential] = WeakSet()
# Reentrant: a finaliser that the collector runs in here may log.
_lock = RLock()


def scrub(text: str) -> str:
    """The text without any credential that is alive, as it is or as it travels.

    Known forms: percent-encoded, escaped in JSON or in a repr, hexadecimal, and Base64 at any
    place of a longer text (RFC 4648, section 4 and 5). A part of a credential is not recognised.
    """
    with _lock:
        forms = {form for credential in _alive for form in credential._forms}
    # The longest first: a credential may hold another one.
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, _SHOWN)
    return text


def keep_out_of_logs() -> None:
    """From now on no log record of this process holds a credential; the first one calls it.

    Every logger makes its records by the factory, those of connectors' libraries too, so there is
    no handler or logger to forget. Fields given as `extra` are added later, and are not looked at.
    """
    with _lock:
        make = logging.getLogRecordFactory()
        if not isinstance(make, _CleanRecords):
            logging.setLogRecordFactory(_CleanRecords(make))


class _CleanRecords:
    """A factory of log records that scrubs what another one makes."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 logging would print the arguments as they are
            text = f"A log line that does not fit its arguments: {record.msg!r}, {record.args!r}"
            record.msg, record.args = scrub(text), None
        else:
            if (clean := scrub(text)) != text:
                record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[0] is not None:
            traceback = logging.Formatter().formatException(record.exc_info)
            if (clean := scrub(traceback)) != traceback:
                record.exc_info, record.exc_text = None, clean
        if record.stack_info:
            record.stack_info = scrub(record.stack_info)
        return record


def _forms(value: str) -> frozenset[str]:
    raw = value.encode()
    escaped = json.dumps(value)[1:-1]
    forms = {value, escaped, json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    percent = {quote(value), quote(value, safe=""), quote_plus(value)}
    forms |= percent | {_ESCAPE.sub(lambda escape: escape[0].lower(), form) for form in percent}
    forms |= {raw.hex(), raw.hex().upper()}
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode()
        # Characters at both ends that also depend on what stands beside the value are left out.
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        forms |= {encoded[first:last], encoded[first:last].translate(_URL_SAFE)}
    return frozenset(forms)


_ESCAPE = re.compile("%[0-9A-F]{2}")
_URL_SAFE = str.maketrans("+/", "-_")
