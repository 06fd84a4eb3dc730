"""The pipeline: facts, findings, verdict, decision on the record; and its replay."""

import gc
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlmodel import Session

from governance import __version__
from governance.db import migrate, open_engine, transaction
from governance.decisions import service as decisions
from governance.decisions.personal import Personal, take_out
from governance.errors import InvalidRequest
from governance.gates import access, drop, provider, sale
from governance.gates.filing import BY_GATE
from governance.rego.capabilities import check_policies
from governance.rego.engine import PolicyEngine
from governance.releases import service as releases
from governance.releases.content import ReleaseContent, read_tree
from governance.releases.loaded import LoadedRelease, load_release
from governance.rules.model import Library
from governance.settings import Settings

# Releases kept ready in memory: the one in force and those that replays ask for.
_READY_RELEASES = 4


class Gate(Protocol):
    """What every gate does: the same request gives the same result for ever."""

    def evaluate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The result that goes on the record."""
        ...


class Gates:
    """The gates of one release."""

    def __init__(self, release: LoadedRelease) -> None:
        self.digest = release.digest
        self.library: Library = release.library
        self.policies: PolicyEngine = release.policies
        self.sale = sale.SaleGate(release.library, release.policies)
        self.provider = provider.ProviderGate(release.library, release.policies)
        self.drop = drop.DropGate(release.library, release.policies)
        self.access = access.AccessGate(release.policies)
        self._by_name: dict[str, tuple[Gate, str]] = {
            "sale": (self.sale, sale.POLICY_PATH),
            "provider": (self.provider, provider.POLICY_PATH),
            "drop": (self.drop, drop.POLICY_PATH),
            "access": (self.access, access.POLICY_PATH),
            # What was erased, and why: who may do that is a question of access.
            "erasure": (self.access, access.POLICY_PATH),
        }

    def evaluate(self, gate: str, request: Mapping[str, Any]) -> "Evaluation":
        """Evaluate a request by a gate. Raises what the gate raises; nothing is recorded.

        The gate sees what the record will hold, so no result can depend on a personal value.
        """
        judge, path = self._by_name[gate]
        filed = BY_GATE[gate]
        began = time.perf_counter_ns()
        personal = None
        if filed.personal is not None:
            filed.check_personal(request, self.library)
            request, personal = take_out(request, filed.personal)
        result = judge.evaluate(request)
        return Evaluation(
            gate=gate,
            path=path,
            release=self.digest,
            request=request,
            personal=personal,
            result=result,
            verdicts=filed.verdicts(result),
            category=filed.category(request),
            nanoseconds=time.perf_counter_ns() - began,
        )

    def again(self, gate: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """The result for an input as it is on the record."""
        return self._by_name[gate][0].evaluate(recorded)


@dataclass(frozen=True)
class Evaluation:
    """What a gate said, not yet on the record."""

    gate: str
    path: str
    release: str
    request: Mapping[str, Any]
    personal: Personal | None
    result: dict[str, Any]
    verdicts: dict[str, str]
    category: str | None
    nanoseconds: int

    def record(
        self,
        session: Session,
        requested_by: str,
        trace_id: str | None = None,
        decision_id: str | None = None,
    ) -> str:
        """Put it on the record in the caller's transaction; it holds once that commits. Its id.

        `decision_id` is one from `decisions.service.new_decision_id` where others name it already.
        """
        return decisions.append(
            session,
            gate=self.gate,
            path=self.path,
            release=self.release,
            input_json=canonical(self.request),
            result_json=canonical(self.result),
            verdicts=self.verdicts,
            category=self.category,
            personal=self.personal,
            requested_by=requested_by,
            labels={"service": "governance", "version": __version__},
            metrics={"timer_evaluate_ns": self.nanoseconds},
            trace_id=trace_id,
            decision_id=decision_id,
        )


@dataclass(frozen=True)
class Replay:
    """A decision's recorded result beside the one that its release gives today (JSON texts)."""

    decision_id: str
    release: str
    recorded: str
    replayed: str

    @property
    def same(self) -> bool:
        return self.recorded == self.replayed


class Pipeline:
    """The gates over one database; made once a process, shared by its threads."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self._lock = Lock()
        self._ready: dict[str, Gates] = {}

    def ensure_first_release(self, session: Session) -> str:
        """On an empty database, make the working tree the first release; the digest in force.

        Raises:
            LibraryInvalid, InvalidRelease, InvalidRequest: the tree cannot become a release.
        """
        return releases.ensure_first(session, self._checked_tree, "working tree")

    def gates(self, session: Session) -> Gates:
        """The gates of the release in force. Raises EngineUnavailable when there is none."""
        return self.gates_of(session, releases.digest_in_force(session))

    def gates_of(self, session: Session, digest: str) -> Gates:
        """The gates of a stored release. Raises NotFound."""
        with self._lock:  # two threads must not both compile the same release
            gates = self._ready.get(digest)
            if gates is None:
                gates = Gates(load_release(releases.load(session, digest), self.settings))
                if len(self._ready) >= _READY_RELEASES:
                    self._ready.pop(next(iter(self._ready)))
                self._ready[digest] = gates
                # Else every full collection walks the whole library, 0.1 s in which nobody is
                # answered. What an earlier release left is collected first.
                gc.unfreeze()
                gc.collect()
                gc.freeze()
            return gates

    def replay(self, session: Session, decision_id: str) -> Replay:
        """Evaluate a recorded input again under the release that decided it. Raises NotFound."""
        decision = decisions.get(session, decision_id)
        gates = self.gates_of(session, decision.release)
        replayed = gates.again(decision.gate, json.loads(decision.input))
        return Replay(decision_id, decision.release, decision.result, canonical(replayed))

    def _checked_tree(self) -> ReleaseContent:
        tree = read_tree(self.settings.rulesets_dir, self.settings.policies_dir)
        policies = {
            path.removeprefix("policies/"): text
            for path, text in tree.files.items()
            if path.startswith("policies/")
        }
        problems = check_policies(policies)
        if problems:
            raise InvalidRequest(f"The policies cannot be released: {problems[0]}")
        load_release(tree, self.settings)
        return tree


def open_pipeline(configured: Settings) -> Pipeline:
    """The pipeline over the configured database, migrated, with a release in force."""
    pipeline = Pipeline(open_engine(configured), configured)
    migrate(pipeline.engine)
    with transaction(pipeline.engine, write=True) as session:
        pipeline.ensure_first_release(session)
        pipeline.gates(session)
    return pipeline


def canonical(value: Any) -> str:
    """JSON text that is the same for the same value: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
