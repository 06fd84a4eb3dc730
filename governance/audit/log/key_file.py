"""The private key of the log as a file: readable by its owner only, never overwritten."""

import os
import tempfile
from pathlib import Path

from governance.errors import GovernanceError
from governance.settings import Settings
from governance.transparency.note_keys import Signer, Verifier

NAME = "audit_key"
NEXT = "audit_key.next"
"""The key of a rotation that is under way, or was cut short after the log knew of it."""


class UnusableKeyFile(GovernanceError):
    """The file of the private key cannot be read, made or moved."""

    status = 503
    code = "unusable-key-file"
    title = "The file of the log's private key cannot be used"


def held(settings: Settings) -> list[Signer]:
    """The private keys that this host has: that of the setting, then those of the files.

    Raises InvalidNoteKey for a text that is no key, UnusableKeyFile for a file that is unreadable.
    """
    setting = settings.audit_key
    keys = [Signer.parse(setting.get_secret_value().strip())] if setting else []
    for name in (NAME, NEXT):
        try:
            keys.append(_read(settings.data_dir / name))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableKeyFile(f"{settings.data_dir / name} cannot be read") from error
    return keys


def write(settings: Settings, name: str, signer: Signer) -> Path:
    """Write a private key (mode 0600, all of it or nothing); raises UnusableKeyFile, also where
    there is a file of that name."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, aside = tempfile.mkstemp(dir=folder, prefix=".audit_key")  # mode 0600
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(signer.secret_text() + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.link(aside, folder / name)  # unlike a rename it is refused where the file exists
            _sync(folder)
        finally:
            Path(aside).unlink()
    except OSError as error:
        raise UnusableKeyFile(f"{folder / name} cannot be made: {error.strerror}") from error
    return folder / name


def settle(settings: Settings, newest: Verifier) -> None:
    """End a rotation: its key becomes that of this host if it is the `newest` of the log, else it
    is removed, for the log never learned of it.

    Only for one process at a time. Raises UnusableKeyFile, InvalidNoteKey.
    """
    current, following = settings.data_dir / NAME, settings.data_dir / NEXT
    try:
        if not following.exists():
            return
        if _read(following).verifier != newest:
            following.unlink()
            return
        if current.exists():
            current.rename(_retired(settings, _read(current).verifier))
        following.rename(current)
        _sync(settings.data_dir)
    except OSError as error:
        raise UnusableKeyFile(f"{following} cannot be moved: {error.strerror}") from error


def retired(settings: Settings, verifier: Verifier) -> Path | None:
    """Where the private half of a key lies that signs no more; None where it was in no file."""
    file = _retired(settings, verifier)
    return file if file.exists() else None


def _retired(settings: Settings, verifier: Verifier) -> Path:
    return settings.data_dir / f"{NAME}.retired-{verifier.key_id:08x}"


def _read(file: Path) -> Signer:
    return Signer.parse(file.read_text().strip())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
