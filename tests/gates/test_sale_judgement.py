"""What the policy said of a case is remembered, and never taken for its word on another."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tiny_library import FILES, ask, judge, paper

from governance.errors import EngineUnavailable
from governance.gates import sale_judgement
from governance.gates.pipeline import Gates
from governance.rego.embedded import EmbeddedEngine
from governance.rego.engine import PolicyEngine
from governance.releases.loaded import LoadedRelease
from governance.rules.library import load_library
from governance.settings import Settings

RADIO = {"radio": True}
PAPERS = [paper("eu.declaration"), paper("de.register")]


class Counted(EmbeddedEngine):
    """The embedded engine; `cases` is how many it was asked about, `broken` that it fails."""

    def __init__(self) -> None:
        folder = Settings().policies_dir
        policies = {name: (folder / name).read_text() for name in ("sale/policy.rego",)}
        super().__init__(policies, "sha256:counted")
        self.cases = 0
        self.broken = False

    def evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        if self.broken:
            raise EngineUnavailable("broken")
        self.cases += len(document["cases"])
        return super().evaluate(path, document)


class Server:
    """An engine that is not in this process, as far as the gate can tell."""

    name = "server"

    def __init__(self) -> None:
        self.behind = Counted()

    def evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        return self.behind.evaluate(path, document)


def gates_by(engine: PolicyEngine) -> Gates:
    return Gates(LoadedRelease("sha256:tiny", load_library(FILES), engine))


@pytest.fixture
def engine() -> Counted:
    return Counted()


@pytest.fixture
def gates(engine: Counted) -> Gates:
    return gates_by(engine)


def newly_judged(gates: Gates, engine: Counted, **changes: Any) -> tuple[int, str]:
    """How many cases the policy was asked about, and the verdict in DE."""
    before = engine.cases
    verdict = judge(gates, ask("DE", **changes))["DE"]["verdict"]
    return engine.cases - before, verdict


def test_a_case_that_was_judged_is_not_asked_again(gates, engine) -> None:
    assert newly_judged(gates, engine) == (1, "allowed")
    assert newly_judged(gates, engine) == (0, "allowed")


def test_products_and_sellers_share_their_cases(gates, engine) -> None:
    assert newly_judged(gates, engine, category="lasers", attributes={"power_mw": 1})[0] == 1
    # Another title, another weak beam, another seller: the same rules with the same outcome.
    others = {"category": "lasers", "attributes": {"power_mw": 2}, "seller": {"id": "other"}}
    assert newly_judged(gates, engine, **others) == (0, "allowed")


def test_another_day_is_another_case(gates, engine) -> None:
    held = {"attributes": RADIO, "evidence": [paper("eu.declaration"), paper("de.register")]}
    assert newly_judged(gates, engine, **held) == (1, "allowed")
    ended = [paper("eu.declaration"), paper("de.register", valid_to="2026-11-22")]
    on_its_last_day = held | {"evidence": ended}
    assert newly_judged(gates, engine, **on_its_last_day) == (1, "allowed")
    after = on_its_last_day | {"as_of": "2026-11-23"}
    assert newly_judged(gates, engine, **after) == (1, "needs_evidence")


@pytest.mark.parametrize(
    "evidence",
    [
        [],
        PAPERS[:1],
        [PAPERS[0], paper("de.register", "2026-11-23")],
        [PAPERS[0], paper("de.register", "2026-01-01", "2026-11-21")],
    ],
)
def test_other_papers_are_another_case(gates, engine, evidence) -> None:
    assert newly_judged(gates, engine, attributes=RADIO, evidence=PAPERS) == (1, "allowed")
    found = newly_judged(gates, engine, attributes=RADIO, evidence=evidence)
    assert found == (1, "needs_evidence")
    assert newly_judged(gates, engine, attributes=RADIO, evidence=PAPERS) == (0, "allowed")


def test_papers_that_no_rule_asks_for_and_their_numbers_make_no_other_case(gates, engine) -> None:
    newly_judged(gates, engine, attributes=RADIO, evidence=PAPERS)
    other_number = paper("eu.declaration") | {"reference": "EU-654321"}
    evidence = [paper("cn.ccc"), other_number, PAPERS[1]]
    assert newly_judged(gates, engine, attributes=RADIO, evidence=evidence) == (0, "allowed")


def test_whatever_was_asked_before_the_answer_is_that_of_a_gate_that_was_asked_nothing(
    gates, engine
) -> None:
    requests = [
        ask("DE", "FR", "US", "GB", "CN", "JP", offer={}, attributes=attributes, evidence=evidence)
        | {"as_of": day}
        for attributes in ({}, RADIO, {"colour": "blue"}, {"radio": None}, {"materials": ["wood"]})
        for evidence in ([], PAPERS, [paper("eu.declaration", "2027-01-01"), PAPERS[1]])
        for day in ("2025-01-01", "2026-11-22", "2027-06-01")
    ]
    for request in requests + requests[::-1]:
        assert judge(gates, request) == judge(gates_by(Server()), request)
    assert engine.cases < 6 * len(requests)


def test_a_result_that_is_changed_does_not_change_the_next(gates) -> None:
    (first,) = gates.sale.evaluate(ask("DE"))["markets"]
    first["import_modes"][0]["verdict"] = "prohibited"
    first["import_modes"][0].clear()
    assert judge(gates, ask("DE"))["DE"]["verdict"] == "allowed"
    (second,) = gates.sale.evaluate(ask("DE"))["markets"]
    held = [value for value in second["import_modes"][0].values() if value]
    assert all(isinstance(value, str | int | tuple) for value in held)


def test_an_engine_that_fails_gives_no_verdict_on_a_new_case_and_nothing_is_remembered(
    gates, engine
) -> None:
    engine.broken = True
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            judge(gates, ask("DE"))
    engine.broken = False
    assert newly_judged(gates, engine) == (1, "allowed")


def test_a_server_is_asked_every_time() -> None:
    """It may be away, and then nobody gets a verdict, whatever it said before."""
    server = Server()
    gates = gates_by(server)
    assert newly_judged(gates, server.behind) == (1, "allowed")
    assert newly_judged(gates, server.behind) == (1, "allowed")
    server.behind.broken = True
    with pytest.raises(EngineUnavailable):
        judge(gates, ask("DE"))


def test_what_is_remembered_is_bounded(gates, engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale_judgement, "_MOST_REMEMBERED", 5)
    days = [f"2026-11-{day:02}" for day in range(1, 21)]
    for day in days:
        assert newly_judged(gates, engine, as_of=day) == (1, "allowed")
    assert [newly_judged(gates, engine, as_of=day)[0] for day in days[-5:]] == [0] * 5
    assert newly_judged(gates, engine, as_of=days[0]) == (1, "allowed")


def test_threads_that_forget_for_each_other_still_get_every_verdict(
    gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sale_judgement, "_MOST_REMEMBERED", 3)
    colours = {"red": "prohibited", "blue": "allowed", "green": "allowed"}
    asked = [
        (ask("DE", "FR", as_of=f"2026-11-{day:02}", attributes={"colour": colour}), verdict)
        for day in range(1, 29)
        for colour, verdict in colours.items()
    ] * 5
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: judge(gates, one[0])["DE"]["verdict"], asked))
    assert found == [verdict for _, verdict in asked]
