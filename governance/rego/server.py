"""The OPA server as policy engine, believed only where it proves whose policies it holds."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from opa_client.errors import DeletePolicyError, RegoParseError
from opa_client.opa import OpaClient

from governance.errors import EngineUnavailable
from governance.rego.syntax import Module, is_function, nodes, parse

_FOLDER = "governance"
_RELEASES_KEPT = 8
_SLOWEST_CALLS = 3
_CALLS_AT_ONCE = 40  # as many as the API answers at once


@dataclass(frozen=True)
class NamespacedRelease:
    """Policies under a `name` of their own: the `modules` to upload by path, and their `rules`.

    An OPA that is fed by bundles instead of uploads is given these modules.
    """

    name: str
    modules: dict[str, str]
    rules: frozenset[str]


class ServerEngine:
    """Judges by an OPA server, which several processes and releases may share.

    Every release is uploaded under a package of its own, named by a hash of its texts, and
    asked through a module that answers only while all of its files are there. So another
    release, half a release or no release is undefined, whoever uploads or removes what.
    """

    name = "opa"

    def __init__(
        self, policies: Mapping[str, str], digest: str, url: str, timeout_seconds: float
    ) -> None:
        self._digest = digest
        self._address = urlsplit(url)
        self._timeout = timeout_seconds
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="opa")
        try:
            self._release = namespaced(policies)
        except Exception as error:
            raise EngineUnavailable(f"The policies of {digest} cannot be read: {error}") from error

    def evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        """See PolicyEngine; takes at most three times as long as the setting says of one call."""
        # The client's own limit is between two bytes: a server that drips would hold the caller.
        asked = self._threads.submit(self._evaluate, path, document)
        try:
            return asked.result(_SLOWEST_CALLS * self._timeout)
        except TimeoutError as error:
            raise EngineUnavailable(
                f"The OPA server took too long over {path} ({self._digest})."
            ) from error

    def _evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        if path not in self._release.rules:
            # OPA would answer for a package too, with whatever of it is defined.
            raise EngineUnavailable(f"The policies of {self._digest} have no rule {path!r}.")
        try:
            answer = self._ask(f"answers.{path}", document)
            if "result" not in answer and "result" not in self._ask("complete", {}):
                self._upload()
                answer = self._ask(f"answers.{path}", document)
        except Exception as error:
            # What it says may name hosts: that stays in the cause, for the log.
            raise EngineUnavailable(
                f"The OPA server gave no answer to {path} ({self._digest})."
            ) from error
        if "result" not in answer:
            raise EngineUnavailable(
                f"The policies of {self._digest} give no answer to {path} in OPA."
            )
        return answer["result"]

    def _ask(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._client().query_rule(
            dict(document),
            f"{self._release.name}.{path}",
            # Else a failing builtin is merely undefined, and `not` turns that into true; the
            # embedded engine fails.
            query_params={"strict-builtin-errors": "true"},
        )
        if not isinstance(answer, dict):
            raise TypeError(f"OPA answered with {type(answer).__name__}")
        return answer

    def _upload(self) -> None:
        client = self._client()
        mine = f"{_FOLDER}/{self._release.name}/"
        held = [i for i in client.get_policies_list() if i.startswith(f"{_FOLDER}/")]
        others = [i for i in held if not i.startswith(mine)]
        if len({i.split("/")[1] for i in others}) >= _RELEASES_KEPT:
            # Whoever still judges by one of them finds it undefined and uploads it again.
            _in_any_order(others, client.delete_policy, DeletePolicyError)

        def put(path: str) -> None:
            client.update_policy_from_string(
                self._release.modules[path], mine + path, rego_compat=False
            )

        _in_any_order(self._release.modules, put, RegoParseError)

    def _client(self) -> OpaClient:
        # A session of requests is not made for several threads at once.
        client = self._local.__dict__.get("client")
        if client is None:
            https = self._address.scheme == "https"
            client = self._local.client = OpaClient(
                host=self._address.hostname,
                port=self._address.port or (443 if https else 80),
                ssl=https,
                version=f"{self._address.path}/v1".strip("/"),
                retries=0,
                timeout=self._timeout,
            )
        return client


def namespaced(policies: Mapping[str, str]) -> NamespacedRelease:
    """The policies (path to text) as an OPA holds them beside those of other releases.

    They are named by a hash of their texts. Everything that they call `data` is moved below
    that name, and each is given a mark at its end; one more module forwards every rule while
    all marks are there. Raises RuntimeError on a syntax error.
    """
    content = hashlib.sha256()
    for path, text in sorted(policies.items()):
        content.update(f"{len(path)} {len(text)} {path}{text}".encode())
    name = f"release_{content.hexdigest()[:32]}"
    root = f"{name}.policies"

    modules, marks, rules = {}, [], set()
    for number, (path, text) in enumerate(sorted(policies.items())):
        module = parse(path, text)
        mark = f"file_{number}_of_{name}"
        modules[path] = f"{_moved(module, root)}\n{mark} := true\n"
        marks.append(f"\tdata.{root}.{module.package}.{mark}\n")
        rules |= {
            f"{module.package}.{rule}" for rule, tree in module.rules if not is_function(tree)
        }
    forwards = (f"answers.{rule} := data.{root}.{rule} if complete\n" for rule in sorted(rules))
    modules["answers.rego"] = (
        f"package {name}\n\ncomplete if {{\n{''.join(marks)}}}\n\n{''.join(forwards)}"
    )
    return NamespacedRelease(name, modules, frozenset(rules))


def _moved(module: Module, root: str) -> str:
    """The text of a module with everything that it names below `data` moved below `root`."""
    variables = [body for kind, body in nodes(module.tree) if kind == "Var"]
    insertions = {variables[0]["span"]["start"]: f"{root}."}
    for variable in variables[1:]:
        if variable["value"] == "data":
            insertions[variable["span"]["end"]] = f".{root}"
    text = module.text.encode()
    for place in sorted(insertions, reverse=True):
        text = text[:place] + insertions[place].encode() + text[place:]
    return text.decode()


def _in_any_order(
    paths: Iterable[str], act: Callable[[str], Any], refused: type[Exception]
) -> None:
    """Does `act` for every path, coming back to those that OPA refuses until others are done.

    OPA compiles at each step, and a module is refused while it calls a function of another
    that is not there. Raises the last refusal when a round brings nothing forward.
    """
    waiting = list(paths)
    while waiting:
        again, last = [], None
        for path in waiting:
            try:
                act(path)
            except refused as error:
                again.append(path)
                last = error
        if last is not None and len(again) == len(waiting):
            raise last
        waiting = again
