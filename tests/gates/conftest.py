"""What the tests of the sale gate share: the tiny library, ready to judge."""

from collections.abc import Callable
from typing import Any

import pytest
from tiny_library import ask, judge, tiny_gates

from governance.gates.pipeline import Gates

Sale = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def gates() -> Gates:
    """The gates over the tiny library."""
    return tiny_gates()


@pytest.fixture(scope="session")
def sale(gates: Gates) -> Sale:
    """`sale(market, **changes)`: the result for that market; see `tiny_library.ask`."""
    return lambda market, **changes: judge(gates, ask(market, **changes))[market]
