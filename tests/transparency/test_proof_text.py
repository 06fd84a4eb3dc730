"""The text of a proof shows offline that the log has a leaf, and nothing less does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_tree import audit_path, leaf, root_of

from governance.errors import GovernanceError
from governance.transparency.checkpoint import Checkpoint, InvalidCheckpoint, sign_checkpoint
from governance.transparency.note_keys import Signer
from governance.transparency.notes import NoteInvalid
from governance.transparency.proof_text import InvalidProofText, ProofText, verify_proof_text
from governance.transparency.tree import ProofInvalid

ORIGIN = "log.example/drops"
KEY = Signer(ORIGIN, bytes(range(32)))
RECORDS = [b"record %d" % number for number in range(7)]
LEAVES = [leaf(record) for record in RECORDS]
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 7, root_of(LEAVES)), [KEY])


def proof_of(index: int, extra: bytes = b"") -> ProofText:
    return ProofText(index, tuple(audit_path(index, LEAVES)), NOTE, extra)


@given(index=st.integers(0, 6), extra=st.binary(max_size=50))
def test_a_proof_is_read_back_and_holds(index: int, extra: bytes) -> None:
    proof = proof_of(index, extra)
    assert ProofText.parse(str(proof)) == proof
    found, checkpoint = verify_proof_text(str(proof), RECORDS[index], [KEY.verifier], ORIGIN)
    assert (found, checkpoint.size, checkpoint.root) == (index, 7, root_of(LEAVES))


def test_the_text_is_that_of_the_specification() -> None:
    """https://c2sp.org/tlog-proof"""
    header, extra, index, *hashes = str(proof_of(6, b"hint")).split("\n\n")[0].split("\n")
    assert header == "c2sp.org/tlog-proof@v1"
    assert (extra, index) == ("extra aGludA==", "index 6")
    assert len(hashes) == 2
    assert str(proof_of(6)).startswith("c2sp.org/tlog-proof@v1\nindex 6\n")
    assert str(proof_of(6)).endswith(f"\n\n{NOTE}")


def test_the_only_leaf_of_a_log_is_proved_by_no_hash() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, LEAVES[0]), [KEY])
    text = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}"
    assert str(ProofText(0, (), note)) == text
    assert verify_proof_text(text, RECORDS[0], [KEY.verifier], ORIGIN)[0] == 0


def test_another_leaf_index_or_path_is_refused() -> None:
    with pytest.raises(ProofInvalid):
        verify_proof_text(str(proof_of(3)), RECORDS[4], [KEY.verifier], ORIGIN)
    for wrong in (
        replace(proof_of(3), index=4),
        replace(proof_of(3), index=7),
        replace(proof_of(3), proof=proof_of(4).proof),
        replace(proof_of(3), proof=()),
    ):
        with pytest.raises(ProofInvalid):
            verify_proof_text(str(wrong), RECORDS[3], [KEY.verifier], ORIGIN)


def test_a_checkpoint_of_another_key_log_or_form_is_refused() -> None:
    stranger = sign_checkpoint(Checkpoint(ORIGIN, 7, root_of(LEAVES)), [Signer("x", bytes(32))])
    other_log = sign_checkpoint(Checkpoint("other", 7, root_of(LEAVES)), [KEY])
    for note, error in [(stranger, NoteInvalid), (other_log, InvalidCheckpoint), ("", NoteInvalid)]:
        text = str(replace(proof_of(3), checkpoint=note))
        with pytest.raises(error):
            verify_proof_text(text, RECORDS[3], [KEY.verifier], ORIGIN)


GOOD = str(proof_of(3))
FIRST_HASH = GOOD.split("\n")[2]
MALFORMED = {
    "nothing": "",
    "another version": GOOD.replace("@v1", "@v2"),
    "no header": GOOD.partition("\n")[2],
    "no index": GOOD.replace("index 3\n", ""),
    "an index with a leading zero": GOOD.replace("index 3", "index 03"),
    "a negative index": GOOD.replace("index 3", "index -3"),
    "an index beyond 63 bits": GOOD.replace("index 3", f"index {2**63}"),
    "an index in capitals": GOOD.replace("index 3", "Index 3"),
    "only a header": f"c2sp.org/tlog-proof@v1\n\n{NOTE}",
    "only extra data": f"c2sp.org/tlog-proof@v1\nextra AAAA\n\n{NOTE}",
    "empty extra data": GOOD.replace("index 3", "extra \nindex 3"),
    "extra data twice": GOOD.replace("index 3", "extra AAAA\nextra AAAA\nindex 3"),
    "extra data after the index": GOOD.replace("index 3", "index 3\nextra AAAA"),
    "extra data that is not base64": GOOD.replace("index 3", "extra ?\nindex 3"),
    "a hash of 31 bytes": GOOD.replace(FIRST_HASH, "AAAA" * 10 + "AA=="),
    "a hash with a space": GOOD.replace(FIRST_HASH, f" {FIRST_HASH}"),
    "a carriage return": GOOD.replace("\n", "\r\n"),
    "no empty line": GOOD.split("\n\n")[0],
    "64 hashes": GOOD.replace(FIRST_HASH, "\n".join([FIRST_HASH] * 64)),
    "2 MB": GOOD + "x" * 2_000_000,
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidProofText):
        ProofText.parse(text)


@given(st.text(alphabet=GOOD + "\ud800\r\t", max_size=400) | st.text())
def test_no_text_makes_the_reader_fail_otherwise_than_by_refusing(text: str) -> None:
    for whole in (text, f"c2sp.org/tlog-proof@v1\nindex 3\n{text}", GOOD[: len(text)] + text):
        with pytest.raises(GovernanceError):
            verify_proof_text(whole, b"no such record", [KEY.verifier], ORIGIN)
