"""What is right in a document that is wrong elsewhere, so that all of it can be checked at once."""

from collections.abc import Collection, Iterable
from typing import Any


class Right:
    """A JSON document, and the pointers (RFC 6901) at which its structure is wrong.

    Nothing is given out that is wrong, that lies in something wrong, or that holds it.
    """

    def __init__(self, document: Any, wrong: Iterable[str]) -> None:
        self._document = document
        self._wrong = frozenset(wrong)
        self._holding = {above for pointer in self._wrong for above in _prefixes(pointer)}

    def at(self, *path: str | int) -> Any:
        """The value at a path; None where it is null, is missing, or is not right."""
        return None if pointer(*path) in self._holding else self._reached(path)

    def names(self, *path: str | int) -> Collection[Any]:
        """The names of an object, or the places of a list, with something right in it or not."""
        value = self._reached(path)
        if isinstance(value, list):
            return range(len(value))
        return list(value) if isinstance(value, dict) else ()

    def is_wrong(self, *path: str | int) -> bool:
        """Whether anything is wrong at a path, in it, or above it."""
        return pointer(*path) in self._holding or not self._wrong.isdisjoint(
            _prefixes(pointer(*path))
        )

    def _reached(self, path: tuple[str | int, ...]) -> Any:
        if not self._wrong.isdisjoint(_prefixes(pointer(*path))):
            return None
        value = self._document
        for part in path:
            inside = isinstance(value, dict) or isinstance(part, int)
            if not inside or value is None:
                return None
            value = value.get(part) if isinstance(value, dict) else value[part]
        return value


def pointer(*path: str | int) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _prefixes(of: str) -> list[str]:
    """A pointer and all above it, to that of the whole."""
    parts = of.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
