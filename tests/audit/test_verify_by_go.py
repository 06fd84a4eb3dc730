"""Our verifier and one over Go's sumdb packages accept an export and nothing that was changed."""

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from export_cases import Log, open_log
from go_programs import build_go
from serving import SOAK

from governance.audit.exports.manifest import ExportBroken
from governance.audit.exports.verification import verify_export
from governance.decisions.filters import Filters
from governance.settings import Settings
from governance.transparency.note_keys import Verifier

_LARGE = 50_000 if SOAK else 2_500
_FLIPS = 60 if SOAK else 30
_STRIDE = 1 if SOAK else 41

Judge = Callable[[Path, Verifier], str]


@pytest.fixture(scope="session")
def by_go(
    tmp_path_factory: pytest.TempPathFactory, require_part: Callable[[str], NoReturn]
) -> Judge:
    """`by_go(export, key)` runs the program in `verifier/`: empty if it accepts, else why not."""
    source, folder = Path(__file__).parent / "verifier", tmp_path_factory.mktemp("go")
    program = build_go(source, folder / "verifyexport", require_part)

    def judge(export: Path, key: Verifier) -> str:
        done = subprocess.run([program, export, str(key)], capture_output=True)
        assert done.returncode in (0, 1), done.stderr
        return "" if done.returncode == 0 else done.stdout.decode(errors="replace")

    return judge


def by_us(export: Path, key: Verifier) -> str:
    """Empty if our verifier accepts, else why not."""
    try:
        verify_export(export, [key], workers=2)
    except ExportBroken as broken:
        return broken.detail
    return ""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Log]:
    with open_log(Settings(data_dir=tmp_path_factory.mktemp("log")), tiny_rulesets) as opened:
        opened.fill(40)
        yield opened


@pytest.fixture(scope="module")
def small(log: Log, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return log.export(tmp_path_factory.mktemp("small") / "out").read_bytes()


@pytest.fixture(scope="module")
def large(log: Log, small: bytes, tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, bytes]:
    log.fill(_LARGE)
    return log, log.export(tmp_path_factory.mktemp("large") / "out").read_bytes()


def refused_by_both(export: Path, key: Verifier, by_go: Judge) -> bool:
    return bool(by_us(export, key)) and bool(by_go(export, key))


@pytest.mark.soak
def test_both_accept_the_log(large: tuple[Log, bytes], by_go: Judge, tmp_path: Path) -> None:
    log, content = large
    export = tmp_path / "export"
    export.write_bytes(content)
    assert by_us(export, log.verifier) == by_go(export, log.verifier) == ""
    verified = log.verify(export)
    assert verified.manifest.complete
    assert verified.manifest.count >= _LARGE


@pytest.mark.parametrize(
    "filters", [Filters(market="US"), Filters(gate="access"), Filters(caller="nobody")]
)
def test_both_accept_a_filtered_export(
    log: Log, by_go: Judge, tmp_path: Path, filters: Filters
) -> None:
    for role in ("admin", "auditor"):
        export = log.export(tmp_path / role, filters, role=role)
        assert by_us(export, log.verifier) == by_go(export, log.verifier) == ""


@pytest.mark.soak
def test_both_refuse_a_byte_flipped_anywhere(
    large: tuple[Log, bytes], by_go: Judge, tmp_path: Path
) -> None:
    log, content = large
    chance = random.Random(20261122)
    export = tmp_path / "export"
    export.write_bytes(content)
    with export.open("r+b") as file:
        for _ in range(_FLIPS):
            at, bits = chance.randrange(len(content)), chance.randrange(1, 256)
            _put(file.fileno(), at, content[at] ^ bits)
            assert refused_by_both(export, log.verifier, by_go), (at, bits)
            _put(file.fileno(), at, content[at])
    assert by_us(export, log.verifier) == ""


@pytest.mark.soak
def test_both_refuse_a_flip_of_every_byte_of_a_line(
    log: Log, small: bytes, by_go: Judge, tmp_path: Path
) -> None:
    lines = small.splitlines(keepends=True)
    export = tmp_path / "export"
    export.write_bytes(small)
    starts = [sum(map(len, lines[:number])) for number in (0, 1, 17, len(lines) - 1)]
    ends = [start + len(lines[n]) for start, n in zip(starts, (0, 1, 17, -1), strict=True)]
    with export.open("r+b") as file:
        for start, end in zip(starts, ends, strict=True):
            # The last bytes of each line too: there stand line end, base64 padding, last digit.
            for at in {*range(start, end, _STRIDE), *range(end - 12, end)}:
                for bits in (0x01, 0x20):  # the next character, the other case
                    _put(file.fileno(), at, small[at] ^ bits)
                    assert refused_by_both(export, log.verifier, by_go), (at, bits, small[at])
                _put(file.fileno(), at, small[at])
    assert by_us(export, log.verifier) == ""


def _put(descriptor: int, at: int, byte: int) -> None:
    os.pwrite(descriptor, bytes([byte]), at)


def rearranged(lines: list[bytes], other: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Exports with a line too few, too many, or at another place."""
    for number in (0, 1, 20, len(lines) - 2, len(lines) - 1):
        yield f"line {number} deleted", lines[:number] + lines[number + 1 :]
        yield f"line {number} twice", lines[: number + 1] + lines[number:]
    swapped = lines.copy()
    swapped[5], swapped[6] = swapped[6], swapped[5]
    yield "two lines swapped", swapped
    yield "records reversed", [lines[0], *reversed(lines[1:-1]), lines[-1]]
    yield "a record of another log", [*lines[:9], other[9], *lines[10:]]
    yield "header and manifest of another log", [other[0], *lines[1:-1], other[-1]]
    yield "an empty line", [*lines[:9], b"\n", *lines[9:]]
    yield "empty", []


def test_both_refuse_lines_deleted_added_and_moved(
    log: Log,
    small: bytes,
    by_go: Judge,
    tmp_path: Path,
    tiny_rulesets: Path,
) -> None:
    with open_log(Settings(data_dir=tmp_path / "other"), tiny_rulesets) as another:
        another.fill(40)
        other = another.export(tmp_path / "of another").read_bytes().splitlines(keepends=True)
    # Filtered exports as well, where gaps between indexes are no sign of a deletion.
    filtered = log.export(tmp_path / "filtered", Filters(gate="sale")).read_bytes()
    export = tmp_path / "export"
    for content in (small, filtered):
        lines = content.splitlines(keepends=True)
        for name, changed in rearranged(lines, other):
            export.write_bytes(b"".join(changed))
            assert refused_by_both(export, log.verifier, by_go), name
        of_small = small.splitlines(keepends=True)
        mixed = [*of_small[:3], lines[-2], *of_small[4:]]
        export.write_bytes(b"".join(mixed))
        assert refused_by_both(export, log.verifier, by_go)


def test_both_refuse_a_file_cut_anywhere(
    log: Log, small: bytes, by_go: Judge, tmp_path: Path
) -> None:
    export = tmp_path / "export"
    chance = random.Random(1)
    ends = [at + 1 for at, byte in enumerate(small) if byte == 10][:-1]
    cuts = [0, 1, len(small) - 1, *chance.sample(ends, 10), *chance.sample(range(len(small)), 20)]
    for cut in cuts:
        export.write_bytes(small[:cut])
        assert refused_by_both(export, log.verifier, by_go), cut


def test_both_refuse_the_key_of_another_log(
    log: Log, small: bytes, by_go: Judge, tmp_path: Path, tiny_rulesets: Path
) -> None:
    export = tmp_path / "export"
    export.write_bytes(small)
    with open_log(Settings(data_dir=tmp_path / "other"), tiny_rulesets) as another:
        assert refused_by_both(export, another.verifier, by_go)
