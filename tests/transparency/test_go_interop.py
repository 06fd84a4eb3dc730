"""Go's sumdb packages, which others wrote, accept our log and nothing that was changed in it."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from go_programs import build_go
from naive_tree import loader

from governance.transparency.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from governance.transparency.note_keys import Signer, Verifier
from governance.transparency.notes import open_note, sign
from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import grow
from governance.transparency.tree import leaf_hash

ORIGIN = "log.example/drops"
KEY = Signer.generate(ORIGIN)
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 33, 255, 256, 257, 300, 511, 600]
RECORDS = [b"record %d" % number for number in range(SIZES[-1])]
TREE = TiledTree(loader(grow(0, loader({}), [leaf_hash(record) for record in RECORDS])))

Run = Callable[..., str]


@pytest.fixture(scope="session")
def tlogcheck(
    tmp_path_factory: pytest.TempPathFactory, require_part: Callable[[str], NoReturn]
) -> Run:
    """`tlogcheck(*arguments, stdin=…)` runs the program in `go/` and gives what it prints."""
    source, folder = Path(__file__).parent / "go", tmp_path_factory.mktemp("go")
    program = build_go(source, folder / "tlogcheck", require_part)

    def run(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [str(program), *arguments], input=stdin.encode(), capture_output=True, check=True
        )
        return done.stdout.decode()

    return run


def checkpoint(size: int, signer: Signer = KEY) -> str:
    return sign_checkpoint(Checkpoint(ORIGIN, size, TREE.root(size)), [signer])


def encoded(hashes: list[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]


def record(index: int, size: int) -> dict[str, Any]:
    return {
        "index": index,
        "data": b64encode(RECORDS[index]).decode(),
        "proof": encoded(TREE.inclusion_proof(index, size)),
    }


def claim(size: int) -> dict[str, Any]:
    """All records of a tree (of a large one some), and all earlier trees of the list."""
    return {
        "key": str(KEY.verifier),
        "checkpoint": checkpoint(size),
        "records": [record(index, size) for index in range(0, size, 1 + size // 50)]
        + [record(size - 1, size)],
        "beginnings": [
            {"checkpoint": checkpoint(old), "proof": encoded(TREE.consistency_proof(old, size))}
            for old in SIZES
            if old <= size
        ],
    }


def judged(tlogcheck: Run, claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = tlogcheck("check", stdin="\n".join(json.dumps(one) for one in claims)).splitlines()
    assert len(lines) == len(claims)
    return [json.loads(line) for line in lines]


def test_go_accepts_our_checkpoints_records_and_beginnings_at_many_sizes(tlogcheck: Run) -> None:
    claims = [claim(size) for size in SIZES]
    for said, verdict in zip(claims, judged(tlogcheck, claims), strict=True):
        assert verdict["checkpoint"] == ""
        assert verdict["records"] == [""] * len(said["records"])
        assert verdict["beginnings"] == [""] * len(said["beginnings"])


def test_go_refuses_records_and_beginnings_that_were_changed(tlogcheck: Run) -> None:
    good = claim(257)
    records, beginnings = [], []
    for one in good["records"]:
        records += [
            one | {"index": (one["index"] + 1) % 257},
            one | {"data": b64encode(b"another record").decode()},
            one | {"proof": one["proof"][:-1]},
            one | {"proof": [*one["proof"], one["proof"][0]]},
            one | {"proof": encoded([bytes(32)]) + one["proof"][1:]},
        ]
    for one in good["beginnings"]:
        beginnings += [
            one | {"checkpoint": checkpoint(6)},
            one | {"checkpoint": checkpoint(300)},
            one | {"proof": encoded([bytes(32)]) + one["proof"]},
        ]
        if one["proof"]:
            beginnings.append(one | {"proof": one["proof"][:-1]})
    [verdict] = judged(tlogcheck, [good | {"records": records, "beginnings": beginnings}])
    assert verdict["checkpoint"] == ""
    assert [one for one in verdict["records"] if one == ""] == []
    assert [one for one in verdict["beginnings"] if one == ""] == []
    assert len(verdict["records"]) == len(records) > 200
    assert len(verdict["beginnings"]) == len(beginnings) > 40


def test_go_refuses_a_checkpoint_that_was_changed_or_that_another_key_signed(
    tlogcheck: Run,
) -> None:
    good = claim(7)
    others = [
        good["checkpoint"].replace("\n7\n", "\n8\n"),
        good["checkpoint"].replace(ORIGIN, "log.example/other"),
        good["checkpoint"][:-1],
        checkpoint(7, Signer.generate(ORIGIN)),
    ]
    verdicts = judged(tlogcheck, [good] + [good | {"checkpoint": other} for other in others])
    assert [verdict["checkpoint"] == "" for verdict in verdicts] == [True] + [False] * len(others)


def test_go_signs_with_our_key_as_we_do(tlogcheck: Run) -> None:
    text = "a text with é and\n\nan empty line\n"
    assert tlogcheck("sign", KEY.secret_text(), stdin=text) == sign(text, [KEY])


def test_a_note_that_go_signed_with_a_key_of_its_own_opens(tlogcheck: Run) -> None:
    secret, public = tlogcheck("keygen", ORIGIN).splitlines()
    signer, verifier = Signer.parse(secret), Verifier.parse(public)
    assert signer.verifier == verifier
    said = Checkpoint(ORIGIN, 600, TREE.root(600), ("an extension",))
    note = tlogcheck("sign", secret, stdin=str(said))
    assert open_checkpoint(note, [verifier], ORIGIN) == said
    assert open_note(note, [verifier]).verified[0].name == ORIGIN
    assert note == sign_checkpoint(said, [signer])
