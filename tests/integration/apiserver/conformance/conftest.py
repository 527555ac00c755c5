"""A server and the plainest client there is: what upstream's conformance tests observe, observed over HTTP.

`api` talks to a server without controllers, `cluster` to one with them. Every wait is for a condition.
"""

import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
from tests.integration.apiserver.controllersbeside import controllers_beside
from tests.integration.apiserver.servedfrom import served_from
from tests.waiting import eventually

from kajitori.testing import ControlPlane

T = TypeVar("T")
Object = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    warnings: list[str]

    @property
    def obj(self) -> Any:
        return json.loads(self.body)

    def ok(self) -> Any:
        assert self.status < 300, self.body.decode()[:2000]
        return self.obj

    def fails(self, status: int, reason: str = "", message: str | None = None) -> Any:
        """A Status of this code; the message must be the whole of it."""
        assert self.status == status, (self.status, self.body.decode()[:2000])
        found = self.obj
        assert found["kind"] == "Status"
        assert found["code"] == status
        if reason:
            assert found["reason"] == reason, found
        if message is not None:
            assert found["message"] == message
        return found


class Api:
    """One kept connection; answers as they came."""

    def __init__(self, control_plane: ControlPlane, token: str = "", **headers: str) -> None:
        self.control_plane = control_plane
        self.context = ssl.create_default_context(cafile=str(control_plane.ca_file))
        self.headers = {"Authorization": f"Bearer {token or control_plane.admin_token}", **headers}
        self._kept: http.client.HTTPSConnection | None = None

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self.control_plane.port, context=self.context, timeout=20)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        type_: str = "application/json",
        accept: str = "",
        **query: Any,
    ) -> Answer:
        headers = dict(self.headers)
        if accept:
            headers["Accept"] = accept
        if body is not None:
            headers["Content-Type"] = type_
            if not isinstance(body, bytes | str):
                body = json.dumps(body)
        if query:
            path += "?" + urlencode({key.rstrip("_"): value for key, value in query.items()}, doseq=True)
        for attempt in (1, 2):
            connection = self._kept = self._kept or self.connect()
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                data = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
                self._kept = None
                if attempt == 2:
                    raise
        if response.will_close:
            self._kept = None
        found = {key.lower(): value for key, value in response.getheaders()}
        warnings = [text[7:-1].replace('\\"', '"') for text in response.headers.get_all("Warning") or ()]
        return Answer(response.status, found, data, warnings)

    def get(self, path: str, **more: Any) -> Answer:
        return self("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> Answer:
        return self("POST", path, body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Answer:
        return self("PUT", path, body, **more)

    def delete(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self("DELETE", path, body, **more)

    def patch(self, path: str, body: Any, type_: str = MERGE, **more: Any) -> Answer:
        return self("PATCH", path, body, type_=type_, **more)

    def apply(self, path: str, body: Any, manager: str = "one", **more: Any) -> Answer:
        return self("PATCH", path, body, type_=APPLY, fieldManager=manager, **more)

    @contextmanager
    def watch(self, path: str, *, accept: str = "", **query: Any) -> Iterator["Events"]:
        connection = self.connect()
        query = {"watch": "true", "timeoutSeconds": 15, **query}
        headers = self.headers | ({"Accept": accept} if accept else {})
        connection.request("GET", path + "?" + urlencode(query), headers=headers)
        response = connection.getresponse()
        try:
            yield Events(response)
        finally:
            connection.close()


class Events:
    """A watch; `take(n)` waits for the next n events."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response
        self.status = response.status

    def take(self, count: int) -> list[tuple[str, Any]]:
        found = []
        for _ in range(count):
            line = self.response.readline()
            assert line, f"the watch ended after {len(found)} of {count} events"
            event = json.loads(line)
            found.append((event["type"], event["object"]))
        return found

    def names(self, count: int) -> list[tuple[str, str]]:
        return [(kind, obj["metadata"]["name"]) for kind, obj in self.take(count)]

    def rest(self) -> list[tuple[str, Any]]:
        """Everything until the server ends it."""
        events = [json.loads(line) for line in self.response.read().splitlines()]
        return [(event["type"], event["object"]) for event in events]


@pytest.fixture(scope="session", params=["memory", "etcd3"])
def control_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with served_from(request.param, tmp_path_factory) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def api(control_plane: ControlPlane) -> Api:
    return Api(control_plane)


class Place:
    """A namespace of one test: paths into it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, resource: str, *more: str) -> str:
        """`place("configmaps", "x")`, `place("apps/v1/deployments", "x", "status")`."""
        *group, plural = resource.split("/")
        root = "/apis/" + "/".join(group) if group else "/api/v1"
        return "/".join((root, "namespaces", self.name, plural, *more))


def _settle(api: Api, request: pytest.FixtureRequest) -> Place:
    name = request.node.name.split("[")[0].replace("_", "-")[5:55].strip("-").lower()
    found = api.post("/api/v1/namespaces", {"metadata": {"generateName": name + "-"}}).ok()
    return Place(found["metadata"]["name"])


@pytest.fixture
def place(api: Api, request: pytest.FixtureRequest) -> Place:
    found = _settle(api, request)
    api.post(found("serviceaccounts"), {"metadata": {"name": "default"}}).ok()
    return found


@pytest.fixture(scope="session")
def cluster() -> Iterator[Api]:
    with ControlPlane() as control_plane:
        with controllers_beside(control_plane, root_ca="-----CA-----\n"):
            yield Api(control_plane)


@pytest.fixture
def room(cluster: Api, request: pytest.FixtureRequest) -> Place:
    """A namespace of a test in `cluster`."""
    found = _settle(cluster, request)
    eventually(lambda: cluster.get(found("serviceaccounts", "default")).status == 200, "the default account is there")
    return found


def config_map(name: str, data: Any = None, **meta: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **meta}, "data": data or {"a": "b"}}


def pod(name: str, **meta: Any) -> Object:
    spec = {"containers": [{"name": "c", "image": "nginx:1"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **meta}, "spec": spec}


def workload(kind: str, name: str, api_version: str = "apps/v1", **spec: Any) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


@pytest.fixture(scope="session")
def make() -> Any:
    """The makers above, for tests (a conftest cannot be imported by name)."""

    class Make:
        config_map = staticmethod(config_map)
        pod = staticmethod(pod)
        workload = staticmethod(workload)

    return Make


@pytest.fixture
def forget(control_plane: ControlPlane) -> Callable[[str], None]:
    """Make the server forget a resource's past, as compaction does."""

    def act(plural: str) -> None:
        resource = control_plane.server.scheme.by_plural("", "v1", plural)
        partition = control_plane.server.cacher.partition(resource)
        partition._start = partition.revision
        partition._history.clear()

    return act


@pytest.fixture
def define(api: Api, request: pytest.FixtureRequest) -> Iterator[Callable[..., Object]]:
    """Makes a CustomResourceDefinition in a group of the test's own and waits until it is served; gone afterwards.

    `define("Widget", v1=schema, v2=schema)`: the first version is stored. More of the spec goes by `spec=`.
    """
    group = f"{abs(hash(request.node.nodeid)) % 10**8}.example.com"
    made: list[str] = []

    def act(kind: str, *, spec: Object | None = None, extra: Object | None = None, **schemas: Object) -> Object:
        plural = kind.lower() + "s"
        versions = [
            {
                "name": name,
                "served": True,
                "storage": position == 0,
                "schema": {"openAPIV3Schema": schema},
                **(extra or {}).get(name, {}),
            }
            for position, (name, schema) in enumerate(schemas.items())
        ]
        names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": kind + "List"}
        body = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Cluster", "names": names, "versions": versions, **(spec or {})},
        }
        found: Object = api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body).ok()
        made.append(found["metadata"]["name"])
        for name in schemas:
            path = f"/apis/{group}/{name}/{plural}"
            eventually(lambda path=path: api.get(path).status == 200, f"{path} is served")
        return found

    yield act
    for name in made:
        api.delete(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}")
