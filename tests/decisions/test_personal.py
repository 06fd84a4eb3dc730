"""Personal values: out of the record, back where they may be shown, checkable with their salt."""

import json

from hypothesis import given
from hypothesis import strategies as st

from governance.decisions.personal import PersonalFields, matching, pointers, put_back, take_out
from governance.transparency.commitment import opens

FIELDS = PersonalFields("/seller/id", ("/seller/id", "/title", "/evidence/*/reference"))


def request(seller: str, title: str | None, references: list[str | None]) -> dict[str, object]:
    return {
        "seller": {"id": seller, "kind": "creator"},
        "title": title,
        "evidence": [{"type": "t", "reference": reference} for reference in references],
    }


words = st.text(min_size=1)


@given(words, st.none() | words, st.lists(st.none() | words, max_size=4))
def test_what_is_taken_out_can_be_put_back_and_checked(
    seller: str, title: str | None, references: list[str | None]
) -> None:
    asked = request(seller, title, references)
    recorded, personal = take_out(asked, FIELDS)
    assert personal.subject == seller
    assert set(pointers(recorded, FIELDS.fields)) == set(personal.opened)
    assert put_back(recorded, personal.opened) == asked
    assert all(matching(pointer, FIELDS.fields) for pointer in personal.opened)
    stored = json.loads(personal.as_json())
    for pointer, opening in stored.items():
        commitment = recorded
        for step in pointer.split("/")[1:]:
            commitment = commitment[int(step) if isinstance(commitment, list) else step]
        assert opens(commitment, bytes.fromhex(opening["salt"]), opening["value"])


def test_no_value_is_left_in_the_record_and_the_request_is_not_changed() -> None:
    asked = request("s-secret", "t-secret", ["r-secret", None])
    before = json.dumps(asked)
    recorded, _ = take_out(asked, FIELDS)
    assert "secret" not in json.dumps(recorded)
    assert json.dumps(asked) == before
    assert recorded["seller"]["kind"] == "creator"
    assert recorded["evidence"][1]["reference"] is None


def test_the_same_value_has_another_commitment_every_time() -> None:
    recorded = [take_out(request("s-1", "s-1", []), FIELDS)[0] for _ in range(2)]
    texts = [recorded[0]["title"], recorded[0]["seller"]["id"], recorded[1]["title"]]
    assert len(set(texts)) == 3


def test_a_pointer_matches_only_its_own_field() -> None:
    assert matching("/evidence/12/reference", FIELDS.fields)
    assert not matching("/evidence/reference", FIELDS.fields)
    assert not matching("/evidence/1/type", FIELDS.fields)
    assert not matching("/seller", FIELDS.fields)
