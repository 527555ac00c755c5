"""URLs in Kubernetes' words, as upstream's RequestInfo splits them."""

import pytest

from kajitori.aiokit.http.message import Headers, Request
from kajitori.apiserver.request import RequestInfo, parse_request_info


def info(method: str, target: str) -> RequestInfo:
    return parse_request_info(Request(method=method, target=target, headers=Headers([]), body=None))


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/api/v1/pods", ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods?watch=true", ("watch", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods?watch=0", ("list", "", "v1", "", "pods", "", "")),
        ("POST", "/api/v1/namespaces/n/pods", ("create", "", "v1", "n", "pods", "", "")),
        ("DELETE", "/api/v1/namespaces/n/pods", ("deletecollection", "", "v1", "n", "pods", "", "")),
        ("GET", "/api/v1/namespaces/n", ("get", "", "v1", "n", "namespaces", "n", "")),
        ("PUT", "/api/v1/namespaces/n/finalize", ("update", "", "v1", "n", "namespaces", "n", "finalize")),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/n/deployments/d/scale",
            ("patch", "apps", "v1", "n", "deployments", "d", "scale"),
        ),
        ("GET", "/api/v1/nodes/a/proxy/stats/summary", ("get", "", "v1", "", "nodes", "a", "proxy")),
        ("GET", "/api/v1/watch/pods", ("watch", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods?fieldSelector=metadata.name%3Dx", ("list", "", "v1", "", "pods", "x", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_resource_paths(method, target, expected):
    found = info(method, target)
    assert found.is_resource_request
    assert (
        found.verb,
        found.group,
        found.version,
        found.namespace,
        found.resource,
        found.name,
        found.subresource,
    ) == expected


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/version", "/healthz/ping"]
)
def test_other_paths(path):
    found = info("GET", path)
    assert (found.is_resource_request, found.verb, found.path) == (False, "get", path)
