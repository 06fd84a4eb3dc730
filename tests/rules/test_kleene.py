"""Laws of the three values that the reference evaluator keeps under every condition and fact."""

from random import Random

import generated
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.conditions import All, AnyOf, Condition, FactValue, Literal, Not, attributes
from governance.rules.reference import missing, truth

RANDOMS = st.integers(0, 2**64).map(Random)
laws = settings(max_examples=500, deadline=None)


def drawn(random: Random) -> tuple[Condition, dict[str, FactValue]]:
    return generated.condition(random), generated.facts(random)


@given(RANDOMS)
@laws
def test_a_double_negation_changes_nothing(random: Random) -> None:
    condition, facts = drawn(random)
    assert truth(Not(Not(condition)), facts) is truth(condition, facts)


@given(RANDOMS)
@laws
def test_de_morgan(random: Random) -> None:
    parts = tuple(generated.condition(random) for _ in range(random.randint(0, 4)))
    facts = generated.facts(random)
    negated = tuple(Not(part) for part in parts)
    assert truth(Not(All(parts)), facts) is truth(AnyOf(negated), facts)
    assert truth(Not(AnyOf(parts)), facts) is truth(All(negated), facts)


@given(RANDOMS)
@laws
def test_order_does_not_matter(random: Random) -> None:
    parts = [generated.condition(random) for _ in range(3)]
    facts = generated.facts(random)
    shuffled = random.sample(parts, 3)
    for of in (All, AnyOf):
        assert truth(of(tuple(parts)), facts) is truth(of(tuple(shuffled)), facts)


@given(RANDOMS)
@laws
def test_declaring_a_fact_never_turns_what_was_decided(random: Random) -> None:
    condition, facts = drawn(random)
    before = truth(condition, facts)
    for name in random.sample(generated.NAMES, len(generated.NAMES)):
        if name not in facts:
            facts[name] = generated.fact(random, name)
            after = truth(condition, facts)
            assert before is None or after is before
            before = after
    assert before is not None


@given(RANDOMS)
@laws
def test_missing_names_absent_attributes_of_the_condition_and_none_when_decided(
    random: Random,
) -> None:
    condition, facts = drawn(random)
    lacking = missing(condition, facts)
    assert lacking <= attributes(condition) - facts.keys()
    assert bool(lacking) is (truth(condition, facts) is None)


@given(RANDOMS)
@laws
def test_declaring_what_is_missing_decides_and_nothing_else_can(random: Random) -> None:
    condition, facts = drawn(random)
    lacking = missing(condition, facts)
    everything = {name: generated.fact(random, name) for name in generated.NAMES} | facts
    enough = {name: everything[name] for name in generated.NAMES if name in facts.keys() | lacking}
    assert truth(condition, enough) is not None
    others = {name: value for name, value in everything.items() if name not in lacking}
    if lacking:
        assert truth(condition, others) is None


@given(RANDOMS)
@laws
def test_each_missing_attribute_can_turn_the_scale(random: Random) -> None:
    """Where every literal asks for an attribute of its own, some facts make each one decisive."""
    names = random.sample([f"flag_{index}" for index in range(9)], 9)

    def read_once(depth: int) -> Condition:
        if depth == 0 or len(names) < 4:
            return Literal(names.pop(), "in", (random.random() < 0.5,))
        shape = random.choice((All, AnyOf, Not))
        if shape is Not:
            return Not(read_once(depth - 1))
        return shape((read_once(depth - 1), read_once(depth - 1)))

    condition = read_once(2)
    lacking = sorted(missing(condition, {}))
    for name in lacking:
        others = [other for other in lacking if other != name]
        settled = (
            dict(zip(others, (bool(bits >> i & 1) for i in range(len(others))), strict=True))
            for bits in range(2 ** len(others))
        )
        assert any(
            truth(condition, known) is None
            and truth(condition, known | {name: True})
            is not truth(condition, known | {name: False})
            for known in settled
        ), name


def test_an_empty_conjunction_holds_and_an_empty_choice_does_not() -> None:
    assert truth(All(()), {}) is True
    assert truth(AnyOf(()), {}) is False


def test_false_decides_a_conjunction_and_true_a_choice_whatever_is_missing() -> None:
    radio, laser = (Literal(name, "in", (True,)) for name in ("radio", "laser"))
    assert truth(All((radio, laser)), {"laser": False}) is False
    assert truth(All((radio, laser)), {"laser": True}) is None
    assert truth(AnyOf((radio, laser)), {"laser": True}) is True
    assert truth(AnyOf((radio, laser)), {"laser": False}) is None
    assert missing(All((radio, laser)), {"laser": True}) == {"radio"}
    assert missing(All((radio, laser)), {}) == {"radio", "laser"}


def test_a_set_contains_a_country_belongs_and_a_code_begins() -> None:
    leather = Literal("materials", "in", ("leather",), membership=True)
    assert truth(leather, {"materials": frozenset({"leather", "wood"})}) is True
    assert truth(leather, {"materials": frozenset()}) is False
    assert truth(leather, {}) is None
