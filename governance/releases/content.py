"""What a release is made of: rule and policy files, named by the digest of all of them."""

import json
import re
import stat
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Self

from governance.errors import GovernanceError

MAX_FILE_BYTES = 1_000_000
MAX_RELEASE_BYTES = 50_000_000
_DOMAIN = b"governance release 1\n"
_SUFFIX_OF = {"rulesets": ".yaml", "policies": ".rego"}
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class InvalidRelease(GovernanceError):
    """A file cannot be part of a release."""

    status = 422
    code = "invalid-release"
    title = "These files cannot become a release"


class CorruptRelease(GovernanceError):
    """A stored release is not what its digest says."""

    code = "corrupt-release"
    title = "A stored release does not match its digest; no verdict can be given with it"


@dataclass(frozen=True)
class ReleaseContent:
    """The files of a release: path ("rulesets/sale/EU/cosmetics.yaml") to text.

    Raises InvalidRelease for a path other than `rulesets/….yaml` or `policies/….rego` in plain
    portable characters, for text that is not UTF-8, and for files over the limits.
    """

    files: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(sorted(self.files.items()))))
        if not self.files:
            raise InvalidRelease("A release without a single file decides nothing")
        total = sum(_checked_size(path, text) for path, text in self.files.items())
        if total > MAX_RELEASE_BYTES:
            raise InvalidRelease(f"The files have {total} bytes; the limit is {MAX_RELEASE_BYTES}")

    @cached_property
    def digest(self) -> str:
        """ "sha256:<hex>" over all files: a domain line, then for each path in the order of its
        bytes the length of the path (8 bytes, big-endian), the path, the length of the text, the
        text, both in UTF-8. The lengths make it injective: no two contents share an encoding.
        """
        hashed = sha256(_DOMAIN)
        for path, text in self.files.items():
            for part in (path.encode(), text.encode()):
                hashed.update(len(part).to_bytes(8, "big"))
                hashed.update(part)
        return f"sha256:{hashed.hexdigest()}"

    def to_blob(self) -> bytes:
        """The files as compressed JSON, for storage."""
        canonical = json.dumps(dict(self.files), ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(canonical.encode(), level=9)

    @classmethod
    def from_blob(cls, blob: bytes, digest: str) -> Self:
        """The files of a blob; raises CorruptRelease where they do not have that digest."""
        try:
            content = cls(_decompressed(blob))
        except (zlib.error, ValueError, InvalidRelease) as error:
            raise CorruptRelease(f"Release {digest} cannot be read: {error}") from error
        if content.digest != digest:
            raise CorruptRelease(f"Release {digest} holds the content of {content.digest}")
        return content


def read_tree(rulesets_dir: Path, policies_dir: Path) -> ReleaseContent:
    """The content of two folders: every `*.yaml` under the first, every `*.rego` under the second.

    Hidden files and other kinds of files (a README) are left out. Raises InvalidRelease for a
    missing folder, a symbolic link, a file over 1 MB or not UTF-8, and for a rule or policy file
    that would be left out for its place or its suffix.
    """
    files: dict[str, str] = {}
    for top, folder in (("rulesets", rulesets_dir), ("policies", policies_dir)):
        if not folder.is_dir():
            raise InvalidRelease(f"There is no folder of {top} at {folder}")
        files |= _read_folder(top, folder)
    return ReleaseContent(files)


def _read_folder(name: str, folder: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for entry in sorted(folder.iterdir()):
        path = f"{name}/{entry.name}"
        if entry.name.startswith("."):
            continue
        mode = entry.lstat().st_mode
        if stat.S_ISDIR(mode):
            files |= _read_folder(path, entry)
        elif stat.S_ISLNK(mode):
            raise InvalidRelease(f"{path} is a symbolic link; put the file itself there")
        elif entry.suffix == _SUFFIX_OF[name.partition("/")[0]]:
            files[path] = _read_file(path, entry, mode)
        elif entry.suffix.lower() in (".yaml", ".yml", ".rego"):
            raise InvalidRelease(
                f"{path} would be left out: rules are rulesets/….yaml, policies policies/….rego"
            )
    return files


def _read_file(path: str, file: Path, mode: int) -> str:
    if not stat.S_ISREG(mode):
        raise InvalidRelease(f"{path} is not a regular file")
    with file.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise InvalidRelease(f"{path} has more than {MAX_FILE_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRelease(f"{path} is not UTF-8 at byte {error.start}") from error


def _checked_size(path: str, text: str) -> int:
    top, *parts = path.split("/")
    if not (parts and all(_PART.fullmatch(part) for part in parts)):
        raise InvalidRelease(f"{path!r}: a path is plain letters, digits, dots, - and _, with /")
    if top not in _SUFFIX_OF or not path.endswith(_SUFFIX_OF[top]):
        raise InvalidRelease(f"{path!r} is neither rulesets/….yaml nor policies/….rego")
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise InvalidRelease(f"{path} is not UTF-8 at character {error.start}") from error
    if size > MAX_FILE_BYTES:
        raise InvalidRelease(f"{path} has {size} bytes; the limit is {MAX_FILE_BYTES}")
    return size


def _decompressed(blob: bytes) -> dict[str, str]:
    inflater = zlib.decompressobj()
    # A text takes at most six bytes a character as JSON; more than that is no release of ours.
    data = inflater.decompress(blob, 6 * MAX_RELEASE_BYTES)
    if not inflater.eof or inflater.unused_data:
        raise ValueError("the blob is cut off, too large, or has a tail")
    files = json.loads(data)
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise ValueError("the blob is not an object of texts")
    return files
