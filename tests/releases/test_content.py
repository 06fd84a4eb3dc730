"""What a release is made of: which files, under which digest."""

import json
import os
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governance.releases.content import (
    MAX_FILE_BYTES,
    CorruptRelease,
    InvalidRelease,
    ReleaseContent,
    read_tree,
)

names = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,5}", fullmatch=True)
paths = st.one_of(
    st.builds(lambda parts: f"rulesets/{'/'.join(parts)}.yaml", st.lists(names, min_size=1)),
    st.builds(lambda parts: f"policies/{'/'.join(parts)}.rego", st.lists(names, min_size=1)),
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
contents = st.dictionaries(paths, texts, min_size=1, max_size=4).map(ReleaseContent)


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, Path]:
    rulesets, policies = tmp_path / "laws", tmp_path / "judges"
    (rulesets / "sale/EU").mkdir(parents=True)
    (policies / "sale").mkdir(parents=True)
    (rulesets / "sale/EU/cosmetics.yaml").write_bytes("rules: []\r\n# é\n".encode())
    (policies / "sale/policy.rego").write_bytes(b"package sale\n")
    return rulesets, policies


def test_a_tree_is_read_to_the_byte_and_named_by_kind(tree: tuple[Path, Path]) -> None:
    assert read_tree(*tree).files == {
        "policies/sale/policy.rego": "package sale\n",
        "rulesets/sale/EU/cosmetics.yaml": "rules: []\r\n# é\n",
    }


def test_hidden_and_foreign_files_are_left_out(tree: tuple[Path, Path]) -> None:
    before = read_tree(*tree).digest
    (tree[0] / "README.md").write_text("not a rule")
    (tree[0] / ".draft.yaml").write_text("an editor's")
    (tree[0] / ".git").mkdir()
    (tree[0] / ".git/x.yaml").write_text("hidden")
    (tree[1] / "capabilities.json").write_text("{}")
    assert read_tree(*tree).digest == before


@pytest.mark.parametrize(
    ("folder", "name"), [(0, "a.yml"), (0, "a.YAML"), (0, "a.rego"), (1, "a.yaml"), (1, "a.Rego")]
)
def test_a_rule_that_would_silently_be_left_out_is_refused(
    tree: tuple[Path, Path], folder: int, name: str
) -> None:
    (tree[folder] / name).write_text("")
    with pytest.raises(InvalidRelease, match=rf"{name} would be left out"):
        read_tree(*tree)


@pytest.mark.parametrize("target", ["sale/EU/cosmetics.yaml", "sale", "missing", "/etc/passwd"])
@pytest.mark.parametrize("name", ["link.yaml", "link"])
def test_a_symbolic_link_is_refused(tree: tuple[Path, Path], name: str, target: str) -> None:
    (tree[0] / name).symlink_to(target)
    with pytest.raises(InvalidRelease, match=f"rulesets/{name} is a symbolic link"):
        read_tree(*tree)


def test_a_pipe_is_refused_and_not_waited_for(tree: tuple[Path, Path]) -> None:
    os.mkfifo(tree[0] / "pipe.yaml")
    with pytest.raises(InvalidRelease, match="not a regular file"):
        read_tree(*tree)


def test_a_file_over_the_limit_is_refused(tree: tuple[Path, Path]) -> None:
    (tree[1] / "large.rego").write_bytes(b"x" * MAX_FILE_BYTES)
    read_tree(*tree)
    (tree[1] / "large.rego").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InvalidRelease, match=r"policies/large\.rego has more than"):
        read_tree(*tree)
    with pytest.raises(InvalidRelease, match=r"policies/large\.rego has 1000002 bytes"):
        ReleaseContent({"policies/large.rego": "é" * (MAX_FILE_BYTES // 2 + 1)})


def test_bytes_that_are_not_utf_8_are_refused(tree: tuple[Path, Path]) -> None:
    (tree[0] / "latin.yaml").write_bytes("# é".encode("latin-1"))
    with pytest.raises(InvalidRelease, match=r"rulesets/latin\.yaml is not UTF-8 at byte 2"):
        read_tree(*tree)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_folder_is_refused(tree: tuple[Path, Path], missing: int) -> None:
    folders = list(tree)
    folders[missing] = folders[missing] / "missing"
    with pytest.raises(InvalidRelease, match="There is no folder"):
        read_tree(*folders)


def test_empty_folders_are_no_release(tmp_path: Path) -> None:
    with pytest.raises(InvalidRelease, match="without a single file"):
        read_tree(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "rulesets/../policies/a.yaml",
        "rulesets/./a.yaml",
        "rulesets//a.yaml",
        "/rulesets/a.yaml",
        "rulesets/.a.yaml",
        "rulesets/a b.yaml",
        "rulesets/a\\b.yaml",
        "rulesets/a.yaml\n",
        "rulesets/é.yaml",
        "rulesets/a.rego",
        "policies/a.yaml",
        "rulesets",
        "other/a.yaml",
        "",
    ],
)
def test_a_path_that_could_mean_another_file_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(InvalidRelease):
        ReleaseContent({path: ""})


def test_a_text_that_has_no_bytes_is_refused() -> None:
    with pytest.raises(InvalidRelease, match="not UTF-8 at character 1"):
        ReleaseContent({"rulesets/a.yaml": "a\ud800"})


def test_the_files_of_a_release_cannot_be_changed() -> None:
    files = {"rulesets/a.yaml": "a"}
    content = ReleaseContent(files)
    files["rulesets/a.yaml"] = "b"
    assert content.files["rulesets/a.yaml"] == "a"
    with pytest.raises(TypeError):
        content.files["rulesets/a.yaml"] = "b"  # type: ignore[index]


def test_the_digest_never_changes_between_versions_of_the_service() -> None:
    """The encoding written out by hand; a changed one would orphan every recorded decision."""
    content = ReleaseContent({"rulesets/a.yaml": "é", "policies/b.rego": ""})
    encoded = b"governance release 1\n"
    for part in (b"policies/b.rego", b"", b"rulesets/a.yaml", "é".encode()):
        encoded += len(part).to_bytes(8, "big") + part
    assert content.digest == f"sha256:{sha256(encoded).hexdigest()}"


@given(contents, contents)
def test_two_contents_have_one_digest_only_if_they_are_the_same(
    one: ReleaseContent, other: ReleaseContent
) -> None:
    assert (one.digest == other.digest) == (dict(one.files) == dict(other.files))


@given(contents)
def test_text_moved_between_neighbours_changes_the_digest(content: ReleaseContent) -> None:
    first, *rest = content.files
    assume(rest and content.files[first])
    moved = dict(content.files)
    moved[rest[0]] = moved[first][-1] + moved[rest[0]]
    moved[first] = moved[first][:-1]
    assert ReleaseContent(moved).digest != content.digest


@given(contents)
def test_a_blob_gives_the_content_back(content: ReleaseContent) -> None:
    again = ReleaseContent.from_blob(content.to_blob(), content.digest)
    assert again == content
    assert again.digest == content.digest


CONTENT = ReleaseContent({"rulesets/a.yaml": "a" * 100, "policies/b.rego": "b"})


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"garbage",
        CONTENT.to_blob()[:-1],
        CONTENT.to_blob() + b"tail",
        ReleaseContent({"rulesets/a.yaml": "other"}).to_blob(),
        zlib.compress(b"not json"),
        zlib.compress(b"\xff"),
        zlib.compress(b"[]"),
        zlib.compress(b'{"rulesets/a.yaml": 1}'),
        zlib.compress(b'{"etc/passwd": ""}'),
    ],
)
def test_a_blob_that_is_not_the_release_is_refused(blob: bytes) -> None:
    with pytest.raises(CorruptRelease):
        ReleaseContent.from_blob(blob, CONTENT.digest)


def test_one_flipped_bit_of_a_blob_is_noticed() -> None:
    blob = CONTENT.to_blob()
    for position in range(8 * len(blob)):
        flipped = bytearray(blob)
        flipped[position // 8] ^= 1 << position % 8
        try:
            content = ReleaseContent.from_blob(bytes(flipped), CONTENT.digest)
        except CorruptRelease:
            continue
        assert content == CONTENT  # a bit of the compressed form that means nothing


def test_the_blob_is_plain_json_within_zlib() -> None:
    assert json.loads(zlib.decompress(CONTENT.to_blob())) == dict(CONTENT.files)
