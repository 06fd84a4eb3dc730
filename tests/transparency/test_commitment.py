"""A commitment opens with its own salt and value, whose JSON is that of RFC 8785."""

from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from governance.transparency.commitment import (
    NotCommittable,
    canonical_json,
    commit,
    opens,
)

text = st.text(st.characters(blacklist_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text


@given(scalars)
@example("".join(map(chr, range(0x100))))
@example('\u2028\u2029\ufeff\uffff\U0001f388\U0010ffff"\\/</script>')
@example(2**53 - 1)
@example(-(2**53) + 1)
def test_the_json_is_that_of_rfc_8785(value: str | bool | int | None) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(text, scalars)
def test_a_commitment_opens_with_its_own_value_only(value: str, other: Any) -> None:
    salt, commitment = commit(value)
    assert commitment == f"commitment:sha256:{sha256(salt + rfc8785.dumps(value)).hexdigest()}"
    assert opens(commitment, salt, value)
    assert opens(commitment, salt, other) is (other == value)
    assert not opens(commitment, commit(value)[0], value)


def test_values_that_python_holds_equal_have_commitments_of_their_own() -> None:
    salt, commitment = commit(1)
    assert opens(commitment, salt, 1)
    assert not opens(commitment, salt, True)
    assert not opens(commitment, salt, "1")


def test_every_commitment_has_a_salt_of_its_own() -> None:
    made = [commit("ada@example.org") for _ in range(100)]
    assert {len(salt) for salt, _ in made} == {32}
    assert len({salt for salt, _ in made}) == 100
    assert len({commitment for _, commitment in made}) == 100


def test_a_salt_that_takes_the_first_bytes_of_the_value_opens_nothing() -> None:
    salt, commitment = commit(12)
    assert commitment.endswith(sha256(salt + b"1" + b"2").hexdigest())
    assert not opens(commitment, salt + b"1", 2)


def test_a_commitment_has_one_spelling() -> None:
    salt, commitment = commit("ada@example.org")
    digest = commitment.removeprefix("commitment:sha256:")
    for other in ("", digest, commitment.upper(), commitment[:-1], f"{commitment} "):
        assert not opens(other, salt, "ada@example.org")


@pytest.mark.parametrize(
    "value",
    ["\ud800", "a\udfff", 1.0, float("nan"), 2**53, -(2**53), b"x", ["x"], {"x": 1}, object()],
)  # fmt: skip
def test_what_has_no_one_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCommittable):
        commit(value)
    with pytest.raises(NotCommittable):
        opens("commitment:sha256:00", bytes(32), value)
