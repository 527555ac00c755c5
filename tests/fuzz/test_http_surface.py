"""The HTTP surface under requests that nobody means: no 500, no hang, no growth. `FUZZ_SECONDS` and `FUZZ_SEED` widen it."""

import http.client
import json
import os
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from tests.fuzz import generator
from tests.integration.apiserver.conformance import test_life_of_every_api as walks

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
SECONDS = float(os.environ.get("FUZZ_SECONDS", "25"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SLOW_S = 8.0
GROWTH = 96 << 20
UNAVAILABLE_IS_RIGHT = ("/proxy", "/log", "/exec", "/attach", "/portforward")
"""Subresources that need a node or a backend: 503 is their answer without one."""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Target:
    def __init__(self, control_plane: ControlPlane) -> None:
        self.control_plane = control_plane
        self.context = ssl.create_default_context(cafile=str(control_plane.ca_file))
        self.connection: http.client.HTTPSConnection | None = None

    def send(self, sample: Any) -> tuple[int, bytes]:
        for again in (False, True):
            if self.connection is None:
                port = self.control_plane.port
                self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=self.context, timeout=SLOW_S)
            headers = {"Authorization": f"Bearer {self.control_plane.admin_token}", **sample.headers}
            try:
                self.connection.request(sample.method, sample.target, sample.body, headers)
                response = self.connection.getresponse()
                data = response.read()
                if response.will_close:
                    self.connection = None
                return response.status, data
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                self.connection = None
                if again:
                    raise
        raise AssertionError("unreachable")


def surface(target: Target) -> dict[str, list[str]]:
    def get(path: str) -> Any:
        return json.loads(target.send(generator.Sample("GET", path, None))[1])

    paths: dict[str, list[str]] = {}
    for document in get("/openapi/v3")["paths"].values():
        for path, item in get(document["serverRelativeURL"])["paths"].items():
            if "/watch/" in path:  # which ends when the client does; `watch=` is among the queries
                continue
            methods = [m.upper() for m in item if m in ("get", "put", "post", "delete", "patch", "head", "options")]
            paths[path] = methods or ["GET"]
    return paths


def bodies(namespace: str) -> dict[str, Any]:
    found = {}
    for resource, body in walks.NAMESPACED.items():
        group, _, plural = resource.rpartition("/")
        root = "/apis/" + group if group else "/api/v1"
        found[f"{root}/namespaces/{namespace}/{plural}"] = walks.fill(body, namespace)
    for resource, body in walks.CLUSTER.items():
        group, _, plural = resource.rpartition("/")
        if body is not None and "webhookconfigurations" not in plural and "admissionpolic" not in plural:
            found[f"{'/apis/' + group if group else '/api/v1'}/{plural}"] = body
    return found


@pytest.mark.timeout(SECONDS + 60)
def test_nothing_breaks_the_server() -> None:
    with ControlPlane() as control_plane:
        target = Target(control_plane)
        paths = surface(target)
        assert len(paths) > 150
        source = generator.Generator(SEED, paths, bodies("default"), "default")
        found: list[str] = []
        deadline = time.monotonic() + SECONDS
        warm, count = 0, 0
        for sample in source.samples():
            if time.monotonic() > deadline:
                break
            started = time.monotonic()
            try:
                status, data = target.send(sample)
            except (TimeoutError, OSError, http.client.HTTPException) as error:
                found.append(f"{type(error).__name__} {error}: {sample}")
                target.connection = None
                continue
            took = time.monotonic() - started
            count += 1
            if took > 4.0:  # a version of the future is waited for, 3 s
                found.append(f"{took:.1f} s: {sample}")
            if status == 504 and b"Too large resource version" in data:
                continue
            if status == 503 and any(part in sample.target for part in UNAVAILABLE_IS_RIGHT):
                continue
            silent = sample.method == "HEAD" and "/proxy" in sample.target  # the same, without its text
            if silent or b"no preferred addresses found" in data:  # a node that nobody can reach: upstream's 500
                continue
            expected = b"resourceVersion should not be set on objects to be created" in data
            if status >= 500 and not expected:
                found.append(f"{status} {data[:300]!r}: {sample}")
            if count == 1000:
                warm = resident()
        assert target.send(generator.Sample("GET", "/readyz", None))[0] == 200
        unique = list({line[:120]: line for line in found}.values())
        assert not found, f"{len(found)} of {count}:\n" + "\n".join(unique[:25])
        assert count > 500
        if warm:
            assert resident() - warm < GROWTH
