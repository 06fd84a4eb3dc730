"""Credentials show in no form: repr, format, pickle, JSON, messages, logs."""

import base64
import copy
import io
import json
import logging
import pickle
import re
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
from connector_stand_ins import DOES_RETURNS, IN_GERMANY, SHORT, Scripted
from hypothesis import given
from hypothesis import strategies as st

from governance.providers.connectors.credentials import MIN_LENGTH, Credential, scrub
from governance.providers.connectors.protocol import COVERAGE, Level, Message
from governance.providers.connectors.resilience import Guarded

SECRET = 'sk_live/Zo"ë+7&q=\\x'


@pytest.fixture
def credential() -> Credential:
    return Credential(SECRET)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a handler at the root writes, of everything."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_its_value_shows_in_no_form(credential: Credential) -> None:
    shown = [
        repr(credential),
        str(credential),
        f"{credential}",
        f"{credential:>30}",
        f"{[credential]}",
    ]
    assert not [text for text in shown if SECRET in text or "sk_live" in text]
    assert credential.reveal() == SECRET


@pytest.mark.parametrize("taken_away", [pickle.dumps, json.dumps, copy.copy, copy.deepcopy])
def test_it_is_neither_pickled_nor_copied_nor_json(
    credential: Credential, taken_away: Callable[[object], object]
) -> None:
    with pytest.raises(TypeError) as refusal:
        taken_away(credential)
    assert SECRET not in str(refusal.value)


def test_one_too_short_to_be_found_in_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="8 characters or more"):
        Credential("x" * (MIN_LENGTH - 1))


@pytest.mark.parametrize(
    "travels",
    [
        str,
        repr,
        json.dumps,
        lambda secret: json.dumps(secret, ensure_ascii=False),
        urllib.parse.quote,
        urllib.parse.quote_plus,
        lambda secret: re.sub("%..", lambda one: one[0].lower(), urllib.parse.quote_plus(secret)),
        lambda secret: secret.encode().hex(),
    ],
)
def test_it_is_found_in_the_forms_in_which_it_travels(
    credential: Credential, travels: Callable[[str], str]
) -> None:
    carried = travels(SECRET)
    clean = scrub(f"GET https://api.example/v1?key={carried}&page=2")
    assert carried.strip("\"'") not in clean
    assert "[credential]" in clean


@given(
    st.text(min_size=MIN_LENGTH).filter(lambda text: len(text.strip()) >= MIN_LENGTH),
    st.binary(max_size=7),
)
def test_it_is_found_in_base64_wherever_it_begins(secret: str, before: bytes) -> None:
    kept = Credential(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        clean = scrub(encode(before + secret.encode() + b":tail").decode())
        assert "[credential]" in clean
    assert kept.reveal() == secret


def test_an_exception_that_echoes_it_is_scrubbed_in_message_and_log(
    credential: Credential, log: io.StringIO
) -> None:
    def echoes() -> None:
        try:
            raise KeyError(credential.reveal())
        except KeyError as cause:
            raise PermissionError(f"401 for token {credential.reveal()}") from cause

    _, said = Guarded("leaky", Scripted(echoes), SHORT).ask(COVERAGE, IN_GERMANY)
    assert "PermissionError: 401 for token [credential]" in said[0].sentence
    assert "PermissionError: 401 for token [credential]" in log.getvalue()
    assert "KeyError: '[credential]'" in log.getvalue()
    for text in (said[0].sentence, log.getvalue()):
        assert "sk_live" not in text


def test_a_message_of_the_connector_that_holds_it_is_scrubbed(credential: Credential) -> None:
    said = (Message(Level.ERROR, "refused", f"The key {SECRET} has expired"),)
    answered = Guarded("leaky", Scripted(lambda: (DOES_RETURNS, said)), SHORT).ask(
        COVERAGE, IN_GERMANY
    )
    assert answered == (
        DOES_RETURNS,
        (Message(Level.ERROR, "refused", "The key [credential] has expired"),),
    )


def test_garbage_that_holds_it_is_scrubbed(credential: Credential, log: io.StringIO) -> None:
    kind = type(SECRET, (), {})
    _, said = Guarded("leaky", Scripted(lambda: (kind(), ())), SHORT).ask(COVERAGE, IN_GERMANY)
    assert "sk_live" not in said[0].sentence + log.getvalue()


def test_a_librarys_own_log_line_is_scrubbed(credential: Credential, log: io.StringIO) -> None:
    library = logging.getLogger("vendor.http")
    library.debug("connect with %s and %d", SECRET, 7)
    library.info(f"GET /?key={urllib.parse.quote_plus(SECRET)}")
    library.warning({"authorization": f"Bearer {SECRET}"})
    library.warning("does not fit", SECRET)
    library.warning("stack", stack_info=True)
    try:
        raise ValueError(SECRET)
    except ValueError:
        library.exception("failed")
    assert "sk_live" not in log.getvalue()
    assert "connect with [credential] and 7" in log.getvalue()
    assert "ValueError: [credential]" in log.getvalue()


def test_a_log_line_without_it_keeps_its_arguments(credential: Credential) -> None:
    record = logging.getLogRecordFactory()("n", 20, "f", 1, "%s is %d", ("page", 2), None)
    assert (record.msg, record.args, record.getMessage()) == ("%s is %d", ("page", 2), "page is 2")
