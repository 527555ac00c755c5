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
