"""Manifests: documents, lists, scalars as go-yaml reads them, and what is refused."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from kajitori.kubectl.context import Context
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.globals import FilenameOptions, GlobalOptions
from kajitori.kubectl.manifests.documents import parse
from kajitori.kubectl.manifests.reading import read
from kajitori.kubectl.manifests.yamlload import load
from kajitori.kubectl.streams import Streams

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"


def names(options: FilenameOptions, stdin: bytes = b"") -> list[str]:
    context = Context(GlobalOptions(), Streams(in_=io.BytesIO(stdin)))
    return [document.object["metadata"]["name"] for document in asyncio.run(read(context, options))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("y", True),
        ("off", False),
        ("~", None),
        ("", None),
        ("010", 8),
        ("0o10", 8),
        ("0x10", 16),
        ("1e3", 1000),
        ("1.5", 1.5),
        ("1:30", "1:30"),
        ("2026-01-02", "2026-01-02"),
        ("'1'", "1"),
        ("08", 8),
        ("1_000", 1000),
        ("=", "="),
    ],
)
def test_a_scalar_means_what_go_yaml_makes_of_it(text: str, value: Any) -> None:
    assert load(f"key: {text}") == {"key": value}


def test_mapping_keys_are_texts() -> None:
    assert load("{2: a, true: b, null: c}") == {"2": "a", "true": "b", "null": "c"}


def test_every_document_counts_and_lists_are_opened() -> None:
    text = (
        POD % "a"
        + "---\n"
        + POD % "b"
        + "---\n# only a comment\n---\napiVersion: v1\nkind: List\nitems:\n- "
        + (POD % "c").replace("\n", "\n  ")
    )
    assert [d.object["metadata"]["name"] for d in parse(text.encode(), "x")] == ["a", "b", "c"]


def test_json_documents_may_follow_one_another() -> None:
    text = b'{"apiVersion":"v1","kind":"A"}\n{"apiVersion":"v1","kind":"B"}'
    assert [d.object["kind"] for d in parse(text, "x")] == ["A", "B"]


def test_a_folder_gives_its_manifests_in_order_and_recursion_goes_deeper(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.yaml", "a.yml", "c.json", "ignored.txt", "deep/d.yaml"):
        text = POD % Path(name).stem
        if name.endswith("json"):
            text = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}'
        (tmp_path / name).write_text(text)
    assert names(FilenameOptions(filename=(str(tmp_path),))) == ["a", "b", "c"]
    assert names(FilenameOptions(filename=(str(tmp_path),), recursive=True)) == ["a", "b", "c", "d"]


def test_a_dash_is_stdin() -> None:
    assert names(FilenameOptions(filename=("-",)), (POD % "x").encode()) == ["x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("apiVersion: v1\nmetadata: {name: x}\n", "unable to decode \"x\": Object 'Kind' is missing in"),
        ("- a\n", 'unable to decode "x": json: cannot unmarshal array into Go value'),
        (
            "a: b: c\n",
            "error parsing x: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
        ),
    ],
)
def test_what_is_no_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(text.encode(), "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: Pod\n", "error validating data: apiVersion not set"),
        ("apiVersion: v1\n", "error validating data: kind not set"),
        ("metadata: {}\n", r"error validating data: \[apiVersion not set, kind not set\]"),
    ],
)
def test_validation_wants_to_know_what_an_object_is(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(text.encode(), "x", schema=True)


def test_a_missing_path_is_named() -> None:
    with pytest.raises(UsageError, match=r'the path "/nope\.yaml" does not exist'):
        names(FilenameOptions(filename=("/nope.yaml",)))
