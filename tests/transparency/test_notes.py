"""A note opens for who knows one of its keys, as it was signed and no other way."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.transparency.note_keys import Signer, Verifier
from governance.transparency.notes import NoteInvalid, open_note, sign

LOG = Signer("log.example/one", bytes(range(32)))
WITNESS = Signer("witness.example", bytes(range(1, 33)))
STRANGER = Signer("stranger.example", bytes(range(2, 34)))
TEXT = "first line\n\nafter an empty line: é 🎈\n"

line = st.text(st.characters(min_codepoint=0x20, blacklist_categories=["Cs"]), max_size=30)


def signature_line(signer: Signer, text: str) -> str:
    return sign(text, [signer]).removeprefix(f"{text}\n")


def test_the_example_of_the_specification_opens() -> None:
    """https://c2sp.org/signed-note, section Example."""
    verifier = Verifier.parse(
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    )
    note = open_note(
        "This is an example message.\n"
        "\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
        "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
        [verifier],
    )
    assert note.text == "This is an example message.\n"
    assert [(one.name, one.key_id) for one in note.verified] == [("example.com/foo", 0x530D903A)]


@given(st.lists(line, min_size=1))
def test_what_was_signed_comes_out(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    note = sign(text, [LOG, WITNESS])
    opened = open_note(note, [WITNESS.verifier])
    assert opened.text == text
    assert [one.name for one in opened.verified] == ["witness.example"]
    assert [one.name for one in opened.unverified] == ["log.example/one"]
    assert open_note(note.encode(), [WITNESS.verifier]) == opened


@given(st.data())
def test_a_changed_character_of_the_text_is_noticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TEXT) - 1))
    other = data.draw(
        st.characters(blacklist_categories=["Cs"]).filter(lambda one: one != TEXT[at])
    )
    note = sign(TEXT, [LOG])
    with pytest.raises(NoteInvalid):
        open_note(note[:at] + other + note[at + 1 :], [LOG.verifier])


def test_a_note_that_no_known_key_signed_is_refused_and_its_signers_are_named() -> None:
    note = sign(TEXT, [STRANGER])
    with pytest.raises(NoteInvalid, match=r"No known key.*stranger\.example\+"):
        open_note(note, [LOG.verifier])
    with pytest.raises(NoteInvalid, match="No known key"):
        open_note(note, [])


def test_a_key_with_a_known_name_or_a_known_id_only_is_unknown() -> None:
    same_name = Signer("log.example/one", bytes(32))
    opened = open_note(sign(TEXT, [LOG, same_name]), [LOG.verifier])
    assert [one.key_id for one in opened.unverified] == [same_name.verifier.key_id]
    same_id = sign(TEXT, [LOG]).replace("log.example/one", "log.example/two")
    with pytest.raises(NoteInvalid, match="No known key"):
        open_note(same_id, [LOG.verifier])


def test_a_bad_signature_of_a_known_key_spoils_the_note_whoever_else_signed() -> None:
    bad = signature_line(LOG, "another text\n")
    note = sign(TEXT, [WITNESS]) + bad
    assert len(open_note(note, [WITNESS.verifier]).unverified) == 1
    with pytest.raises(NoteInvalid, match=r"log\.example/one\+[0-9a-f]{8} does not fit"):
        open_note(note, [WITNESS.verifier, LOG.verifier])


def test_a_signature_of_another_length_is_a_bad_one() -> None:
    raw = b64decode(signature_line(LOG, TEXT).split(" ")[2])
    for other in (raw[:-1], raw + b"\0", raw[:5]):
        cut = f"{TEXT}\n— log.example/one {b64encode(other).decode()}\n"
        with pytest.raises(NoteInvalid, match="does not fit"):
            open_note(cut, [LOG.verifier])


def test_a_second_signature_of_a_known_key_is_passed_over_even_if_it_is_bad() -> None:
    note = sign(TEXT, [LOG, LOG]) + signature_line(LOG, "another text\n")
    assert len(open_note(note, [LOG.verifier]).verified) == 1


def test_a_repeated_line_of_an_unknown_key_counts_once() -> None:
    stranger = signature_line(STRANGER, TEXT)
    another = signature_line(STRANGER, "another text\n")
    note = sign(TEXT, [LOG]) + stranger + another + stranger
    assert len(open_note(note, [LOG.verifier]).unverified) == 2


def test_two_known_keys_that_cannot_be_told_apart_are_refused() -> None:
    assert open_note(sign(TEXT, [WITNESS]), [WITNESS.verifier, LOG.verifier, LOG.verifier])
    with pytest.raises(NoteInvalid, match="Two known keys"):
        open_note(sign(TEXT, [LOG]), [LOG.verifier, LOG.verifier])


@pytest.mark.parametrize("count", [100, 101])
def test_a_note_has_at_most_100_signatures(count: int) -> None:
    note = sign(TEXT, [LOG]) + signature_line(STRANGER, TEXT) * (count - 1)
    if count == 100:
        assert open_note(note, [LOG.verifier]).text == TEXT
    else:
        with pytest.raises(NoteInvalid, match="over 100"):
            open_note(note, [LOG.verifier])
    with pytest.raises(NoteInvalid, match="1 to 100 signatures"):
        sign(TEXT, [LOG] * 101)


GOOD = sign(TEXT, [LOG])
LAST_LINE = signature_line(LOG, TEXT)
MALFORMED = {
    "nothing": "",
    "only a text": TEXT,
    "a text and an empty line": f"{TEXT}\n",
    "no empty line": f"first line\n{LAST_LINE}",
    "no end of the last line": GOOD[:-1],
    "no end of the second signature": (GOOD + LAST_LINE)[:-1],
    "an empty line at the end": f"{GOOD}\n",
    "an empty line between signatures": f"{GOOD}\n{LAST_LINE}",
    "a carriage return": GOOD.replace("first line\n", "first line\r\n"),
    "a tab": GOOD.replace("first line", "first\tline"),
    "a null": GOOD.replace("first line", "first\0line"),
    "half a surrogate pair": GOOD.replace("é", "\ud800"),
    "bytes that are not UTF-8": GOOD.encode().replace("é".encode(), b"\xe9"),
    "a hyphen for the dash": GOOD.replace("—", "-"),
    "no space after the dash": GOOD.replace("— ", "—"),
    "two spaces before the name": GOOD.replace("— ", "—  "),
    "two spaces after the name": GOOD.replace("one ", "one  "),
    "no name": GOOD + LAST_LINE.replace("log.example/one", ""),
    "a name with a plus": GOOD + LAST_LINE.replace("log.example/one", "log.example+one"),
    "a name with a no-break space": GOOD + LAST_LINE.replace(".example/", ".\xa0example/"),
    "no signature": f"{TEXT}\n— log.example/one\n",
    "an empty signature": f"{TEXT}\n— log.example/one \n",
    "a key id and no signature": GOOD + f"— other.example {b64encode(b'1234').decode()}\n",
    "a signature without padding": GOOD.replace("=\n", "\n"),
    "a space after the signature": GOOD.replace("=\n", "= \n"),
    "a signature that is not base64": GOOD + "— other.example ????????\n",
    "a line without a signature": f"{GOOD}text\n",
    "over 1 MB": sign("x\n", [LOG]).replace("x\n", "x" * 1_000_000 + "\n"),
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(NoteInvalid):
        open_note(note, [LOG.verifier])


def test_set_bits_under_the_padding_of_a_signature_are_refused() -> None:
    """So that a note has no second spelling that verifies too."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = GOOD[-3]
    second = f"{GOOD[:-3]}{letters[letters.index(last) + 1]}=\n"
    assert b64decode(second.split(" ")[-1]) == b64decode(GOOD.split(" ")[-1])
    with pytest.raises(NoteInvalid, match="Not a signature line"):
        open_note(second, [LOG.verifier])


@pytest.mark.parametrize("text", ["", "no end", "a\rb\n", "a\tb\n", "a\x1fb\n", "\udfff\n"])
def test_a_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        sign(text, [LOG])


def test_a_note_that_nobody_signs_or_that_is_too_long_is_not_made() -> None:
    with pytest.raises(NoteInvalid, match="1 to 100 signatures"):
        sign(TEXT, [])
    assert sign("x" * 999_000 + "\n", [LOG])
    with pytest.raises(NoteInvalid, match="at most 1,000,000 bytes"):
        sign("x" * 999_950 + "\n", [LOG])
