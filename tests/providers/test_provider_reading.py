"""Providers in YAML and JSON: read strictly, with the place of what is wrong."""

import json

import pytest
from provider_documents import WHOLE, lane, small, whole
from test_registry import VOCABULARY

from governance.errors import FieldError, InvalidRequest
from governance.providers.documents import ProviderDocument
from governance.providers.reading import MOST_BYTES, Source, read_documents

YAML = """\
id: acme
name: Acme
services:
  - {service: last_mile, markets: [NO, DE]}
licences:
  - {id: "1", type: de.register, jurisdiction: DE, number: "007", valid_from: 2026-01-01}
"""


def read(*texts: str, is_json: bool = False) -> list[ProviderDocument]:
    names = ["a.yaml", "b.yaml"]
    sources = [Source(names[number], text, is_json) for number, text in enumerate(texts)]
    return read_documents(sources, VOCABULARY)


def refused(*texts: str, is_json: bool = False) -> list[FieldError]:
    with pytest.raises(InvalidRequest) as error:
        read(*texts, is_json=is_json)
    return list(error.value.errors)


def test_norway_stays_norway_and_a_date_a_date() -> None:
    (document,) = read(YAML)
    assert read(YAML.replace('"007"', "007")) == [document]  # a leading zero makes no number
    assert document.services[0].markets == ["NO", "DE"]
    assert document.licences[0].model_dump() == {
        "id": "1",
        "type": "de.register",
        "jurisdiction": "DE",
        "number": "007",
        "valid_from": "2026-01-01",
        "valid_to": None,
    }


def test_json_is_read_as_json_and_as_yaml_to_the_same_document() -> None:
    text = json.dumps(WHOLE, indent=1)
    (wanted,) = read(text, is_json=True)
    assert read(text) == [wanted]
    assert wanted.model_dump() == WHOLE


def test_one_text_holds_one_provider_or_several() -> None:
    several = json.dumps({"providers": [small("a"), small("b")]})
    assert [one.id for one in read(several, YAML)] == ["a", "b", "acme"]
    assert read(json.dumps({"providers": []})) == []


@pytest.mark.parametrize(
    ("text", "place", "says", "hint"),
    [
        (YAML.replace("[NO, DE]", "[NO, UK]"), "a.yaml:4:40", "`UK`", "`GB`"),
        (YAML + "nmae: Acme\n", "a.yaml:7:7", "`nmae` is not", "leave it out"),
        (YAML.replace("2026-01-01", "2026-13-01"), "a.yaml:6:79", "no date", "YYYY-MM-DD"),
        (YAML.replace("[NO, DE]", "NO"), "a.yaml:4:35", "list", "in [ ]"),
        (YAML + "sample: yes\n", "a.yaml:7:9", "boolean", "true or false"),
        (YAML + "name: Other\n", "a.yaml:7:1", "twice", "line 2"),
        (YAML + "slas: &a []\n", "a.yaml:7:7", "anchor", "write the value out"),
        (YAML + "slas: *a\n", "a.yaml:7:7", "alias", "write the value out"),
        (YAML + "slas: !!python/none x\n", "a.yaml:7:7", "tag", "types the values"),
        (YAML + "---\nid: b\n", "a.yaml:7:1", "second document", "one document"),
        (YAML + "slas: [\n", "a.yaml", "not YAML", "brackets"),
        ("- 1\n", "a.yaml:1:1", "mapping at its top", "write providers: …"),
        ("", "a.yaml:1:1", "empty", "fill it"),
        ("a: \u0007", "a.yaml:1:4", "a providers file", "UTF-8"),
        ("a: " + "x" * MOST_BYTES, "a.yaml:1:1", "at most 1,000,000", ""),
        ("[" * 50, "a.yaml", "nested deeper", "flatten"),
    ],
)
def test_what_is_wrong_in_yaml_is_told_with_line_and_column(
    text: str, place: str, says: str, hint: str
) -> None:
    error = refused(text)[0]
    assert error.message.startswith(place)
    assert says in error.message
    assert hint in (error.hint or "")


def test_a_fault_between_fields_has_its_place_too() -> None:
    lines = [
        "providers:",
        f"  - {json.dumps(small('a'))}",
        f"  - {json.dumps(small('b', lanes=[lane('x', 'DE'), lane('y', 'FR')]))}",
    ]
    (error,) = refused("\n".join(lines))
    assert error.field == "/providers/1/lanes/1/service"
    assert error.message.startswith(f"a.yaml:3:{lines[2].rindex('last_mile')}: `last_mile` is not")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1, column 2: not JSON"),
        ('{"id": "a",\n "id": "b"}', "`id` stands twice"),
        ('{"a": NaN}', "`NaN` is no number"),
        ("[" * 100_000, "nested too deeply"),
        ("[1]", "must be an object"),
        ('{"providers": {}}', "is a list"),
        ('{"providers": [], "id": "a"}', "stands alone"),
        ('{"providers": [3]}', "must be an object"),
        ('{"providers": [{"providers": []}]}', "`providers` is not a field"),
    ],
)
def test_broken_json_is_told(text: str, says: str) -> None:
    assert any(says in error.message for error in refused(text, is_json=True))


def test_all_errors_of_all_files_are_told() -> None:
    errors = refused(YAML.replace("NO, DE", "UK"), json.dumps(small("b", "ZZ", sample=1)))
    assert [(error.field, error.message.split(":")[0]) for error in errors] == [
        ("/services/0/markets/0", "a.yaml"),
        ("/sample", "b.yaml"),
        ("/services/0/markets/0", "b.yaml"),
    ]


def test_a_provider_that_stands_in_two_files_is_refused() -> None:
    (error,) = refused(YAML, json.dumps(whole()))
    assert error.message == "b.yaml: provider `acme` stands there twice"
