"""Keys of notes are read in the one text form that they have, and the private half is not shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.transparency.note_keys import InvalidNoteKey, Signer, Verifier

# The key pair of the package documentation, https://pkg.go.dev/golang.org/x/mod/sumdb/note
GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

names = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])).filter(
    lambda name: name and "+" not in name
)


def test_the_keys_of_the_go_documentation_are_read_and_belong_together() -> None:
    signer = Signer.parse(GO_SIGNER)
    assert signer.secret_text() == GO_SIGNER
    assert str(signer.verifier) == GO_VERIFIER
    assert Verifier.parse(GO_VERIFIER) == signer.verifier


@given(name=names, seed=st.binary(min_size=32, max_size=32))
def test_every_key_is_read_back(name: str, seed: bytes) -> None:
    signer = Signer(name, seed)
    assert Signer.parse(signer.secret_text()) == signer
    assert Verifier.parse(str(signer.verifier)) == signer.verifier
    assert signer.verifier.verifies(b"message", signer.sign(b"message"))
    assert not signer.verifier.verifies(b"messagf", signer.sign(b"message"))


def test_a_generated_key_is_new_and_printing_it_keeps_its_secret() -> None:
    one, two = Signer.generate("log.example"), Signer.generate("log.example")
    assert one.seed != two.seed
    assert repr(one.seed) not in repr(one)
    assert one.secret_text() not in f"{one!r} {one}"


@pytest.mark.parametrize(
    "text",
    ["", "PRIVATE+KEY", GO_VERIFIER, GO_SIGNER[:-1], f"{GO_SIGNER}\n", f" {GO_SIGNER}",
     GO_SIGNER.replace("PRIVATE", "private"), GO_SIGNER.replace("PeterNeumann", "PeterNeumenn"),
     GO_SIGNER.replace("PeterNeumann", ""), GO_SIGNER.replace("c74f20a3", "c74f20a4"),
     GO_SIGNER.replace("c74f20a3", "C74F20A3"), GO_SIGNER.replace("c74f20a3", "0c74f20a3"),
     GO_SIGNER.replace("+AYEK", "+AoEK"), GO_SIGNER.replace("AYEK", "AYEKAYEK")],
)  # fmt: skip
def test_a_text_that_is_no_signer_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidNoteKey) as refused:
        Signer.parse(text)
    assert "AYEK" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", GO_SIGNER, GO_VERIFIER[:-1], f"{GO_VERIFIER}\n", f" {GO_VERIFIER}",
     GO_VERIFIER.replace("PeterNeumann", "Peter Neumann"), GO_VERIFIER.replace("a3", "a4"),
     GO_VERIFIER.replace("+ARpc", "+AhpC"), GO_VERIFIER.replace("ARpc", "ARpcARpc"),
     GO_VERIFIER.replace("c74f20a3", "C74F20A3"), GO_VERIFIER[:-44], "PeterNeumann+c74f20a3+"],
)  # fmt: skip
def test_a_text_that_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidNoteKey):
        Verifier.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x01b", "a\u2003b", "a\ud800"])
def test_a_name_that_would_break_a_signature_line_is_refused(name: str) -> None:
    with pytest.raises(InvalidNoteKey, match="name"):
        Signer.generate(name)
    with pytest.raises(InvalidNoteKey, match="name"):
        Verifier(name, bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidNoteKey, match="32 bytes"):
        Signer("log.example", bytes(length))
    with pytest.raises(InvalidNoteKey, match="32 bytes"):
        Verifier("log.example", bytes(length))
