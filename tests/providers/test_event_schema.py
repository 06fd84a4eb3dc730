"""What we send and take in as a CloudEvent is one by the published JSON schema of CloudEvents.

The schema: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/cloudevents.json
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs
import pytest
from event_cases import NOW, counted, event, foreign, lines, register
from hypothesis import HealthCheck, given
from hypothesis import settings as sized
from hypothesis import strategies as st
from sqlalchemy import Engine

from governance.app import create_app
from governance.demo.history import made_up_events
from governance.providers.commands import SAMPLE
from governance.providers.events.endpoints import PATH
from governance.providers.events.ingest import ingest
from governance.providers.events.observation import Refused, microseconds
from governance.providers.events.reading import read
from governance.providers.models import StandingChange
from governance.providers.reading import Source, read_documents
from governance.providers.vetting.feed import cloud_event
from governance.providers.vetting.schemas import StandingChanged
from governance.rules.library import load_library, read_tree
from governance.settings import Settings

BESIDE_THE_PROJECT = Path(__file__).parents[2].parent / "shared" / "specs" / "cloudevents.json"
RECEIVED = microseconds(NOW)


@pytest.fixture(scope="module")
def schema(require_part: Callable[[str], NoReturn]) -> dict[str, Any]:
    if not BESIDE_THE_PROJECT.is_file():
        require_part(f"The JSON schema of CloudEvents is not at {BESIDE_THE_PROJECT}")
    found: dict[str, Any] = json.loads(BESIDE_THE_PROJECT.read_bytes())
    return found


def test_what_the_service_itself_calls_a_cloud_event_is_one(schema: dict[str, Any]) -> None:
    taken = create_app().openapi()["paths"][PATH]["post"]["requestBody"]["content"]
    change = StandingChange(
        number=1,
        provider_id="acme",
        from_standing="applicant",
        to_standing="provisional",
        decision_id="d",
        reason="all of it is proved",
        touches={},
        changed_at=NOW,
    )
    told = StandingChanged.model_validate(cloud_event(change)).model_dump(mode="json")
    ours = [told, event(), event("cancelled"), counted()]
    ours += [foreign("org.dcsa.tnt.event.v3", {})]
    ours += [taken["application/cloudevents+json"]["example"]]
    ours += taken["application/cloudevents-batch+json"]["example"]
    sources = [Source(file.name, file.read_text("utf-8")) for file in sorted(SAMPLE.glob("*.yaml"))]
    documents = read_documents(sources, load_library(read_tree(Settings().rulesets_dir)).vocabulary)
    ours += [json.loads(one.body) for one in made_up_events(documents, NOW)]
    check = jsonschema_rs.validator_for(schema, validate_formats=True)
    for one in ours:
        check.validate(one)


def test_what_the_schema_requires_is_missed_by_its_name(
    sqlite_engine: Engine, schema: dict[str, Any]
) -> None:
    register(sqlite_engine, "acme")
    required = schema["required"]
    assert set(required) == {"id", "source", "specversion", "type"}
    without = [{k: v for k, v in event().items() if k != name} for name in required]
    report = ingest(sqlite_engine, lines(without), NOW)
    assert report.accepted == 0
    found = [(one.reason, one.pointer, bool(one.hint)) for one in report.set_aside]
    assert found == [("missing-field", f"/{name}", True) for name in required]
    wrong = [event() | {name: value} for name in required for value in ("", None, 5, ["x"], {})]
    report = ingest(sqlite_engine, lines(wrong), NOW)
    assert report.accepted == 0
    assert [one.pointer for one in report.set_aside] == [
        f"/{n}" for n in required for _ in range(5)
    ]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("data_base64", "AA==", ["0", "AA=", "0-0"]),
        ("dataschema", "https://carrier.example/v1#a", ["0", "a b", "https://a b", "x:#a#b"]),
    ],
)
def test_what_nobody_reads_is_still_what_it_is_called(name: str, good: str, bad: list[str]) -> None:
    read(json.dumps(event() | {name: good}).encode(), RECEIVED)
    for text in bad:
        with pytest.raises(Refused) as refused:
            read(json.dumps(event() | {name: text}).encode(), RECEIVED)
        assert refused.value.pointer == f"/{name}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@sized(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), made=st.sampled_from([event(), counted()]), value=JSON)
def test_what_is_taken_in_is_an_event_by_the_schema(
    schema: dict[str, Any], data: st.DataObject, made: dict[str, Any], value: Any
) -> None:
    name = data.draw(st.sampled_from(sorted({*schema["properties"], "an_extension"})))
    sent = made | {name: value}
    try:
        read(json.dumps(sent).encode(), RECEIVED)
    except Refused:
        return
    jsonschema_rs.validate(schema, sent)
