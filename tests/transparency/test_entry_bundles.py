"""Entries come out of a bundle as they went in, and nothing else passes for a bundle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.transparency.entry_bundles import InvalidBundle, decode_bundle, encode_bundle


def test_a_bundle_is_each_entry_after_its_big_endian_length() -> None:
    assert (
        encode_bundle([b"ab", b"", b"x" * 258]) == b"\0\x02ab" + b"\0\0" + b"\x01\x02" + b"x" * 258
    )


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_entries_are_read_back_and_half_a_bundle_is_refused(entries: list[bytes]) -> None:
    bundle = encode_bundle(entries)
    assert decode_bundle(bundle) == entries
    with pytest.raises(InvalidBundle):
        decode_bundle(bundle[: 2 + len(entries[0]) - 1])
    with pytest.raises(InvalidBundle, match="ends within entry"):
        decode_bundle(bundle[:-1] if entries[-1] else bundle + b"\0")


def test_the_largest_entry_fits_and_one_byte_more_is_refused_with_its_size() -> None:
    assert decode_bundle(encode_bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(InvalidBundle, match="at most 65,535 bytes; this one has 65,536"):
        encode_bundle([b"x" * 65_536])


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_has_1_to_256_entries(count: int) -> None:
    with pytest.raises(InvalidBundle, match="1 to 256 entries"):
        encode_bundle([b"x"] * count)
    with pytest.raises(InvalidBundle, match="1 to 256 entries"):
        decode_bundle(b"\0\x01x" * count)
