"""The embedded policy engine: regorus, an interpreter inside this process."""

import json
import threading
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

import regorus

from governance.errors import EngineUnavailable

_UNDEFINED = '"<undefined>"'
# How many copies a thread keeps: of the release in force, and of some that are replayed.
_KEPT = 4

# The copies of each thread, by the hash of their policies. A copy must end in its own thread, so
# they are not kept by the engines that use them, which any thread may be the last to let go.
_copies = threading.local()


class EmbeddedEngine:
    """Judges by the interpreter of regorus, one copy a thread.

    A copy is bound to its thread and panics in another. The compiled machine of regorus is
    faster and is not used: it leaves rules undefined that the interpreter and OPA answer.
    """

    name = "embedded"

    def __init__(self, policies: Mapping[str, str], digest: str) -> None:
        self._policies = dict(sorted(policies.items()))
        self._digest = digest
        self._key = sha256(json.dumps(self._policies).encode()).hexdigest()
        try:
            self._copy()
        except BaseException as error:
            if not is_failure(error):
                raise
            raise self._unavailable("cannot load the policies", error) from error

    def evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        """See PolicyEngine; takes some 8 µs a case of the sale policy; no time limit is kept."""
        engine: regorus.Engine | None = None
        try:
            engine = self._copy()
            engine.set_input_json(json.dumps(dict(document)))
            answer = cast("str", engine.eval_rule_as_json("data." + path))
        except BaseException as error:
            # A copy that failed half-way may be in any state: the next call loads another.
            _copies.__dict__.pop(self._key, None)
            engine = None  # else the traceback carries it to the thread that drops the error
            if not is_failure(error):
                raise
            raise self._unavailable(f"failed on {path}", error) from error
        if answer == _UNDEFINED:
            raise EngineUnavailable(f"The policies of {self._digest} give no answer to {path}.")
        return json.loads(answer)

    def _copy(self) -> regorus.Engine:
        """This thread's copy, made at its first question."""
        kept: dict[str, regorus.Engine] = _copies.__dict__
        engine = kept.get(self._key)
        if engine is None:
            engine = regorus.Engine()
            try:
                for path, text in self._policies.items():
                    engine.add_policy(path, text)
            except BaseException:
                del engine, kept  # as above
                raise
            while len(kept) >= _KEPT:
                del kept[next(iter(kept))]
            kept[self._key] = engine
        return engine

    def _unavailable(self, what: str, error: BaseException) -> EngineUnavailable:
        return EngineUnavailable(
            f"The embedded engine {what} ({self._digest}): {message_of(error)}"
        )


def is_failure(error: BaseException) -> bool:
    """Whether the engine failed; its panics do not derive from Exception, Ctrl-C neither."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def message_of(error: BaseException) -> str:
    """What the engine says, without the stack of addresses that follows it."""
    return str(error).partition("\n\nStack backtrace:")[0].strip()
