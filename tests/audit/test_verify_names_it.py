"""The verifier names the first line that does not hold and says why, whoever signed it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from export_cases import Log, open_log, resigned

from governance.audit.exports import verification as module
from governance.audit.exports.manifest import ExportBroken, Manifest
from governance.audit.exports.verification import verify_export
from governance.decisions.filters import Filters
from governance.settings import Settings
from governance.transparency.note_keys import Signer

Change = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Log]:
    with open_log(Settings(data_dir=tmp_path_factory.mktemp("log")), tiny_rulesets) as opened:
        opened.fill(60)
        yield opened


@pytest.fixture(scope="module")
def lines(log: Log, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    out = log.export(tmp_path_factory.mktemp("export") / "out", role="auditor")
    return out.read_bytes().splitlines(keepends=True)


def why(log: Log, tmp_path: Path, lines: list[bytes]) -> str:
    """What the verifier says of these lines."""
    export = tmp_path / "export"
    export.write_bytes(b"".join(lines))
    with pytest.raises(ExportBroken) as broken:
        log.verify(export)
    return broken.value.detail


def sub(pattern: bytes, put: bytes) -> Change:
    def change(line: bytes) -> bytes:
        changed = re.sub(pattern, put, line, count=1)
        assert changed != line
        return changed

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (sub(rb'"gate":"sale"', b'"gate":"sold"'), "leads to another root"),
        (sub(rb'"verdict":"[a-z_]+"', b'"verdict":"allowed!"'), "leads to another root"),
        (sub(rb'"decision_id":"..', b'"decision_id":"ZZ'), "leads to another root"),
        (sub(rb'"proof":\["....', b'"proof":["AAAA'), "leads to another root"),
        (sub(rb'"proof":\["[^"]+",', b'"proof":['), "hashes, not"),
        (sub(rb'"salt":"..', b'"salt":"zz'), "do not open its commitment"),
        (sub(rb'("salt":")([0-9a-f]{64})', rb"\g<1>AB\2"), "do not open its commitment"),
        (sub(rb'"value":"A gadget"', b'"value":"A widget"'), "do not open its commitment"),
        (sub(rb'"masked":\["/input/seller/id"\]', b'"masked":[]'), "is in none of `opened`"),
        (sub(rb'"erased":\[\]', b'"erased":["/input/seller/id"]'), "listed twice"),
        (sub(rb'"erased":\[\]', b'"erased":["/input/as_of"]'), "no commitment stands there"),
        (
            sub(
                rb'("masked":\[)("/input/seller/id"\].*)"/input/product/id":\{[^}]+\},',
                rb'\1"/input/product/id",\2',
            ),
            "is withheld, though the export does not say so",
        ),
        (sub(rb'"index":8,', b'"index":9,'), "index 8 is due"),
        (sub(rb'"index":8,', b'"index":8.0,'), "no record of an export"),
        (sub(rb'"gate":', b'"gate": '), "written otherwise"),
        (sub(rb'"gate":"sale"', b'"gate":"access","gate":"sale"'), "written otherwise"),
        (sub(rb'"gate":"sale"', b'"gate":"sale","note":1'), "unknown field `note`"),
        (sub(rb'"gate":"sale",', b""), "missing required field `gate`"),
        (sub(rb"^", b"["), "no record of an export"),
        (sub(rb"A gadget", b"\xff"), "no record of an export"),
        (sub(rb'"input":\{', b'"input":' + b"[" * 100_000), "no record of an export"),
    ],
)
def test_a_record_that_was_changed_is_named_even_where_the_manifest_was_signed_again(
    log: Log, lines: list[bytes], tmp_path: Path, change: Change, reason: str
) -> None:
    changed = [*lines[:9], change(lines[9]), *lines[10:]]
    for again in (changed, resigned(changed, log.signer)):
        said = why(log, tmp_path, again)
        assert said.startswith("Line 10 "), said
        assert reason in said


def test_index_and_decision_are_told_where_they_can_be_read(
    log: Log, lines: list[bytes], tmp_path: Path
) -> None:
    decision_id = msgspec.json.decode(lines[9])["decision_id"]
    changed = sub(rb'"gate":"sale"', b'"gate":"sold"')(lines[9])
    said = why(log, tmp_path, [*lines[:9], changed, *lines[10:]])
    assert said.startswith(f"Line 10 (index 8, decision '{decision_id}') does not hold: ")


def test_the_first_of_several_is_named(log: Log, lines: list[bytes], tmp_path: Path) -> None:
    change = sub(rb'"value":"A gadget"', b'"value":"A widget"')
    changed = [change(line) if number in (12, 31) else line for number, line in enumerate(lines)]
    assert why(log, tmp_path, changed).startswith("Line 13 (index 11, decision '01")


def test_the_first_is_named_where_several_processes_look(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.fill(3_100)
    lines = log.export(tmp_path / "out").read_bytes().splitlines(keepends=True)
    monkeypatch.setattr(module, "_WORTH_PROCESSES", 0)
    export = tmp_path / "export"
    change = sub(rb'"value":"A gadget"', b'"value":"A widget"')
    for number in (2_500, 1_200, 1_100):
        lines[number] = change(lines[number])
        export.write_bytes(b"".join(lines))
        with pytest.raises(ExportBroken, match=rf"^Line {number + 1:,} "):
            log.verify(export, workers=2)


def test_a_spelling_that_only_the_digest_sees_is_named_by_its_lines(
    log: Log, lines: list[bytes], tmp_path: Path
) -> None:
    # The same openings in another order: every record by itself holds.
    two = re.search(
        rb'("/input/product/id":\{[^}]+\}),("/input/product/title":\{[^}]+\})', lines[5]
    )
    assert two
    swapped = lines[5].replace(two[0], two[2] + b"," + two[1])
    said = why(log, tmp_path, [*lines[:5], swapped, *lines[6:]])
    assert said.startswith("Line")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda it: msgspec.structs.replace(it, count=it.count + 1), "`count`"),
        (lambda it: msgspec.structs.replace(it, complete=False), "`complete`"),
        (lambda it: msgspec.structs.replace(it, hides_others=True), "`hides_others`"),
        (lambda it: msgspec.structs.replace(it, exporter="nobody"), "`exporter`"),
        (lambda it: msgspec.structs.replace(it, masks={}), "`masks`"),
        (lambda it: msgspec.structs.replace(it, filter={"gate": "sale"}), "`filter`"),
        (lambda it: msgspec.structs.replace(it, from_index=1), "`from_index`"),
        (lambda it: msgspec.structs.replace(it, blocks=[*it.blocks, "0" * 64]), "`blocks`"),
        (lambda it: msgspec.structs.replace(it, header="0" * 64), "Line 1, the header"),
        (lambda it: msgspec.structs.replace(it, blocks=["0" * 64]), "not the lines that"),
        (lambda it: msgspec.structs.replace(it, gates={"sale": it.count}), "the manifest is for"),
        (lambda it: msgspec.structs.replace(it, last_index=3), "the manifest is for"),
        (lambda it: msgspec.structs.replace(it, block_lines=0), "none that this version can read"),
    ],
)
def test_a_signed_manifest_that_contradicts_the_export_is_refused(
    log: Log,
    lines: list[bytes],
    tmp_path: Path,
    change: Callable[[Manifest], Manifest],
    reason: str,
) -> None:
    assert reason in why(log, tmp_path, resigned(lines, log.signer, change))


def test_a_record_that_the_filter_does_not_mean_is_named(log: Log, tmp_path: Path) -> None:
    whole = log.export(tmp_path / "whole").read_bytes().splitlines(keepends=True)
    for filters in (Filters(gate="access"), Filters(market="US"), Filters(category="lasers")):
        out = log.export(tmp_path / "out", filters)
        header = out.read_bytes().splitlines(keepends=True)[0]
        checkpoint = msgspec.json.decode(whole[0])["checkpoint"]
        header = msgspec.json.encode(msgspec.json.decode(header) | {"checkpoint": checkpoint})
        # Line 2 is a sale of gadgets in DE, FR and AU.
        said = why(log, tmp_path, resigned([header + b"\n", *whole[1:]], log.signer))
        assert said.startswith("Line 2 (index 0")
        assert "does not mean it" in said


def test_a_filter_that_this_version_does_not_know_is_refused(
    log: Log, lines: list[bytes], tmp_path: Path
) -> None:
    header = msgspec.json.encode(msgspec.json.decode(lines[0]) | {"filter": {"colour": "red"}})
    said = why(log, tmp_path, resigned([header + b"\n", *lines[1:]], log.signer))
    assert "knows no filter `colour`" in said


def test_what_is_no_export_is_told(log: Log, lines: list[bytes], tmp_path: Path) -> None:
    assert "one line or none" in why(log, tmp_path, [])
    assert "one line or none" in why(log, tmp_path, [b"hello\n"])
    assert "no manifest" in why(log, tmp_path, [b"hello\n", b"world\n"])
    assert "no manifest: the export was cut" in why(log, tmp_path, lines[:-1])
    assert "No known key signed the note" in why(
        log, tmp_path, resigned_by_another(lines, log.signer)
    )


def resigned_by_another(lines: list[bytes], signer: Signer) -> list[bytes]:
    """The same manifest under a key of the same name."""
    other = Signer.generate(signer.name)
    note = msgspec.json.decode(lines[-1])["manifest"]
    text = note.rpartition("\n\n")[0] + "\n"
    signature = other.verifier.key_id.to_bytes(4, "big") + other.sign(text.encode())
    encoded = msgspec.json.encode(signature).decode().strip('"')
    return [
        *lines[:-1],
        msgspec.json.encode({"manifest": f"{text}\n— {other.name} {encoded}\n"}) + b"\n",
    ]


def test_a_second_signature_cannot_be_added_unseen(
    log: Log, lines: list[bytes], tmp_path: Path
) -> None:
    note = msgspec.json.decode(lines[-1])["manifest"]
    added = note + note.rpartition("\n\n")[2].replace(log.signer.name, "somebody.example")
    said = why(log, tmp_path, [*lines[:-1], msgspec.json.encode({"manifest": added}) + b"\n"])
    assert "another spelling" in said


def test_an_old_key_does_for_what_it_signed(log: Log, lines: list[bytes], tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.write_bytes(b"".join(lines))
    stranger = Signer.generate(log.signer.name).verifier
    assert verify_export(export, [stranger, log.verifier]).key.startswith(log.signer.name)
    with pytest.raises(ExportBroken):
        verify_export(export, [stranger])
    assert replace(log.verify(export), key="") == replace(log.verify(export, 2), key="")
