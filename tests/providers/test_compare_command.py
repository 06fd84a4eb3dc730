"""`governance providers compare` and `list` by cost, as a shell runs them."""

import json

import pytest
from shell import Run, environment, shell

HEADER = (
    "lane,service,from_country,to_market,up_to_grams,minor_units,currency,"
    "lead_days_p10,lead_days_p50,lead_days_p90,modes,refuses\n"
)
RATES = HEADER + "express,fulfilment,DE,DE,500,399,EUR,1,1,2,road,\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`run(*arguments)`: `governance providers …` over the starter set; two have connectors."""
    folder = tmp_path_factory.mktemp("compare")
    (folder / "rates.csv").write_text(RATES)
    (folder / "connectors.toml").write_text(
        '[amazon-mcf]\nconnector = "files"\noptions = {folder = "."}\n'
        '[cainiao]\nconnector = "files"\noptions = {folder = "nowhere"}\n'
    )
    variables = environment(data_dir=str(folder / "var"), connectors="connectors.toml")
    command = shell(folder, variables, "providers")
    command("import", "--sample")
    return command


PARCEL = ("--market", "DE", "--service", "fulfilment", "--weight-grams", "500")


def test_a_table_has_a_column_a_provider_and_says_below_what_is_not_known(run: Run) -> None:
    done = run("compare", "maersk", "amazon-mcf", "cainiao", *PARCEL, "--category", "fragrance")
    assert done.returncode == 0, done.stderr
    lines = {line[:26].strip(): line[26:] for line in done.stdout.splitlines()}
    assert done.stdout.startswith("fulfilment to DE, 500 g of fragrance")
    assert lines[""].split() == ["amazon-mcf", "cainiao", "maersk"]
    assert "380 EUR, 1 to 2 days (leipzig-de-road)" in lines["cheapest in EUR"]
    assert "399 EUR, 1 to 2 days (express)" in lines["quoted now"]
    assert lines["fastest"].rstrip().endswith("not known")
    assert "350,000 Leipzig" in lines["units in DE"]
    assert "maersk: fastest: no lane of fulfilment to DE is declared" in done.stdout
    assert "cainiao is left out: its connector 'files'" in done.stdout


def test_the_comparison_is_also_json(run: Run) -> None:
    done = run("compare", *PARCEL, "--json")
    found = json.loads(done.stdout)
    assert [row["id"] for row in found["providers"]] == [
        "amazon-mcf", "cainiao", "shopify-fulfilment",
    ]  # fmt: skip
    assert found["providers"][0]["best"] == ["fastest"]


def test_providers_are_listed_by_cost_with_their_cheapest_lane(run: Run) -> None:
    cost = ("--cost-at-most", "380", "--currency", "EUR", "--lead-days-at-most", "2")
    done = run("list", *PARCEL, *cost, "--standing", "active", "--standing", "applicant")
    (line,) = done.stdout.splitlines()[1:]
    assert line.split()[0] == "amazon-mcf"
    assert "380 EUR, 1 to 2 days (leipzig-de-road)" in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["compare", "maersk", "mearsk", *PARCEL], "did you mean `maersk`?"),
        (["list", "--cost-at-most", "5"], "asked without `weight_grams`"),
    ],
)
def test_what_cannot_be_compared_is_told(run: Run, arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
