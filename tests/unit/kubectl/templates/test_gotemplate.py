"""Go templates over JSON data: each case was checked against text/template's documented behaviour."""

import pytest

from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.gotemplate import Template

DATA = {
    "items": [{"metadata": {"name": "a"}, "n": 1}, {"metadata": {"name": "b"}, "n": 2}],
    "spec": {"ports": [{"nodePort": 30123}], "f": 1.5, "big": 12345678, "t": True, "none": None},
    "secret": "aGk=",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}', "a\nb\n"),
        ("{{(index .spec.ports 0).nodePort}}", "30123"),
        ('{{index .spec.ports 0 "nodePort"}}', "30123"),
        ("{{.missing}} {{.missing.deeper}}", "<no value> <no value>"),
        ("{{.spec.big}} {{.spec.f}} {{.spec.t}}", "12345678 1.5 true"),
        ("{{if .missing}}x{{else if .spec}}y{{else}}z{{end}}", "y"),
        ("{{range $i, $e := .items}}{{$i}}={{$e.metadata.name}};{{end}}", "0=a;1=b;"),
        ("{{range $k, $v := .items}}{{if $k}}, {{end}}{{$v.n}}{{end}}", "1, 2"),
        ("{{range .none}}x{{else}}empty{{end}}", "empty"),
        ("{{with .spec}}{{.f}}{{end}}", "1.5"),
        ("a {{- 1 -}} b", "a1b"),
        ("{{/* nothing */}}x", "x"),
        ("{{len .items}} {{len .secret}}", "2 4"),
        ('{{printf "%-5s|%5d|%q" "ab" 42 "x"}}', 'ab   |   42|"x"'),
        ("{{.secret | base64decode}}", "hi"),
        ("{{$x := 1}}{{$x = 2}}{{$x}}", "2"),
        ("{{eq .spec.f 1.5}} {{and .spec.t .missing}} {{or .missing 7}} {{not .missing}}", "true <no value> 7 true"),
        ('{{define "t"}}<{{.}}>{{end}}{{template "t" .secret}}', "<aGk=>"),
        ("{{range .items}}{{if eq .n 1}}{{continue}}{{end}}{{.n}}{{end}}", "2"),
        ("{{.spec.ports}}", "[map[nodePort:30123]]"),
        ("{{range .items}}{{$.secret}}{{end}}", "aGk=aGk="),
        ('{{println "a" 1}}', "a 1\n"),
        ("{{range $k, $v := .spec}}{{$k}} {{end}}", "big f none ports t "),
        ("{{gt 2 1}}{{le 1 1}}", "truetrue"),
    ],
)
def test_a_template_prints_what_go_prints(source: str, expected: str) -> None:
    assert Template(source).render(DATA) == expected


@pytest.mark.parametrize(
    "source", ["{{", "{{.a", "{{range .items}}", "{{end}}", "{{nofunc 1}}", "{{.spec.none.x}}", '{{template "x"}}']
)
def test_a_broken_template_is_told_and_not_run(source: str) -> None:
    with pytest.raises(TemplateError):
        Template(source).render(DATA)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ ) }}", "unexpected right paren"),
        ("{{ (.a }}", "unclosed left paren"),
        ("{{ | }}", 'unexpected "|" in command'),
        ("{{ .a % }}", 'unexpected "%" in operand'),
        ("{{ := }}", 'unexpected ":=" in command'),
        ("{{ .a.(b) }}", "unexpected <.> in operand"),
        ("{{ if }}{{ end }}", "missing value for if"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ with .a }}{{ end 12345678901234 }}", 'unexpected "1234567890"... in end'),
        ("{{ if .a }}", "unexpected EOF"),
        ("{{ .a", "unclosed action"),
        ('{{ "a }}', "unterminated quoted string"),
        ("{{ 'ab' }}", "malformed character constant: 'ab'"),
        ("{{ 1a }}", 'bad number syntax: "1a"'),
        ("{{ $x }}", 'undefined variable "$x"'),
        ("{{if $x := 1}}{{end}}{{$x}}", 'undefined variable "$x"'),
        ("{{ foo }}", 'function "foo" not defined'),
        ("{{ template }}", 'unexpected "}}" in template clause'),
        ("{{ block }}", 'unexpected "}}" in block clause'),
        ("{{ range $i, }}{{end}}", "missing value for range"),
        ("{{ range $i, $j, $k := .a}}{{end}}", "too many declarations in range"),
        ("{{ break }}", "{{break}} outside {{range}}"),
        ("{{/* a }}", "unclosed comment"),
        ("a\n{{ \u00a7 }}", "unrecognized character in action: U+00A7 '\u00a7'"),
    ],
)
def test_what_is_wrong_with_a_template_is_told_in_gos_words(source: str, why: str) -> None:
    line = source.partition("{{")[0].count("\n") + 1
    with pytest.raises(TemplateError) as refused:
        Template(source)
    assert str(refused.value) == f"template: output:{line}: {why}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ .a | }}", "<no value>"),
        ("{{ .\u00e9 }}", "<no value>"),
        ("{{range $i := .none}}{{else}}{{$i}}{{end}}", "<no value>"),
    ],
)
def test_what_go_takes_is_taken(source: str, expected: str) -> None:
    assert Template(source).render(DATA) == expected
