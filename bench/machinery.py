"""What API machinery costs beyond plain objects: `python bench/machinery.py [--quick]`.

Server-side apply, custom resources (a schema, with CEL rules and without), admission webhooks, lists in pages, the
initial state of watches. Each line says the rate, the latencies, and the server's processor time per request; the
plain create stands first, to compare.
"""

import asyncio
import base64
import ssl
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import api
import orjson

from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.server import HttpServer

MAPS = "/api/v1/namespaces/bench/configmaps"
PODS = "/api/v1/namespaces/bench/pods"
WIDGETS = "/apis/example.com/v1/namespaces/bench/widgets"
APPLY = "application/apply-patch+yaml"
RULES = [
    {"rule": "self.minReplicas <= self.replicas", "message": "too few"},
    {"rule": "self.replicas <= self.maxReplicas", "message": "too many"},
    {"rule": "self.hosts.all(h, h.endsWith('.example.com'))", "message": "a foreign host"},
]
WIDGET = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {"name": "w-%d", "namespace": "bench"},
    "spec": {"replicas": 3, "minReplicas": 1, "maxReplicas": 5, "hosts": ["a.example.com", "b.example.com"]},
}


def named(kind: dict[str, Any], prefix: str, **more: Any) -> dict[str, Any]:
    """The same object under other names."""
    return {**kind, "metadata": {**kind["metadata"], "name": f"{prefix}-%d"}, **more}


def definition(rules: list[dict[str, str]]) -> dict[str, Any]:
    """A CustomResourceDefinition of widgets, with these validation rules."""
    number = {"type": "integer", "minimum": 0}
    hosts = {"type": "array", "maxItems": 10, "items": {"type": "string", "maxLength": 100}}
    spec: dict[str, Any] = {
        "type": "object",
        "required": ["replicas"],
        "properties": {"replicas": number, "minReplicas": number, "maxReplicas": number, "hosts": hosts},
    }
    if rules:
        spec["x-kubernetes-validations"] = rules
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


class Webhook:
    """An admission webhook in a thread of its own: it allows everything, and as a mutating one sets a label."""

    def __init__(self, server: api.Server) -> None:
        self.pki = Path(server.ca).parent
        self.port = 0
        self.calls = 0
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pki / "apiserver.crt", self.pki / "apiserver.key")  # it is for 127.0.0.1
        self.port = await HttpServer(self._review).listen("127.0.0.1", 0, context)
        self._ready.set()
        await asyncio.Event().wait()

    async def _review(self, request: Request) -> Response:
        self.calls += 1
        review = orjson.loads(await request.read(1 << 22))
        answer: dict[str, Any] = {"uid": review["request"]["uid"], "allowed": True}
        if request.path.startswith("/mutate"):
            patch = [{"op": "add", "path": "/metadata/labels", "value": {"seen": "yes"}}]
            answer |= {"patchType": "JSONPatch", "patch": base64.b64encode(orjson.dumps(patch)).decode()}
        return Response(orjson.dumps({**review, "request": None, "response": answer}))

    def configuration(self, kind: str) -> dict[str, Any]:
        """kind: Mutating or Validating."""
        path = "mutate" if kind == "Mutating" else "validate"
        hook = {
            "name": f"{path}.example.com",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "rules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
            ],
            "clientConfig": {
                "url": f"https://127.0.0.1:{self.port}/{path}",
                "caBundle": base64.b64encode((self.pki / "ca.crt").read_bytes()).decode(),
            },
        }
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": f"{kind}WebhookConfiguration",
            "metadata": {"name": path},
            "webhooks": [hook],
        }


class Run:
    """Measurements against one server."""

    def __init__(self, server: api.Server, scale: int) -> None:
        self.server, self.scale = server, scale

    def rate(self, what: str, method: str, count: int, path: str, body: object = None, **more: Any) -> None:
        seconds, note = self.server.load(method, count, path, body, **more)
        print(f"{what:<48}{count / seconds:>8.0f}/s   {note}", flush=True)

    def once(self, path: str, body: object) -> None:
        self.server.load("POST", 1, path, body, 1)

    def apply(self) -> None:
        """Server-side apply: new objects, the same again, changed ones."""
        count = 100 * self.scale
        path = f"{MAPS}/applied-%d?fieldManager=bench"
        mine = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "value"}}
        self.rate("apply ConfigMaps, new", "PATCH", count, path, mine, content_type=APPLY)
        self.rate("the same again, nothing changes", "PATCH", count, path, mine, content_type=APPLY)
        changed = {**mine, "data": {"key": "other", "more": "new"}}
        self.rate("again, with a change", "PATCH", count, path, changed, content_type=APPLY)
        pod = {key: value for key, value in api.POD.items() if key != "metadata"}
        path = f"{PODS}/applied-%d?fieldManager=bench"
        self.rate("apply Pods, new", "PATCH", count, path, pod, content_type=APPLY)
        changed = {**pod, "metadata": {"labels": {"changed": "yes"}}}
        self.rate("apply Pods, with a change", "PATCH", count, path, changed, content_type=APPLY)

    def custom(self) -> None:
        """Creation of custom objects, with CEL rules and without."""
        count = 100 * self.scale
        definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for what, rules in (("a schema", []), ("a schema and three CEL rules", RULES)):
            self.once(definitions, definition(rules))
            time.sleep(1)  # until it is served
            self.rate(f"create custom objects with {what}", "POST", count, WIDGETS, WIDGET)
            self.server.load("DELETE", 1, f"{definitions}/widgets.example.com", connections=1)
            time.sleep(2)  # until it is gone

    def webhooks(self) -> None:
        """Creation with every object shown to a webhook; asserts that it was."""
        count = 100 * self.scale
        hook = Webhook(self.server)
        for kind in ("Validating", "Mutating"):
            self.once(
                f"/apis/admissionregistration.k8s.io/v1/{kind.lower()}webhookconfigurations", hook.configuration(kind)
            )
            time.sleep(1)
            what = "a validating webhook" if kind == "Validating" else "a mutating one too"
            before = hook.calls
            self.rate(f"create ConfigMaps under {what}", "POST", count, MAPS, named(api.CONFIG_MAP, kind.lower()))
            assert hook.calls - before == count * (1 if kind == "Validating" else 2), hook.calls

    def pages(self, pods: int) -> None:
        """One reader through all Pods in pages of 500."""
        before, began = self.server.cpu_s(), time.perf_counter()
        pages, token, got = 0, "", 0
        while pages == 0 or token:
            body = self.server.get(f"/api/v1/pods?limit=500{'&continue=' + token if token else ''}")
            page = orjson.loads(body)
            token, got, pages = page["metadata"].get("continue", ""), got + len(page["items"]), pages + 1
        seconds, cpu = time.perf_counter() - began, self.server.cpu_s() - before
        assert got >= pods
        note = f"server CPU {cpu * 1000 / pages:.1f} ms a page"
        print(f"{f'list {got} Pods in {pages} pages of 500':<48}{seconds:>8.2f} s     {note}", flush=True)

    def states(self, pods: int, watchers: int) -> None:
        """Watches that begin with all Pods as initial events (sendInitialEvents)."""
        query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        before = self.server.memory_mb()
        seconds, note = self.server.hear(watchers, pods + 1, f"/api/v1/pods?{query}")
        after = self.server.memory_mb()
        note += f", memory {before:.0f} to {after:.0f} MB"
        print(f"{f'{watchers} watches begin with {pods} Pods':<48}{seconds:>8.2f} s     {note}", flush=True)


def main() -> None:
    scale, pods = (5, 2_000) if "--quick" in sys.argv else (20, 11_000)
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as name:
        server = api.Server(Path(name))
        try:
            api.namespace(server, "bench")
            run = Run(server, scale)
            run.rate("create ConfigMaps", "POST", 100 * scale, MAPS, api.CONFIG_MAP)
            run.rate("create Pods", "POST", pods, PODS, api.POD)
            run.pages(pods)
            run.states(pods, 1)
            run.states(pods, 20)
            run.apply()
            run.custom()
            run.webhooks()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
