"""What is refused before anything is read of a file: its text, its YAML, its shape."""

import pytest
from small_library import SALE, assert_refused, files, problems, rule, rules

from governance.rules.yaml_text import MAX_DEPTH, MAX_FILE_BYTES

REFUSALS = {
    "duplicate key": (
        rules(rule()) + "    title: Another title\n",
        "title: Another",
        "key `title` stands twice in the same mapping",
        "the first one is at line 3: keep one of them",
    ),
    "duplicate key in flow style": (
        rules(rule(when="{contains_radio: true, contains_radio: true}")),
        "contains_radio: true}",
        "key `contains_radio` stands twice in the same mapping",
        "keep one of them",
    ),
    "alias": (
        "rules: *all\n",
        "*all",
        "alias `*all` is not allowed",
        "write the value out",
    ),
    "anchor": (
        "rules: &all []\n",
        "&all",
        "anchor `&all` is not allowed",
        "write the value out",
    ),
    "anchor on a key": (
        "&k rules: []\n",
        "&k",
        "anchor `&k` is not allowed",
        "write the value out",
    ),
    "tag": (
        "rules: !!python/object:os.system x\n",
        "!!python",
        "tag `tag:yaml.org,2002:python/object:os.system` is not allowed",
        "the schema types the values",
    ),
    "non-specific tag": (
        "rules: ! x\n",
        "! x",
        "tag `!` is not allowed",
        "the schema types the values",
    ),
    "merge key": (
        "<<: {rules: []}\n",
        "<<",
        "unknown key `<<`",
        "known keys: coverage, rules",
    ),
    "several documents": (
        "rules: []\n---\nrules: []\n",
        "---",
        "a second document in one file",
        "one file, one document",
    ),
    "list on top": (
        "- a\n",
        "- a",
        "the file must be a mapping at its top level",
        "write rules: …",
    ),
    "word on top": (
        "rules\n",
        "rules",
        "the file must be a mapping at its top level",
        "write rules: …",
    ),
    "list for a key": (
        "[a, b]: c\n",
        "[a, b]",
        "a key must be a plain word",
        "write key: value",
    ),
    "too deep": (
        "rules: " + "[" * 60 + "]" * 60 + "\n",
        "[" * (60 - MAX_DEPTH) + "]",
        f"nested deeper than {MAX_DEPTH} levels",
        "flatten it",
    ),
    "control character": (
        "rules:\n  - id: de.x\a\n",
        "\a",
        "the character U+0007 cannot stand in a rules file",
        "delete it",
    ),
    "NUL": (
        "rules: 'a\0'\n",
        "\0",
        "the character U+0000 cannot stand in a rules file",
        "delete it",
    ),
    "half a surrogate pair": (
        "rules: '\udcff'\n",
        "\udcff",
        "the character U+DCFF cannot stand in a rules file",
        "files are UTF-8",
    ),
    "byte order mark": (
        "\ufeffrules: []\n",
        "\ufeff",
        "the character U+FEFF cannot stand in a rules file",
        "delete it",
    ),
    "tab for indentation": (
        "rules:\n\t- id: x\n",
        "\t",
        "not YAML: found character that cannot start any token",
        "mend the indentation",
    ),
    "bracket left open": (
        "rules: [a,\n",
        "",
        "not YAML: did not find expected node content",
        "the brackets",
    ),
    "colon in plain text": (
        "rules: a: b\n",
        ": b",
        "not YAML: mapping values are not allowed in this context",
        "the quotes",
    ),
    "sections of another type": (
        "rules: {id: x}\n",
        "{id: x}",
        "expected a list, found a mapping",
        "write [a, b]",
    ),
    "a word for a rule": (
        "rules: [x]\n",
        "x]",
        "expected a mapping, found `x`",
        "write it as key: value",
    ),
}


@pytest.mark.parametrize(("text", "at", "message", "hint"), REFUSALS.values(), ids=REFUSALS)
def test_a_file_is_refused_for_one_wrong_thing(text: str, at: str, message: str, hint: str) -> None:
    shown_at = "".join(c if c.isprintable() else "" for c in at)
    found = files(sale=text)
    first, *others = problems(found)
    assert not others
    assert first.message == message
    assert hint in (first.hint or "")
    line = text.splitlines()[first.place.line - 1]
    assert line[first.place.column - 1 :].startswith(at)
    head, shown, caret, _ = first.render(found).split("\n")
    assert head == f"{first.place}: {message}"
    assert shown[caret.index("^") :].startswith(shown_at)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "   \n\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    (problem,) = problems(files(sale=text))
    assert (problem.message, problem.hint) == ("the file is empty", "delete it, or fill it")


def test_a_file_over_its_size_is_refused_in_bytes_not_characters() -> None:
    filler = "rules: # " + "é" * (MAX_FILE_BYTES // 2)
    assert len(filler) < MAX_FILE_BYTES < len(filler.encode())
    (problem,) = problems(files(sale=filler))
    assert "at most 64,000 are read" in problem.message


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert_refused(files(sale=bomb), "&a", "anchor `&a` is not allowed", "write the value out")


def test_a_line_that_could_speak_to_the_terminal_is_shown_without_its_escape_codes() -> None:
    found = files(sale="rules: '\x1b[2J\u202e'\n")
    (problem,) = problems(found)
    shown = problem.render(found)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert problem.place.file == SALE
