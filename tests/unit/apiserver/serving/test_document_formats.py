"""In which form discovery documents are asked for."""

import pytest

from kajitori.apiserver.serving.documentformats import accepted
from kajitori.machinery.errors import NotAcceptable

V2 = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
JSON, PROTOBUF, YAML = "application/json", "application/vnd.kubernetes.protobuf", "application/yaml"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", (JSON, "")),
        ("*/*", (JSON, "")),
        (PROTOBUF, (PROTOBUF, "")),
        (YAML, (YAML, "")),
        (f"{PROTOBUF},{JSON}", (PROTOBUF, "")),
        (f"{JSON};{V2},{JSON}", (JSON, V2)),
        (f"{PROTOBUF};{V2},{JSON};{V2},{JSON}", (PROTOBUF, V2)),
        (f"{JSON};as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io", (JSON, V2)),
        (f"{JSON};g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,{JSON}", (JSON, "")),
        (f"{JSON},{JSON};{V2}", (JSON, "")),
    ],
)
def test_the_first_form_that_we_have_is_given(accept: str, expected: tuple[str, str]) -> None:
    assert accepted(accept, aggregated=True) == expected


def test_a_single_group_is_not_aggregated() -> None:
    assert accepted(f"{JSON};{V2},{JSON}", aggregated=False) == (JSON, "")


def test_what_we_cannot_write_is_refused() -> None:
    with pytest.raises(NotAcceptable):
        accepted("text/html", aggregated=True)
