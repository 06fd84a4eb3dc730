"""A checkpoint says the size and the root of one log, in one spelling, under its signature."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.transparency.checkpoint import (
    Checkpoint,
    InvalidCheckpoint,
    open_checkpoint,
    sign_checkpoint,
)
from governance.transparency.note_keys import Signer
from governance.transparency.notes import NoteInvalid, sign
from governance.transparency.tree import EMPTY_ROOT

ORIGIN = "log.example/drops"
KEY = Signer(ORIGIN, bytes(range(32)))
ROOT = sha256(b"root").digest()
TEXT = str(Checkpoint(ORIGIN, 7, ROOT))
ROOT_TEXT = TEXT.split("\n")[2]

lines = st.text(st.characters(min_codepoint=0x20, blacklist_categories=["Cs"]), min_size=1)


def test_the_example_of_the_specification_is_read() -> None:
    """https://c2sp.org/tlog-checkpoint"""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert str(checkpoint) == text


@given(
    origin=lines,
    size=st.integers(1, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(lines).map(tuple),
)
def test_every_checkpoint_is_read_back(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    checkpoint = Checkpoint(origin, size, root, extensions)
    assert Checkpoint.parse(str(checkpoint)) == checkpoint
    note = sign_checkpoint(checkpoint, [KEY])
    assert open_checkpoint(note, [KEY.verifier], origin) == checkpoint


def test_an_empty_log_has_the_root_of_nothing() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert Checkpoint.parse(str(empty)) == empty
    with pytest.raises(InvalidCheckpoint, match="empty log"):
        Checkpoint(ORIGIN, 0, ROOT)


def test_a_checkpoint_of_another_log_is_refused_though_the_key_is_known() -> None:
    note = sign_checkpoint(Checkpoint("log.example/other", 7, ROOT), [KEY])
    with pytest.raises(InvalidCheckpoint, match=r"that of 'log\.example/other'"):
        open_checkpoint(note, [KEY.verifier], ORIGIN)


def test_a_checkpoint_that_another_key_signed_is_refused() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), [Signer(ORIGIN, bytes(32))])
    with pytest.raises(NoteInvalid, match="No known key"):
        open_checkpoint(note, [KEY.verifier], ORIGIN)


def test_an_origin_with_a_control_character_is_not_signed() -> None:
    with pytest.raises(NoteInvalid, match="control character"):
        sign_checkpoint(Checkpoint("log\texample", 7, ROOT), [KEY])


MALFORMED = {
    "nothing": "",
    "one line": f"{ORIGIN}\n",
    "no root": f"{ORIGIN}\n7\n",
    "no end of the last line": TEXT[:-1],
    "no end of an extension": f"{TEXT}extension",
    "an empty origin": TEXT.replace(ORIGIN, ""),
    "an empty extension": f"{TEXT}\n",
    "an empty line before an extension": f"{TEXT}\nextension\n",
    "a negative size": TEXT.replace("\n7\n", "\n-7\n"),
    "a signed size": TEXT.replace("\n7\n", "\n+7\n"),
    "a leading zero": TEXT.replace("\n7\n", "\n07\n"),
    "two zeros": TEXT.replace("\n7\n", "\n00\n"),
    "a size with a space": TEXT.replace("\n7\n", "\n7 \n"),
    "a size in other digits": TEXT.replace("\n7\n", "\n٧\n"),
    "no size": TEXT.replace("\n7\n", "\n\n"),
    "a size beyond 63 bits": TEXT.replace("\n7\n", f"\n{2**63}\n"),
    "a size of many digits": TEXT.replace("\n7\n", f"\n{'9' * 5000}\n"),
    "a root of 31 bytes": TEXT.replace(ROOT_TEXT, "AAAA" * 10 + "AA=="),
    "a root of 33 bytes": TEXT.replace(ROOT_TEXT, "AAAA" * 11),
    "a root without padding": TEXT.replace("=", ""),
    "a root with a space": TEXT.replace("=", "= "),
    "a root that is not base64": TEXT.replace(ROOT_TEXT, "?" * 44),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_checkpoint_is_refused_though_it_is_signed(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        Checkpoint.parse(text)
    if text:
        with pytest.raises((InvalidCheckpoint, NoteInvalid)):
            open_checkpoint(sign(text, [KEY]), [KEY.verifier], ORIGIN)


@pytest.mark.parametrize("line", ["", "two\nlines"])
def test_a_line_that_would_break_the_text_is_refused(line: str) -> None:
    with pytest.raises(InvalidCheckpoint, match="lines that are not empty"):
        Checkpoint(line, 7, ROOT)
    with pytest.raises(InvalidCheckpoint, match="lines that are not empty"):
        Checkpoint(ORIGIN, 7, ROOT, (line,))


@pytest.mark.parametrize(("size", "root"), [(-1, ROOT), (2**63, ROOT), (7, ROOT[:31]), (7, b"")])
def test_a_size_or_root_that_cannot_be_is_refused(size: int, root: bytes) -> None:
    with pytest.raises(InvalidCheckpoint):
        Checkpoint(ORIGIN, size, root)
