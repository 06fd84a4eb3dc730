"""OPA alone: a server of its own, the rules as its data, judged in Rego, one query a request."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peers.rules import Answer, PeerRequest, PeerRule

_REGO = Path(__file__).with_name("rules.rego")
_START_SECONDS = 60


class OpaPeer:
    """Asks a running server over one kept-alive connection."""

    name = "OPA alone"

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def prepare(self, request: PeerRequest) -> bytes:
        """The request's body, made before the clock starts."""
        document = {
            "as_of": request.as_of,
            "category": request.category,
            "facts": request.facts,
            "evidence": request.evidence,
            "markets": request.markets,
        }
        return json.dumps({"input": document}).encode()

    def ask(self, body: bytes) -> Any:
        """The server's answer, parsed."""
        self._connection.request(
            "POST",
            "/v1/data/benchmark/markets?metrics=true",
            body,
            {"Content-Type": "application/json"},
        )
        return json.loads(self._connection.getresponse().read())

    def seconds(self, answer: Any) -> float:
        """What OPA itself counts for reading the input and evaluating the query, without HTTP."""
        metrics = answer["metrics"]
        counted = metrics["timer_rego_query_eval_ns"] + metrics["timer_rego_input_parse_ns"]
        return float(counted) / 1e9

    def answer(self, answer: Any) -> Answer:
        """See Answer."""
        return {
            market: (
                found["verdict"],
                frozenset((rule, "fires") for rule in [*found["always"], *found["fires"]])
                | frozenset((rule, "undetermined") for rule in found["waits"]),
            )
            for market, found in answer["result"].items()
        }


def find_opa() -> str | None:
    """The program: OPA_BINARY, or `opa` on PATH; None where there is none."""
    return os.environ.get("OPA_BINARY") or shutil.which("opa")


@contextmanager
def opa_server(
    program: str,
    rules: Sequence[PeerRule],
    covered: frozenset[tuple[str, str]],
    markets: Sequence[str],
) -> Iterator[tuple[OpaPeer, int]]:
    """A server that holds these rules, and its process id; ended at the end.

    Its store is told to keep the data as Rego values: without that every query converts what it
    reads. Raises OSError where it does not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.json"
        data.write_text(json.dumps({"library": _data(rules, covered, markets)}))
        command = [
            program, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error",
            "--skip-version-check", "--optimize-store-for-read-speed", str(_REGO), str(data),
        ]  # fmt: skip
        log = (Path(folder) / "log").open("w+")
        with log, subprocess.Popen(command, stdout=log, stderr=log) as server:
            try:
                _wait(port, server, Path(folder) / "log")
                yield OpaPeer(port), server.pid
            finally:
                server.terminate()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise OSError(f"OPA did not start: {log.read_text()[-500:]}")


def _data(
    rules: Sequence[PeerRule], covered: frozenset[tuple[str, str]], markets: Sequence[str]
) -> Mapping[str, Any]:
    """The rules by category and market, and what each distinct comparison of a category breaks."""
    by_category: dict[str, list[PeerRule]] = {}
    for rule in rules:
        by_category.setdefault(rule.category, []).append(rule)
    return {
        category: _category_data(category, found, covered, markets)
        for category, found in by_category.items()
    }


def _category_data(
    category: str,
    rules: Sequence[PeerRule],
    covered: frozenset[tuple[str, str]],
    markets: Sequence[str],
) -> dict[str, Any]:
    numbers: dict[Any, str] = {}
    for rule in rules:
        for conjunction in rule.conjunctions:
            numbers.setdefault(conjunction, f"c{len(numbers)}")
    comparisons: dict[Any, list[str]] = {}
    waiting: dict[str, list[str]] = {}
    for conjunction, number in numbers.items():
        for comparison in dict.fromkeys(conjunction):
            comparisons.setdefault(comparison, []).append(number)
        for attribute in {comparison.attribute for comparison in conjunction}:
            waiting.setdefault(attribute, []).append(number)
    by_attribute: dict[str, list[dict[str, Any]]] = {}
    for comparison, breaks in comparisons.items():
        by_attribute.setdefault(comparison.attribute, []).append(
            {
                "operator": comparison.operator,
                "values": comparison.values,
                "conjunctions": breaks,
            }
        )
    cells: dict[str, dict[str, Any]] = {
        market: {
            "covered": (market, category) in covered,
            "always": [], "prohibits": False, "reviews": False, "evidence": [],
        }
        for market in markets
    }  # fmt: skip
    by_conjunction: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        for conjunction in rule.conjunctions:
            by_conjunction.setdefault(numbers[conjunction], []).append(
                {
                    "id": rule.id,
                    "market": rule.market,
                    "effect": rule.effect,
                    "evidence": rule.evidence,
                }
            )
        if not rule.conjunctions:
            cell = cells[rule.market]
            cell["always"].append(rule.id)
            cell["prohibits"] |= rule.effect == "prohibit"
            cell["reviews"] |= rule.effect == "review"
            cell["evidence"] += rule.evidence
    return {
        "comparisons": by_attribute,
        "waiting": waiting,
        "rules": by_conjunction,
        "markets": cells,
    }
