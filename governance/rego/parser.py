"""Parses policies in a process of its own, because a hostile text can take the parser down.

Run as a script: reads `{"policies": {path: text}, "evaluate": [rule, …]}` and writes one JSON
object, `{"trees": [tree, …]}` in the order of the policies or `{"error": …}`. Some hundred bytes of
nested arrays keep the parser busy for hours, and a long chain of dots or calls overflows its stack,
which ends the process.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import regorus

_SECONDS = 5
# Far less than the threads of the service have, so what passes here is safe there.
_STACK_BYTES = 1 << 20


class ParserGaveUp(Exception):
    """The parser took too long or ended its process."""


def parse_apart(policies: Mapping[str, str], evaluate: Sequence[str] = ()) -> dict[str, Any]:
    """What this script says of the policies; raises ParserGaveUp when it says nothing."""
    command = [sys.executable, "-I", str(Path(__file__).resolve())]
    task = json.dumps({"policies": dict(policies), "evaluate": list(evaluate)})
    try:
        done = subprocess.run(  # noqa: S603
            command, input=task, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise ParserGaveUp(f"the parser needs more than {_SECONDS} seconds") from error
    except subprocess.CalledProcessError as error:
        raise ParserGaveUp("the parser does not survive this text") from error
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _parse(task: dict[str, Any]) -> dict[str, Any]:
    engine = regorus.Engine()
    try:
        for path, text in task["policies"].items():
            engine.add_policy(path, text)
        trees = [one["ast"] for one in json.loads(engine.get_ast_as_json())]
        engine.set_input_json("{}")
        for rule in task["evaluate"]:
            engine.eval_rule_as_json(rule)
    except RuntimeError as error:
        return {"error": str(error)}
    return {"trees": trees}


def _main() -> None:
    task = json.load(sys.stdin)
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=lambda: json.dump(_parse(task), sys.stdout))
    thread.start()
    thread.join()


if __name__ == "__main__":
    _main()
