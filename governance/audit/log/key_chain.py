"""Whether every checkpoint was signed by a key that is trusted, or that a trusted one led to."""

from collections.abc import Iterable, Sequence

from governance.audit.models import Checkpoint
from governance.transparency import canonical_base64
from governance.transparency.checkpoint import Checkpoint as Head
from governance.transparency.note_keys import Verifier
from governance.transparency.notes import open_note

_Key = tuple[str, int]


class KeyChain:
    """Opens checkpoints in their order.

    A key hands over to another in a checkpoint that both signed. `trusted` are keys that an auditor
    has from elsewhere; None trusts those of the first checkpoint, so that a chain is checked only
    in itself. `known` are the keys in the database: on their own they prove nothing.
    """

    def __init__(self, known: Sequence[Verifier], trusted: Iterable[Verifier] | None) -> None:
        self._trusted = None if trusted is None else {_key(one) for one in trusted}
        given = [] if trusted is None else list(trusted)
        self._verifiers = list(dict.fromkeys([*known, *given]))
        self._signed_by: dict[frozenset[_Key], int] = {}

    def open(self, stored: Checkpoint) -> Head:
        """What a stored checkpoint says. Raises NoteInvalid, InvalidCheckpoint, or `ValueError`
        where its columns say something else."""
        note = open_note(stored.note, self._verifiers)
        head = Head.parse(note.text)
        if (head.size, canonical_base64.encode(head.root)) != (stored.size, stored.root):
            raise ValueError("size and root beside it are not those that were signed")
        signers = frozenset((one.name, one.key_id) for one in note.verified)
        if {name for name, _ in signers} != {head.origin}:
            raise ValueError(f"it is for the log {head.origin!r}, and signed by another's key")
        self._signed_by.setdefault(signers, stored.number)
        return head

    def untrusted(self) -> int | None:
        """The number of the first checkpoint that no chain of keys leads to; None: there is none.

        To be asked once all checkpoints were opened.
        """
        groups = dict(self._signed_by)
        trusted = set(next(iter(groups), ())) if self._trusted is None else set(self._trusted)
        while joined := [group for group in groups if group & trusted]:
            for group in joined:
                trusted |= group
                del groups[group]
        return min(groups.values(), default=None)


def _key(verifier: Verifier) -> _Key:
    return verifier.name, verifier.key_id
