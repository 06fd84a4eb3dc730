"""The log over HTTP: what is served can be checked with nothing but the log's key."""

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from go_programs import build_go
from sealed_log import key_of, record
from serving import Service, assert_problem
from sqlmodel import col, select, text, update
from tiny_library import ask

from governance.audit.log.sealer import seal
from governance.audit.models import Checkpoint as StoredCheckpoint
from governance.db import transaction
from governance.decisions.entry import entry
from governance.decisions.models import Decision
from governance.settings import Settings
from governance.transparency.checkpoint import Checkpoint, open_checkpoint
from governance.transparency.entry_bundles import decode_bundle
from governance.transparency.note_keys import Verifier
from governance.transparency.proof_text import ProofText, verify_proof_text
from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import changed_tiles
from governance.transparency.tree import leaf_hash, verify_consistency, verify_inclusion

SIZES = (7, 255, 300)
ENDPOINTS = [
    "/v1/log",
    "/v1/log/keys",
    "/v1/log/checkpoint",
    "/v1/log/tile/0/000",
    "/v1/log/consistency?first=7&second=300",
]


def by_hand(folder: Path, rulesets: Path) -> Settings:
    """Settings under which nothing is sealed but by hand."""
    return Settings(data_dir=folder, rulesets_dir=rulesets, seal_interval_seconds=3600)


@pytest.fixture(scope="module")
def log_service(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    """A service whose log has 300 entries, and one decision more that is not sealed."""
    settings = by_hand(tmp_path_factory.mktemp("log"), tiny_rulesets)
    with Service(settings).running() as running:
        running.asked = running.ask(ask("DE")).json()["decision_id"]
        before = 1
        for size in SIZES:
            record(running.engine, size - before, together=True)
            seal(running.engine, key_of(running.engine, settings))
            before = size
        record(running.engine, 1)
        yield running


@pytest.fixture
def empty_service(tmp_path: Path, tiny_rulesets: Path) -> Iterator[Service]:
    with Service(by_hand(tmp_path / "empty", tiny_rulesets)).running() as running:
        yield running


def verifier(service: Service) -> Verifier:
    (key,) = service.get("/v1/log/keys", role="auditor").json()["keys"]
    assert key["signs"] is True
    assert datetime.fromisoformat(key["since"]).tzinfo is not None
    return Verifier.parse(key["verifier_key"])


def head(service: Service) -> Checkpoint:
    key = verifier(service)
    answer = service.get("/v1/log/checkpoint", role="auditor")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return open_checkpoint(answer.text, [key], key.name)


def tile(service: Service, path: str) -> bytes:
    answer = service.get(f"/v1/log/tile/{path}", role="auditor")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]
    return answer.content


def test_the_newest_checkpoint_opens_with_the_key_that_is_listed(log_service: Service) -> None:
    assert head(log_service).size == 300


def test_the_log_says_how_far_it_is_sealed(log_service: Service) -> None:
    said = log_service.get("/v1/log", role="auditor").json()
    assert said["origin"] == "governance.localhost/decisions"
    assert said["size"] == 300
    assert said["unsealed"] >= 1
    assert 0 <= said["oldest_unsealed_seconds"] < 600
    assert datetime.fromisoformat(said["checkpoint_at"]).tzinfo is not None


def test_who_has_the_tiles_and_the_key_can_check_every_entry(log_service: Service) -> None:
    checkpoint = head(log_service)
    paths = {
        (one.level, one.index): str(one).removeprefix("tile/")
        for one in changed_tiles(0, checkpoint.size)
    }
    assert list(paths.values()) == ["0/000", "0/001.p/44", "1/000.p/1"]
    tree = TiledTree(lambda level, index: tile(log_service, paths[level, index]))
    assert tree.root(checkpoint.size) == checkpoint.root
    entries = decode_bundle(tile(log_service, "entries/000"))
    entries += decode_bundle(tile(log_service, "entries/001.p/44"))
    assert entries == [entry(one) for one in log_service.decisions()[:300]]
    for index, one in enumerate(entries):
        proof = tree.inclusion_proof(index, checkpoint.size)
        verify_inclusion(index, checkpoint.size, leaf_hash(one), proof, checkpoint.root)


def test_a_narrower_tile_is_the_beginning_of_the_wider(log_service: Service) -> None:
    whole = tile(log_service, "0/000")
    assert tile(log_service, "0/000.p/255") == whole[: 255 * 32]
    assert tile(log_service, "0/001.p/1") == tile(log_service, "0/001.p/44")[:32]
    assert (
        decode_bundle(tile(log_service, "entries/000.p/3"))
        == decode_bundle(tile(log_service, "entries/000"))[:3]
    )


@pytest.mark.parametrize(
    "path",
    ["0/001", "0/001.p/45", "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "63/000", "64/000",
     "entries/001", "entries/001.p/45", "entries/x999/x999/x999/x999/x999/x999/999", "0/1",
     "0/000.p/0", "0/000.p/256", "entries/../../checkpoint", "0/x999/x999/x999/x999/x999/x999/999",
     "", "0", "0/000/", "%00", "entries/%D9%A0%D9%A0%D9%A0"],
)  # fmt: skip
def test_a_tile_that_the_log_does_not_have_is_a_404(log_service: Service, path: str) -> None:
    path = path.replace("..", "%2e%2e")
    answer = log_service.get(f"/v1/log/tile/{path}", role="auditor")
    assert_problem(answer, 404, "no-such-tile")


def test_two_sizes_are_shown_to_be_of_one_log(log_service: Service) -> None:
    key = verifier(log_service)
    with transaction(log_service.engine) as session:
        notes = session.exec(select(StoredCheckpoint.note)).all()
    heads = [open_checkpoint(note, [key], key.name) for note in notes]
    assert [one.size for one in heads] == list(SIZES)
    for old in heads:
        for new in heads[heads.index(old) :]:
            path = f"/v1/log/consistency?first={old.size}&second={new.size}"
            said = log_service.get(path, role="auditor").json()
            assert (said["first"], said["second"]) == (old.size, new.size)
            proof = [b64decode(one, validate=True) for one in said["proof"]]
            verify_consistency(old.size, new.size, old.root, new.root, proof)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("first=8&second=301", "second"),
        ("first=8&second=7", "first"),
        ("first=0&second=7", "first"),
        ("first=07&second=7", "first"),
        ("first=7.0&second=7", "first"),
        ("first=-1&second=7", "first"),
        ("first=7&second=9999999999999999999", "second"),
        ("first=7", "second"),
        ("first=7&second=8&second=9", "second"),
        ("first=7&second=8&third=9", "third"),
    ],
)
def test_wrong_sizes_are_named(log_service: Service, query: str, field: str) -> None:
    answer = log_service.get(f"/v1/log/consistency?{query}", role="auditor")
    document = assert_problem(answer, 422, "invalid-request")
    assert [one["field"] for one in document["errors"]] == [field]


def test_a_decision_is_proved_by_a_text_that_needs_only_the_key(log_service: Service) -> None:
    key = verifier(log_service)
    for index in (1, 6, 254, 255, 299):
        decision = log_service.decisions()[index]
        answer = log_service.get(f"/v1/decisions/{decision.decision_id}/proof", role="auditor")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        said = ProofText.parse(answer.text)
        assert said.extra == entry(decision)
        assert verify_proof_text(answer.text, said.extra, [key], key.name) == (
            index,
            head(log_service),
        )


def test_a_portal_proves_its_own_decision_and_no_other(log_service: Service) -> None:
    own = log_service.get(f"/v1/decisions/{log_service.asked}/proof", role="portal")
    assert own.status_code == 200
    other = log_service.decisions()[3].decision_id
    assert_problem(log_service.get(f"/v1/decisions/{other}/proof"), 403, "forbidden")


def test_a_decision_that_waits_or_does_not_exist_has_no_proof(log_service: Service) -> None:
    waiting = log_service.decisions()[300].decision_id
    answer = log_service.get(f"/v1/decisions/{waiting}/proof", role="auditor")
    assert_problem(answer, 409, "not-sealed-yet")
    for unknown in ("01M80W19C15W9N4JD4AM3T6GHA", "%00"):
        answer = log_service.get(f"/v1/decisions/{unknown}/proof", role="auditor")
        assert_problem(answer, 404, "not-found")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_log_is_read_by_auditors_and_reviewers_and_not_by_portals(
    log_service: Service, path: str
) -> None:
    for role in ("auditor", "reviewer", "admin"):
        assert log_service.get(path, role=role).status_code == 200
    assert_problem(log_service.get(path, role="portal"), 403, "forbidden")
    assert_problem(log_service.get(path, role=None), 401, "unauthenticated")


def test_a_log_without_an_entry_says_so(empty_service: Service) -> None:
    service = empty_service
    assert_problem(service.get("/v1/log/checkpoint", role="auditor"), 404, "not-found")
    assert_problem(service.get("/v1/log/tile/0/000.p/1", role="auditor"), 404, "no-such-tile")
    answer = service.get("/v1/log/consistency?first=1&second=1", role="auditor")
    assert_problem(answer, 422, "invalid-request")
    assert service.get("/v1/log", role="auditor").json() == {
        "origin": "governance.localhost/decisions",
        "size": 0,
        "checkpoint_at": None,
        "unsealed": 0,
        "oldest_unsealed_seconds": None,
    }
    decision = service.ask(ask("DE")).json()["decision_id"]
    assert_problem(service.get(f"/v1/decisions/{decision}/proof"), 409, "not-sealed-yet")
    assert service.get("/v1/log", role="auditor").json()["unsealed"] == 1


def test_the_oldest_decision_that_waits_is_told_by_its_age(empty_service: Service) -> None:
    record(empty_service.engine, 2)
    with transaction(empty_service.engine, write=True) as session:
        session.connection().execute(text("DROP TRIGGER decision_append_only_update"))
        long_ago = datetime.now(UTC) - timedelta(days=3)
        first = col(Decision.sequence) == 1
        session.exec(update(Decision).where(first).values(timestamp=long_ago))
    said = empty_service.get("/v1/log", role="auditor").json()
    assert said["unsealed"] == 2
    assert 0 <= said["oldest_unsealed_seconds"] - 3 * 86_400 < 600


def test_go_accepts_what_the_service_serves_and_nothing_else(
    log_service: Service, tmp_path: Path, require_part: Callable[[str], NoReturn]
) -> None:
    source = Path(__file__).parent.parent / "transparency" / "go"
    program = build_go(source, tmp_path / "tlogcheck", require_part)
    with transaction(log_service.engine) as session:
        earlier = session.exec(select(StoredCheckpoint.note)).all()
    records = []
    for decision in log_service.decisions()[1:300:13]:
        path = f"/v1/decisions/{decision.decision_id}/proof"
        said = ProofText.parse(log_service.get(path, role="auditor").text)
        proof = [b64encode(one).decode() for one in said.proof]
        data = b64encode(said.extra).decode()
        records.append({"index": said.index, "data": data, "proof": proof})
    beginnings = []
    for note, size in zip(earlier, SIZES, strict=True):
        path = f"/v1/log/consistency?first={size}&second=300"
        proof = log_service.get(path, role="auditor").json()["proof"]
        beginnings.append({"checkpoint": note, "proof": proof})
    good = {
        "key": str(verifier(log_service)),
        "checkpoint": log_service.get("/v1/log/checkpoint", role="auditor").text,
        "records": records,
        "beginnings": beginnings,
    }
    moved = [one | {"index": one["index"] + 1} for one in records]
    bad = good | {"records": moved, "beginnings": [one | {"proof": []} for one in beginnings[:2]]}
    done = subprocess.run(
        [program, "check"], input=json.dumps(good) + json.dumps(bad), capture_output=True, text=True
    )
    accepted, refused = (json.loads(line) for line in done.stdout.splitlines())
    assert accepted == {"checkpoint": "", "records": [""] * len(records), "beginnings": [""] * 3}
    assert all(refused["records"])
    assert all(refused["beginnings"])
