"""Whatever stands in the files, reading them ends with problems and never with an exception."""

import time
from pathlib import Path
from random import Random

import real_library
from hypothesis import given, settings
from hypothesis import strategies as st
from small_library import BLOCS, SALE, files, problems, rule, rules

from governance.rules.library import read_library, read_tree
from governance.rules.yaml_text import MAX_FILE_BYTES

_TOKENS = st.sampled_from(
    ["rules:", "coverage:", "- ", "id: ", "de.x", "{", "}", "[", "]", ": ", ", ", "\n", "\n  ",
     "when: ", "any: ", "not: ", "from: ", "2026-01-01", "to: ", "cases: ", "fires: ", "[{}]", '"',
     "'", "&a ", "*a", "!!int ", "? ", "| \n", "> \n", "---\n", "...\n", "%YAML 1.1\n", "# ", "\t",
     "NO", "no", "~", "0x1f", "1e9", "9" * 30, "\0", "\ud800", "\ufeff", "\u2028", "\x85", "é"]
)  # fmt: skip
_WORDS = st.lists(_TOKENS, max_size=60).map("".join)
_ANY_TEXT = st.text(alphabet=st.characters(), max_size=200)  # half surrogate pairs included


def assert_readable_report(found: dict[str, str]) -> None:
    for problem in read_library(found)[1]:
        shown = problem.render(found)
        shown.encode()  # a terminal can take it
        assert len(shown) < 1600


@given(path=st.text(max_size=30), text=_WORDS | _ANY_TEXT)
@settings(deadline=None)
def test_any_text_under_any_path_is_read(path: str, text: str) -> None:
    assert_readable_report(files() | {path: text})


@given(
    section=st.sampled_from(["sale", "classification", "categories", "attributes", "evidence",
                             "blocs", "import_modes"]),
    text=_WORDS,
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_text_in_place_of_a_good_file_is_read(section: str, text: str) -> None:
    assert_readable_report(files(**{section: text}))


def mutated(random: Random, text: str) -> str:
    """The text with a few stretches cut, doubled, swapped or replaced."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((1, 1, 2, 8, 40)))
        piece = text[start:end]
        other = random.choice(
            ["", piece * 2, piece[::-1], "\n", "  ", ":", "[", "}", '"', "-", "NO", "*x", "9" * 20,
             "\0", "\ud800", text[end : end + 12]]
        )  # fmt: skip
        text = text[:start] + other + text[end:]
    return text


def test_mutated_real_files_are_read() -> None:
    """One mutated file beside the rest of its vocabulary, 200 times over all real files."""
    random, real = Random(11), real_library.files()
    vocabulary = {file: text for file, text in real.items() if file.startswith("vocabulary/")}
    for _ in range(200):
        file = random.choice(sorted(real))
        assert_readable_report(vocabulary | {file: mutated(random, real[file])})


def test_many_mutated_real_files_are_read_in_one_run() -> None:
    random, real = Random(12), real_library.files()
    for share in (0.02, 0.1, 0.5, 1):
        assert_readable_report(
            {f: mutated(random, t) if random.random() < share else t for f, t in real.items()}
        )


def test_the_worst_files_of_the_largest_size_are_read_in_seconds() -> None:
    unknown_keys = "rules:\n  - " + "\n    ".join(f"k{i}: 1" for i in range(15_000))
    unknown_rules = "rules:\n" + "  - {when: {zz: 1}}\n" * 9_000
    brackets = "rules: " + "[" * (MAX_FILE_BYTES - 10)
    quotes = "rules: '" + "''" * (MAX_FILE_BYTES // 2 - 10)
    same_again = rules(*(rule(id=f"de.x.r{i}") for i in range(140)))
    for text in (unknown_keys, unknown_rules, brackets, quotes, same_again):
        start = time.process_time()
        assert 0 < len(problems(files(sale=text[: MAX_FILE_BYTES - 1]))) < 10_000
        assert time.process_time() - start < 10
    no_countries = "".join(f"      Q{i}: {{}}\n" for i in range(3_000))
    start = time.process_time()
    assert problems(files(blocs=f"{BLOCS}  GCC:\n    title: x\n    members:\n{no_countries}"))
    assert time.process_time() - start < 15


def test_a_file_that_is_not_utf_8_is_one_problem_among_the_others(tmp_path: Path) -> None:
    for file, text in files(sale="rules: 1\n").items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    (tmp_path / "sale/DE/latin.yaml").write_bytes(b"rules: '\xe4'\n")
    found = read_tree(tmp_path)
    places = {str(problem.place): problem.message for problem in problems(found)}
    assert places == {
        f"{SALE}:1:8": "expected a list, found `1`",
        "sale/DE/latin.yaml:1:9": "the character U+DCE4 cannot stand in a rules file",
    }
