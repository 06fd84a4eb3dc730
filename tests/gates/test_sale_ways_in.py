"""Ways in: each that the market knows is judged, and the mildest gives the verdict."""

import pytest
from tiny_library import ask, judge, paper

from governance.errors import InvalidRequest


def by_mode(result) -> dict[str, str]:
    return {mode["import_mode"]: mode["verdict"] for mode in result["import_modes"]}


def test_an_open_way_in_gives_the_mildest_verdict_with_its_way(sale) -> None:
    result = sale("CN", offer={})
    assert by_mode(result) == {
        "commercial": "needs_evidence",
        "personal_parcel": "prohibited",
        "cbec": "allowed",
    }
    assert (result["verdict"], result["import_mode"]) == ("allowed", "cbec")


def test_equally_mild_ways_in_give_the_first_one(sale) -> None:
    result = sale("CN", offer={}, evidence=[paper("cn.ccc")])
    assert (result["verdict"], result["import_mode"]) == ("allowed", "commercial")


def test_a_declared_way_in_is_the_only_one_judged(sale) -> None:
    for mode, verdict in by_mode(sale("CN", offer={})).items():
        result = sale("CN", offer={"import_mode": mode})
        assert by_mode(result) == {mode: verdict}
        assert result["verdict"] == verdict


def test_only_china_knows_the_cross_border_list(gates) -> None:
    result = judge(gates, ask("DE", "CN", offer={}))
    assert list(by_mode(result["DE"])) == ["commercial", "personal_parcel"]
    assert "cbec" in by_mode(result["CN"])


def test_a_way_in_that_a_market_does_not_know_is_refused(gates) -> None:
    with pytest.raises(InvalidRequest) as refused:
        judge(gates, ask("CN", "DE", offer={"import_mode": "cbec"}))
    (error,) = refused.value.errors
    assert error.field == "/offer/import_mode"
    assert "DE" in error.message
    assert "CN" not in error.message
