"""The first and the last line of an export: the header, and the manifest that is signed.

The manifest is a signed note (https://c2sp.org/signed-note) by the key of the log. Its text is the
line `<origin>/export` and a line of canonical JSON: no checkpoint can be taken for it.
"""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from governance.audit.exports.lines import encode
from governance.errors import GovernanceError
from governance.transparency.checkpoint import Checkpoint
from governance.transparency.note_keys import Signer, Verifier
from governance.transparency.notes import NoteInvalid, open_note, sign

FORMAT: Literal["governance.export/v1"] = "governance.export/v1"
_FEWEST_LINES = 1_000
_MOST_BLOCKS = 10_000  # a note has at most 1 MB, and a digest takes 67 bytes of it

Size = Annotated[int, msgspec.Meta(ge=0)]


class ExportBroken(GovernanceError, ValueError):
    """An export does not hold; the message names the line and says why."""

    status = 422
    code = "export-broken"
    title = "The export does not hold"


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an export is of: the checkpoint (a signed note), the filter, the first index.

    By gate: `personal` are the fields that hold commitments, `masks` those that are withheld.
    """

    format: Literal["governance.export/v1"]
    checkpoint: str
    filter: dict[str, str]
    personal: dict[str, list[str]]
    masks: dict[str, list[str]]
    exporter: str
    started_at: str
    from_index: Size

    def line(self) -> bytes:
        """The header as the first line."""
        return msgspec.json.encode(self) + b"\n"


class TreeHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Size and root (base64) of the tree that the proofs are for."""

    size: Size
    root: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was exported. `blocks` are the SHA-256 (hex) of every `block_lines` lines of records.

    The last block may have fewer. `header` is the SHA-256 of the first line; `gates` counts the
    records by gate. `complete`: the whole log. `hides_others`: the filter left records out.
    """

    format: Literal["governance.export/v1"]
    header: str
    checkpoint: TreeHead
    filter: dict[str, str]
    personal: dict[str, list[str]]
    masks: dict[str, list[str]]
    exporter: str
    started_at: str
    finished_at: str
    from_index: Size
    count: Size
    first_index: int | None
    last_index: int | None
    gates: dict[str, int]
    block_lines: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    blocks: list[str]
    complete: bool
    hides_others: bool


class _ManifestLine(msgspec.Struct, forbid_unknown_fields=True):
    manifest: str


@dataclass
class Tally:
    """Counts and digests of the records of an export, as they pass."""

    block_lines: int
    count: int = 0
    first_index: int | None = None
    last_index: int | None = None
    gates: Counter[str] = field(default_factory=Counter)
    blocks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._block = sha256()

    def add(self, index: int, gate: str, line: bytes) -> None:
        """A record's line, its line end included."""
        if self.first_index is None:
            self.first_index = index
        self.last_index = index
        self.gates[gate] += 1
        self._block.update(line)
        self.count += 1
        if self.count % self.block_lines == 0:
            self._end_block()

    def manifest(self, header: Header, checkpoint: Checkpoint, finished_at: str) -> Manifest:
        """The manifest once every record has passed."""
        if self.count % self.block_lines:
            self._end_block()
        return Manifest(
            format=FORMAT,
            header=sha256(header.line()).hexdigest(),
            checkpoint=tree_head(checkpoint),
            filter=header.filter,
            personal=header.personal,
            masks=header.masks,
            exporter=header.exporter,
            started_at=header.started_at,
            finished_at=finished_at,
            from_index=header.from_index,
            count=self.count,
            first_index=self.first_index,
            last_index=self.last_index,
            gates=dict(self.gates),
            block_lines=self.block_lines,
            blocks=self.blocks,
            complete=not header.filter and header.from_index == 0,
            hides_others=bool(header.filter),
        )

    def _end_block(self) -> None:
        self.blocks.append(self._block.hexdigest())
        self._block = sha256()


def lines_in_a_block(size: int) -> int:
    """How many lines have one digest in an export of a log of `size`: 1,000 up to 10 million."""
    return _FEWEST_LINES * max(1, -(-size // (_FEWEST_LINES * _MOST_BLOCKS)))


def tree_head(checkpoint: Checkpoint) -> TreeHead:
    """Size and root of a checkpoint as a manifest has them."""
    _, size, root, *_ = str(checkpoint).split("\n")
    return TreeHead(int(size), root)


def signed(manifest: Manifest, signer: Signer) -> bytes:
    """The last line of an export."""
    text = f"{signer.name}/export\n{encode(manifest).decode()}\n"
    return encode(_ManifestLine(sign(text, [signer]))) + b"\n"


def read_header(line: bytes) -> Header:
    """The header of a first line; raises ExportBroken unless it is in its one spelling."""
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ExportBroken(f"Line 1 is no header of an export: {error}") from error
    if header.line() != line:
        raise ExportBroken("Line 1 is a header in another spelling than that of an export")
    return header


def open_manifest(line: bytes, verifiers: list[Verifier]) -> tuple[Manifest, str, str]:
    """The manifest of a last line, the origin of its log, and the id of the key that signed it.

    Raises ExportBroken unless one of the keys signed it and it is in its one spelling.
    """
    try:
        outer = msgspec.json.decode(line, type=_ManifestLine)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ExportBroken(f"The last line is no manifest: the export was cut ({error})") from error
    try:
        note = open_note(outer.manifest, verifiers)
    except NoteInvalid as error:
        raise ExportBroken(f"The manifest in the last line does not hold: {error}") from error
    signature = note.verified[0]
    title, _, text = note.text.partition("\n")
    if title != f"{signature.name}/export":
        raise ExportBroken(f"The last line is signed, but no manifest of {signature.name}")
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ExportBroken(f"The manifest is none that this version can read: {error}") from error
    # One signature and no other text: nothing can be added to a manifest unseen.
    respelled = f"{title}\n{encode(manifest).decode()}\n\n— {signature.name} {signature.base64}\n"
    if encode(_ManifestLine(respelled)) + b"\n" != line:
        raise ExportBroken("The manifest in the last line has another spelling than it should")
    return manifest, signature.name, f"{signature.name}+{signature.key_id:08x}"
