"""The fields that objects of a kind may be selected by, as v1.34 knows them."""

from typing import Any

import pytest

from kajitori.aiokit.http.message import Headers, Request
from kajitori.api.scheme import builtin
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.request import parse_request_info
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import BadRequest

PODS, NODES = "/api/v1/pods", "/api/v1/nodes"
POD: dict[str, Any] = {
    "metadata": {"name": "p", "namespace": "n"},
    "spec": {"nodeName": "node", "hostNetwork": True},
    "status": {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
}


def selection(path: str, text: str) -> Any:
    body: Any = None
    http = Request(method="GET", target=f"{path}?fieldSelector={text}", headers=Headers([]), body=body)
    info = parse_request_info(http)
    resource = builtin().by_plural(info.group, info.version, info.resource)
    assert resource is not None
    return Call(http, info, resource, UserInfo("jane")).selection()


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("spec.host=node", True),
        ("spec.host=node,status.podIP=10.0.0.1,spec.hostNetwork=true", True),
        ("spec.host!=node", False),
        ("status.podIPs=10.0.0.1", False),  # upstream knows the field and gives no Pod a value
        ("status.podIPs!=10.0.0.1,spec.nodeName=node", True),
    ],
)
def test_pods_have_fields_of_another_name(text: str, chosen: bool) -> None:
    found = selection(PODS, text)
    assert found.chosen(POD) == chosen
    assert "spec.host=" not in str(found.fields)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (PODS, "spec.hosts"),
        (NODES, "spec.host"),
        (NODES, "metadata.namespace"),
        ("/api/v1/namespaces", "metadata.namespace"),
        ("/apis/certificates.k8s.io/v1/certificatesigningrequests", "metadata.namespace"),
    ],
)
def test_what_a_kind_does_not_have_is_refused(path: str, field: str) -> None:
    with pytest.raises(BadRequest, match=f"^field label not supported: {field}$"):
        selection(path, f"{field}=x")


def test_kinds_without_words_of_their_own_know_a_namespace() -> None:
    assert selection("/apis/storage.k8s.io/v1/storageclasses", "metadata.namespace=x").fields is not None
