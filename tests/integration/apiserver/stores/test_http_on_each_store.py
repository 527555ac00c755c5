"""The wire: negotiation, errors, watches and limits as any HTTP client meets them."""

import base64
import gzip
import http.client
import json
import re
import socket
import ssl
from typing import Any

import pytest

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Http:
    """One request at a time, answers as (status, headers, body)."""

    def __init__(self, control_plane) -> None:
        self.control_plane = control_plane
        self.context = ssl.create_default_context(cafile=control_plane.ca_file)
        self.token = {"Authorization": f"Bearer {control_plane.admin_token}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.control_plane.port, context=self.context, timeout=20)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        given = self.token | {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            given.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, given)
        answer = connection.getresponse()
        result = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return result

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        status, _, data = self(method, path, body, **headers)
        return status, json.loads(data)

    def raw(self) -> ssl.SSLSocket:
        sock = socket.create_connection(("127.0.0.1", self.control_plane.port), timeout=20)
        return self.context.wrap_socket(sock, server_hostname="127.0.0.1")

    def lines(self, path: str, count: int, **headers: str) -> list[Any]:
        """The first events of a watch."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.control_plane.port, context=self.context, timeout=20)
        connection.request("GET", path, headers=self.token | headers)
        answer = connection.getresponse()
        assert answer.status == 200
        events = [json.loads(answer.readline()) for _ in range(count)]
        connection.close()
        return events


@pytest.fixture(scope="module")
def http_(control_plane):
    return Http(control_plane)


def make(name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


@pytest.fixture
def config_map(http_, request):
    name = request.node.name.replace("_", "-").split("[")[0][:60].rstrip("-")
    status, obj = http_.json("POST", CONFIG_MAPS, make(name, data={"a": "b"}))
    assert status == 201, obj
    return obj


def reason(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["reason"]


def test_a_body_of_an_unknown_type_is_415(http_):
    answer = http_.json("POST", CONFIG_MAPS, b"x", Content_Type="text/plain")
    assert reason(answer) == (415, "UnsupportedMediaType")


def test_an_answer_of_an_unknown_type_is_406(http_):
    assert reason(http_.json("GET", CONFIG_MAPS, Accept="text/html")) == (406, "NotAcceptable")
    protobuf = "application/vnd.kubernetes.protobuf"
    assert http_.json("GET", CONFIG_MAPS, Accept=f"application/json,{protobuf}")[1]["kind"] == "ConfigMapList"
    assert http_("GET", DEFINITIONS, Accept=protobuf)[1]["content-type"] == protobuf


def test_a_body_over_3_mib_is_413(http_):
    big = make("big", data={"x": "y" * (3 << 20)})
    assert reason(http_.json("POST", CONFIG_MAPS, big)) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"1", b'{"a":' * 5000, b"\xff\xfe"], ids=["cut", "list", "number", "deep", "bytes"]
)
def test_a_body_that_is_no_object_is_400(http_, body):
    assert reason(http_.json("POST", CONFIG_MAPS, body)) == (400, "BadRequest")


def test_wrong_credentials_are_401_and_none_are_anonymous(http_, control_plane):
    wrong = http_.json("GET", CONFIG_MAPS, Authorization="Bearer nonsense")
    assert reason(wrong) == (401, "Unauthorized")
    anonymous = Http(control_plane)
    anonymous.token = {}
    status, error = anonymous.json("GET", CONFIG_MAPS)
    assert status == 403
    assert 'User "system:anonymous" cannot list resource "configmaps"' in error["message"]


def test_paths_that_nobody_serves_are_404(http_):
    assert http_("GET", "/api/v1/foos")[0] == 404
    assert http_("GET", "/nothing")[2] == b"404 page not found\n"
    status, headers, body = http_("GET", "/openapi/v3/apis/nothing/v1")
    assert (status, headers.get("content-type"), body) == (404, None, b"")
    assert reason(http_.json("POST", "/api/v1/pods", make("x"))) == (405, "MethodNotAllowed")


def test_tables_carry_columns_and_rows(http_, config_map):
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    name = config_map["metadata"]["name"]
    _, table = http_.json("GET", f"{CONFIG_MAPS}/{name}?includeObject=None", Accept=accept)
    assert table["kind"] == "Table"
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"][:2] == [name, 1]
    assert table["rows"][0]["object"] is None


def test_partial_metadata_has_no_data(http_, config_map):
    accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    _, partial = http_.json("GET", f"{CONFIG_MAPS}/{config_map['metadata']['name']}", Accept=accept)
    assert partial["kind"] == "PartialObjectMetadata"
    assert partial["metadata"]["uid"] == config_map["metadata"]["uid"]
    assert "data" not in partial


def test_yaml_goes_in_and_comes_out(http_):
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-yaml}\ndata: {a: b}\n"
    status, headers, shown = http_(
        "POST", CONFIG_MAPS, body, Content_Type="application/yaml", Accept="application/yaml"
    )
    assert (status, headers["content-type"]) == (201, "application/yaml")
    assert b"data:\n  a: b\n" in shown


def test_large_answers_are_compressed_for_those_who_can(http_):
    path = "/openapi/v3/apis/apps/v1"
    _, headers, body = http_("GET", path, Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == http_("GET", path)[2]


def test_etags_spare_a_second_download(http_):
    for path, accept in (
        ("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
        ("/openapi/v3/api/v1", "application/json"),
    ):
        _, headers, _ = http_("GET", path, Accept=accept)
        status, _, body = http_("GET", path, Accept=accept, If_None_Match=headers["etag"])
        assert (status, body) == (304, b"")


def test_a_precondition_that_fails_is_a_conflict(http_, config_map):
    path = f"{CONFIG_MAPS}/{config_map['metadata']['name']}"
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": "other"}}
    assert reason(http_.json("DELETE", path, options)) == (409, "Conflict")
    options["preconditions"] = {"uid": config_map["metadata"]["uid"]}
    assert http_.json("DELETE", path, options)[1]["status"] == "Success"


def test_a_list_at_an_exact_old_version_shows_that_state(http_, config_map):
    version = config_map["metadata"]["resourceVersion"]
    name = config_map["metadata"]["name"]
    http_("DELETE", f"{CONFIG_MAPS}/{name}")
    _, then = http_.json("GET", f"{CONFIG_MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert then["metadata"]["resourceVersion"] == version
    assert name in {item["metadata"]["name"] for item in then["items"]}
    _, now = http_.json("GET", CONFIG_MAPS)
    assert name not in {item["metadata"]["name"] for item in now["items"]}


def test_a_version_from_the_future_times_out(http_):
    status, error = http_.json("GET", f"{CONFIG_MAPS}?resourceVersion=999999999")
    assert (status, error["reason"]) == (504, "Timeout")
    assert error["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_a_watch_from_before_all_history_ends_with_410(tmp_path):
    with ControlPlane(storage="sqlite", data_dir=tmp_path):
        pass  # its bootstrap wrote; what comes after a restart knows nothing of that
    with ControlPlane(storage="sqlite", data_dir=tmp_path) as restarted:
        (event,) = Http(restarted).lines(f"{CONFIG_MAPS}?watch=1&resourceVersion=1", 1)
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


def test_send_initial_events_ends_with_a_marked_bookmark(http_, config_map):
    query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    selector = f"fieldSelector=metadata.name%3D{config_map['metadata']['name']}"
    added, bookmark = http_.lines(f"{CONFIG_MAPS}?{query}&{selector}", 2)
    assert (added["type"], added["object"]["metadata"]["uid"]) == ("ADDED", config_map["metadata"]["uid"])
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    status, error = http_.json("GET", f"{CONFIG_MAPS}?watch=1&sendInitialEvents=true")
    assert (status, error["reason"]) == (422, "Invalid")


def test_a_watch_can_be_a_websocket(http_, config_map):
    with http_.raw() as sock:
        key = base64.b64encode(b"0123456789abcdef").decode()
        name = config_map["metadata"]["name"]
        sock.sendall(
            f"GET {CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3D{name} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {http_.control_plane.admin_token}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        stream = sock.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        while stream.readline() != b"\r\n":
            pass
        first, size = stream.read(2)
        assert first == 0x81
        length = int.from_bytes(stream.read(2), "big") if size == 126 else size
        assert json.loads(stream.read(length))["object"]["metadata"]["name"] == name


def test_pipelined_requests_are_answered_in_order(http_):
    with http_.raw() as sock:
        head = f"Host: x\r\nAuthorization: Bearer {http_.control_plane.admin_token}\r\n"
        paths = ["/livez", "/nothing", "/version"]
        sock.sendall("".join(f"GET {path} HTTP/1.1\r\n{head}\r\n" for path in paths[:-1]).encode())
        sock.sendall(f"GET {paths[-1]} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
        data = sock.makefile("rb").read()
    assert re.findall(rb"HTTP/1.1 (\d+) ", data) == [b"200", b"404", b"200"]


def test_a_client_may_ask_before_it_sends_its_body(http_):
    body = json.dumps(make("expected")).encode()
    with http_.raw() as sock:
        sock.sendall(
            f"POST {CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {http_.control_plane.admin_token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        stream = sock.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        stream.readline()
        sock.sendall(body)
        assert stream.readline() == b"HTTP/1.1 201 Created\r\n"


@pytest.mark.parametrize("junk", [b"\0\0\0\0\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 40_000])
def test_junk_gets_a_refusal_and_the_server_lives(http_, junk):
    with http_.raw() as sock:
        try:
            sock.sendall(junk)
            answer = sock.makefile("rb").read()
        except OSError:
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert http_("GET", "/livez")[2] == b"ok"
