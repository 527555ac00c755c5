"""Printers by their -o names."""

import io
from typing import Any

import pytest

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.printers.objects import printer_for

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "managedFields": [{"manager": "x"}], "labels": {"a": "<b>"}},
}
LIST = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [DEPLOYMENT, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}],
}


def printed(output: str, *objects: dict[str, Any], operation: str = "", dry_run: str = "none", **options: Any) -> str:
    out = io.StringIO()
    printer = printer_for(OutputOptions(output=output, **options), operation, dry_run=dry_run)
    for one in objects:
        printer.print(one, out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("output", "operation", "dry_run", "text"),
    [
        ("", "created", "none", "deployment.apps/web created\n"),
        ("", "created", "client", "deployment.apps/web created (dry run)\n"),
        ("", "created", "server", "deployment.apps/web created (server dry run)\n"),
        ("name", "created", "client", "deployment.apps/web\n"),
        ("jsonpath={.metadata.name}", "created", "none", "web"),
        ("go-template={{.kind}}", "created", "none", "Deployment"),
        ("jsonpath-as-json={.metadata.labels.a}", "", "none", '[\n    "\\u003cb\\u003e"\n]\n'),
    ],
)
def test_output_chooses_the_form(output: str, operation: str, dry_run: str, text: str) -> None:
    assert printed(output, DEPLOYMENT, operation=operation, dry_run=dry_run) == text


def test_names_of_a_list_are_those_of_its_items() -> None:
    assert printed("name", LIST) == "deployment.apps/web\npod/p\n"


def test_several_yaml_documents_are_separated() -> None:
    assert printed("yaml", {"kind": "A"}, {"kind": "B"}) == "kind: A\n---\nkind: B\n"


@pytest.mark.parametrize("output", ["yaml", "json"])
def test_managed_fields_are_shown_only_when_asked_for(output: str) -> None:
    assert "managedFields" not in printed(output, LIST)
    assert "managedFields" in printed(output, LIST, show_managed_fields=True)
    assert "managedFields" in DEPLOYMENT["metadata"]


@pytest.mark.parametrize("output", ["nope", "yaml=x", "table"])
def test_an_unknown_format_names_those_that_are_known(output: str) -> None:
    with pytest.raises(
        UsageError, match=r"unable to match a printer suitable for the output format .*formats are: go-template,"
    ):
        printed(output, DEPLOYMENT)


def test_a_missing_key_is_an_error_of_a_template_only_when_asked_for() -> None:
    assert printed("go-template={{.nope}}", DEPLOYMENT) == "<no value>"
    with pytest.raises(UsageError, match=r'error executing template .* map has no entry for key "nope"'):
        printed("go-template={{.nope}}", DEPLOYMENT, allow_missing_template_keys=False)
