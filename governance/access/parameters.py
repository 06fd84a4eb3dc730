"""The names of parameters in an address: only those that an endpoint knows, and each once."""

from collections.abc import Collection, Iterable

from governance.errors import FieldError, InvalidRequest
from governance.rules.problems import did_you_mean


def check_names(given: Iterable[str], known: Iterable[str], several: Collection[str] = ()) -> None:
    """Refuse names of parameters that are not known, and any not among `several` that comes twice.

    A filter that is passed over would show more than was asked for. Raises InvalidRequest.
    """
    errors: list[FieldError] = []
    seen: set[str] = set()
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known) or f"it knows {', '.join(known)}"
            errors.append(FieldError(name, f"there is no parameter `{name}`", hint))
        elif name in seen and name not in several:
            errors.append(FieldError(name, f"`{name}` is given twice", "give it once"))
        seen.add(name)
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
