"""`--format`: fields of a Go template."""

import pytest

from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.minikube.layout import filled


def test_fields_are_filled_in_and_other_text_stays() -> None:
    values = {"Host": "Running", "Worker": False}
    assert filled("status", "a {{.Host}}{{ .Worker -}}!", values) == "a Runningfalse!"


@pytest.mark.parametrize("template", ["{{.Nope}}", "{{if .Host}}x{{end}}"])
def test_what_is_no_field_is_refused_with_the_fields_that_there_are(template: str) -> None:
    with pytest.raises(ClusterFailure) as caught:
        filled("status", template, {"Host": "Running"})
    assert caught.value.reason is USAGE
    assert "there are {{.Host}}" in str(caught.value)
