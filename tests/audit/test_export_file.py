"""An export as a file: whole or not there, and it goes on where it was cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from export_cases import Log, open_log, records

from governance.audit.erasure import erase_subject
from governance.audit.exports.export import Export, ndjson
from governance.audit.exports.file import CannotResume, check_free, part_of, resumed, write
from governance.audit.exports.manifest import Tally
from governance.db import transaction
from governance.decisions.filters import Filters
from governance.errors import InvalidRequest
from governance.settings import Settings

_COUNT = 1_300


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Log]:
    with open_log(Settings(data_dir=tmp_path_factory.mktemp("log")), tiny_rulesets) as opened:
        opened.fill(_COUNT)
        yield opened


def cut_off(log: Log, out: Path, at: int, filters: Filters | None = None) -> bytes:
    """What there would have been in the end, and in the file as many bytes of it."""
    whole = log.export(out.with_name("whole"), filters).read_bytes()
    part_of(out).write_bytes(whole[:at])
    return whole


def begun(log: Log, out: Path, filters: Filters | None = None) -> tuple[Export, Tally] | None:
    asked = log.begin(filters)
    with transaction(log.pipeline.engine) as session:
        return resumed(session, out, asked)


def go_on(log: Log, out: Path, filters: Filters | None = None) -> None:
    found = begun(log, out, filters)
    export, tally = found or (log.begin(filters), None)
    write(out, ndjson(log.pipeline.engine, export, tally))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.65, 0.999])
@pytest.mark.parametrize("filters", [Filters(), Filters(market="US")])
def test_an_export_that_was_cut_off_goes_on_under_the_same_checkpoint(
    log: Log, tmp_path: Path, share: float, filters: Filters
) -> None:
    out = tmp_path / "out"
    length = len(log.export(tmp_path / "long", filters).read_bytes())
    whole = cut_off(log, out, int(share * length), filters)
    log.fill(5)
    go_on(log, out, filters)
    log.verify(out)
    if share > 0.005:  # else not even the header was whole, and it begins anew
        ours, theirs = out.read_bytes().splitlines(), whole.splitlines()
        assert ours[:-1] == theirs[:-1]
    assert not part_of(out).exists()


def test_an_export_that_lacks_only_its_name_goes_on(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole = cut_off(log, out, 10**9)
    go_on(log, out)
    log.verify(out)
    assert out.read_bytes().splitlines()[:-1] == whole.splitlines()[:-1]


def test_it_goes_on_only_as_what_it_was_begun(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "out"
    cut_off(log, out, 200_000)
    with pytest.raises(CannotResume, match="`filter` was"):
        begun(log, out, Filters(market="US"))
    with transaction(log.pipeline.engine) as session, pytest.raises(CannotResume, match="`masks`"):
        resumed(session, out, log.begin(role="auditor"))


def test_it_does_not_go_on_where_values_were_erased_since(
    sqlite_settings: Settings, tiny_rulesets: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with open_log(sqlite_settings, tiny_rulesets) as log:
        log.fill(5)
        cut_off(log, out, 10_000)
        assert begun(log, out)
        erase_subject(log.pipeline, log.caller(), "creator-3", "asked for by the person")
        with pytest.raises(CannotResume, match="erased since"):
            begun(log, out)


def test_nothing_is_signed_from_which_a_record_was_taken(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "out"
    cut_off(log, out, 500_000, Filters(market="US"))
    lines = part_of(out).read_bytes().splitlines(keepends=True)
    for changed in (
        [*lines[:5], *lines[6:]],
        [*lines[:5], lines[6], lines[5], *lines[7:]],
        [*lines[:5], b"nothing\n", *lines[5:]],
        [b"nothing\n", *lines[1:]],
        [lines[0].replace(b"governance.localhost", b"governance.elsewhere"), *lines[1:]],
    ):
        part_of(out).write_bytes(b"".join(changed))
        with pytest.raises(CannotResume):
            begun(log, out, Filters(market="US"))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_free(out, resume=False)
    part_of(out).touch()
    check_free(out, resume=True)
    with pytest.raises(InvalidRequest, match="--resume"):
        check_free(out, resume=False)
    out.write_text("an earlier export")
    for resume in (True, False):
        with pytest.raises(InvalidRequest, match="overwrites nothing"):
            check_free(out, resume)
    with pytest.raises(InvalidRequest, match="exists by now"):
        write(out, [b"another"])
    assert out.read_text() == "an earlier export"


def test_a_failure_leaves_the_part_and_no_export(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pieces = ndjson(log.pipeline.engine, log.begin())

    def failing() -> Iterator[bytes]:
        yield next(pieces)
        yield next(pieces)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write(out, failing())
    assert not out.exists()
    assert part_of(out).stat().st_size
    go_on(log, out)
    assert len(records(out)) > _COUNT
    log.verify(out)


def test_it_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, [b"personal"])
    assert out.stat().st_mode & 0o777 == 0o600
