"""JSONPath templates."""

from typing import Any

import pytest

from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.jsonpath import JSONPath, relaxed

DATA: dict[str, Any] = {
    "kind": "List",
    "n": 3,
    "f": 1.5,
    "yes": True,
    "none": None,
    "items": [
        {"metadata": {"name": "a", "labels": {"app.io/x": "1"}}, "ports": [{"port": 80}, {"port": 443}], "size": 1},
        {"metadata": {"name": "b"}, "ports": [{"port": 53}], "size": 2},
    ],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.kind}", "List"),
        ("{$.kind}", "List"),
        ("{@.kind}", "List"),
        ("{.items[0].metadata.name}", "a"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[*].metadata.name}", "a b"),
        ("{.items[0:1].metadata.name}", "a"),
        ("{.items[0,1].size}", "1 2"),
        ("{.items[*]['metadata.name']}", ""),
        ("{.items[0].metadata['name','labels']}", 'a {"app.io/x":"1"}'),
        (r"{.items[0].metadata.labels.app\.io/x}", "1"),
        ("{.items[0].metadata.labels['app\\.io/x']}", "1"),
        ("{..port}", "80 443 53"),
        ("{.items[?(@.size==2)].metadata.name}", "b"),
        ("{.items[?(@.size>1)].metadata.name}", "b"),
        ('{.items[?(@.metadata.name!="a")].size}', "2"),
        ("{.items[?(@.metadata.labels)].metadata.name}", "a"),
        ("{.items[0].ports}", '[{"port":80},{"port":443}]'),
        ("{.n} {.f} {.yes}", "3 1.5 true"),
        ("{.none}|", "|"),
        ("{.nope}", ""),
        ("name: {.kind}!", "name: List!"),
        ('{"a\\tb\\n"}', "a\tb\n"),
        ('{range .items[*]}{.metadata.name}{"\\n"}{end}', "a\nb\n"),
        ("{range .items[*]}{.metadata.name}:{range .ports[*]} {.port}{end};{end}", "a: 80 443;b: 53;"),
        ("no expression", "no expression"),
    ],
)
def test_a_template_renders(template: str, text: str) -> None:
    assert JSONPath(template).render(DATA) == text


@pytest.mark.parametrize("template", ["{.items", "{.items[", "{.items[?(@.a==1]}", '{"x', "{.items[a]}"])
def test_a_malformed_template_is_refused(template: str) -> None:
    with pytest.raises(TemplateError, match="error parsing jsonpath"):
        JSONPath(template)


def test_an_index_beyond_the_end_is_an_error() -> None:
    with pytest.raises(TemplateError, match="array index out of bounds: index 5, length 2"):
        JSONPath("{.items[5]}").render(DATA)


def test_a_missing_key_is_an_error_when_those_are_not_allowed() -> None:
    with pytest.raises(TemplateError, match="nope is not found"):
        JSONPath("{.nope}", allow_missing_keys=False).render(DATA)


@pytest.mark.parametrize("text", ["x.y", ".x.y", "{x.y}", "{.x.y}"])
def test_relaxed_expressions_mean_the_same(text: str) -> None:
    assert relaxed(text) == "{.x.y}"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{.a[", "unterminated array"),
        ("{'x}", "unterminated quoted string"),
        ("{.a['b]}", "invalid array index 'b"),
        ("{.a[-]}", "array index - is not a number"),
        ("{%}", "unrecognized character in action: U+0025 '%'"),
        ("{.a", "unclosed action"),
    ],
)
def test_what_is_wrong_with_a_path_is_told_in_upstreams_words(source, why):
    with pytest.raises(TemplateError) as refused:
        JSONPath(source)
    assert str(refused.value) == f"error parsing jsonpath {source}, {why}"


def test_empty_braces_are_what_there_is_and_empty_brackets_are_all_items():
    assert JSONPath("{range .items[]}{.size};{end}").render(DATA) == "1;2;"
    assert JSONPath("{range .items[*].size}{}{end}").render(DATA) == "12"
