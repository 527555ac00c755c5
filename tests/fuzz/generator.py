"""Requests that no client means to send: paths from the served OpenAPI, objects of every kind with something wrong.

Everything comes from one `random.Random`, so that a finding can be had again by its seed.
"""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

ODD_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 1.5, 1e308, "", "x", "a" * 300, "0", "-1", "1Ki", "1.5G",
    "\x00", "\u202e", "é", "💥", "../..", "a/b", "%s%n", "a b", "2026-01-02T03:04:05Z", "9999999999-01-01T00:00:00Z", "10.0.0.1",
    "::1", "10.0.0.0/8", "*", [], {}, [None], [[]], [{}], {"": ""}, {"a": None}, {"$patch": "delete"}, {"$patch": "replace"},
    {"$retainKeys": ["a"]}, {"$setElementOrder/containers": [{"name": "c"}]}, {"$deleteFromPrimitiveList/finalizers": ["a"]},
    ["a", "a"], [1, "a", None], {"matchExpressions": [{"key": "a", "operator": "In"}]}, {"f:spec": {"f:a": 1}}, "{{", "$(A)",
]  # fmt: skip
QUERIES = [
    "limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "timeoutSeconds", "pretty",
    "dryRun", "fieldManager", "fieldValidation", "force", "gracePeriodSeconds", "propagationPolicy", "orphanDependents",
    "includeObject", "sendInitialEvents", "allowWatchBookmarks", "exact", "export", "allowUnsafe", "container", "tailLines",
]  # fmt: skip
QUERY_VALUES = [
    "", "0", "1", "-1", "true", "false", "x", "All", "Exact", "NotOlderThan", "Strict", "Warn", "Ignore", "Background", "Orphan",
    "a=b", "a in (b,c", "!a", "a,,b", "a=b,c!=d", "metadata.name=x", "metadata.name=x,status.phase!=y", "spec.nodeName=", "=",
    "a notin ()", "a>1", "a<x", "99999999999999999999", "1.5", "\x00", "é", "a" * 200, "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJ4XHUwMDAwIn0",
    "Object", "None", "v=1", "%", "a\\,b", "()", "in", "a in b",
]  # fmt: skip
TYPES = [
    "application/json", "application/json; charset=utf-8", "application/yaml", "application/vnd.kubernetes.protobuf", "text/plain",
    "", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    "application/apply-patch+yaml", "application/cbor", "application/apply-patch+cbor", "a/b;c=d;", ";",
]  # fmt: skip
ACCEPTS = [
    "", "*/*", "application/json", "application/yaml", "text/html", "application/json;as=Table;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json;as=X;g=;v=", "application/json;q=x",
    "application/vnd.kubernetes.protobuf,application/json;q=0.5", "application/json;stream=watch", ",,;", "a" * 100,
    "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io",
]  # fmt: skip
NAMES = [
    "x",
    "y",
    "walk",
    "X",
    "..",
    "%00",
    "a%2Fb",
    "%FF",
    "a" * 300,
    "é",
    "-",
    "x:y",
    "status",
    "*",
    " ",
    "?",
    "default",
]
RAW = [
    b"", b"{", b"null", b"[]", b"0", b'"', b"\x00" * 10, b"\xff\xfe", b"{}{}", b'{"a":1,"a":2}', b"a: &a [*a]\n", b"a: *b\n", b"- " * 500,
    b"[" * 5000, b"k8s\x00\x0a\x04", b"k8s\x00" + b"\xff" * 40, b"---\n---\n", b"a: !!python/object:os.system x\n", b"\xef\xbb\xbf{}",
    b'[{"op":"add"}]', b'[{"op":"copy","from":"","path":"/a"}]' , b'[{"op":"move","from":"/metadata","path":"/metadata/x"}]',
    b'[{"op":"replace","path":"","value":3}]', b'[{"op":"remove","path":"/metadata"}]', b'[3]', b'[{"op":"test","path":"/a/-/b","value":{}}]',
    b'{"metadata":null,"spec":null}', b'{"metadata":[]}', b'{"metadata":{"name":3}}', b"1: 2\n", b"? [a]\n: b\n", b"2020-01-01: x\n",
]  # fmt: skip


@dataclass
class Sample:
    method: str
    target: str
    body: bytes | None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.target} {self.headers} {(self.body or b'')[:1500]!r}"


class Generator:
    """`paths`: OpenAPI path templates with their methods; `bodies`: a good body for a collection's path."""

    def __init__(self, seed: int, paths: dict[str, list[str]], bodies: dict[str, Any], namespace: str) -> None:
        self.random = random.Random(seed)
        self.paths = sorted(paths.items())
        self.bodies = bodies
        self.namespace = namespace
        self.collections = sorted(bodies)

    def samples(self) -> Iterator[Sample]:
        while True:
            yield self.sample()

    def sample(self) -> Sample:
        pick = self.random.random()
        if pick < 0.45:
            return self._near_miss()
        template, methods = self.random.choice(self.paths)
        path = self._fill(template)
        method = self.random.choice(
            methods if pick < 0.9 else ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "X"]
        )
        body = self._any_body() if method in ("PUT", "POST", "PATCH", "DELETE") else None
        return Sample(method, path + self._query(), body, self._headers(body))

    def _near_miss(self) -> Sample:
        """A write to a known collection, of an object that is almost right."""
        collection = self.random.choice(self.collections)
        body = copy.deepcopy(self.bodies[collection])
        name = self.random.choice(["x", "y", "z"])
        body.setdefault("metadata", {})["name"] = name
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3])):
            self._spoil(body)
        kind = self.random.random()
        headers = {"Content-Type": "application/json"}
        data = json.dumps(body).encode()
        if kind < 0.5:
            return Sample("POST", collection + self._query(0.2), data, headers)
        tail = self.random.choice(["", "", "", "/status", "/scale", "/approval", "/ephemeralcontainers", "/resize"])
        target = f"{collection}/{name}{tail}"
        if kind < 0.65:
            return Sample("PUT", target + self._query(0.2), data, headers)
        if kind < 0.9:
            headers["Content-Type"] = self.random.choice(TYPES[6:10])
            if headers["Content-Type"] == TYPES[6]:
                data = json.dumps([self._operation(body) for _ in range(self.random.randint(1, 3))]).encode()
            query = "?fieldManager=fuzz&force=true" if headers["Content-Type"] == TYPES[9] else self._query(0.2)
            return Sample("PATCH", target + query, data, headers)
        return Sample(
            "DELETE" if kind < 0.93 else "GET", target + self._query(0.3), None, {"Accept": self.random.choice(ACCEPTS)}
        )

    def _operation(self, body: Any) -> dict[str, Any]:
        steps = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self._path_into(body))
        return {
            "op": self.random.choice(["add", "remove", "replace", "move", "copy", "test"]),
            "path": self.random.choice([steps, steps + "/-", steps + "/x", "", "/"]),
            "from": steps,
            "value": self.random.choice(ODD_VALUES),
        }

    def _path_into(self, node: Any) -> list[Any]:
        steps: list[Any] = []
        while isinstance(node, dict | list) and node and (not steps or self.random.random() < 0.75):
            step = self.random.choice(sorted(node)) if isinstance(node, dict) else self.random.randrange(len(node))
            steps.append(step)
            node = node[step]
        return steps

    def _spoil(self, body: Any) -> None:
        steps = self._path_into(body)
        if not steps:
            return
        node = body
        for step in steps[:-1]:
            node = node[step]
        value = copy.deepcopy(self.random.choice(ODD_VALUES))
        if isinstance(node, dict) and self.random.random() < 0.3:
            extra = self.random.choice(
                ["unknown", "labels", "annotations", "finalizers", "ownerReferences", "selector", "status"]
            )
            extra = self.random.choice(
                [extra, "managedFields", "strategy", "template", "volumes", "affinity", "resources", "ports"]
            )
            node[extra] = value
        elif isinstance(node, dict) and self.random.random() < 0.2:
            del node[steps[-1]]
        else:
            node[steps[-1]] = value

    def _fill(self, template: str) -> str:
        out = template.replace("{namespace}", self.random.choice([self.namespace, "default", "none"]))
        while "{" in out:
            head, _, rest = out.partition("{")
            out = head + quote(self.random.choice(NAMES), safe="%") + rest.partition("}")[2]
        return out

    def _query(self, chance: float = 0.6) -> str:
        if self.random.random() > chance:
            return ""
        pairs = [
            (self.random.choice(QUERIES), self.random.choice(QUERY_VALUES)) for _ in range(self.random.randint(1, 3))
        ]
        if self.random.random() < 0.1:
            pairs = [pair for pair in pairs if pair[0] != "timeoutSeconds"] + [
                ("watch", "true"),
                ("timeoutSeconds", "1"),
            ]
        return "?" + urlencode(pairs)

    def _any_body(self) -> bytes:
        if self.random.random() < 0.5:
            return self.random.choice(RAW)
        body = copy.deepcopy(self.bodies[self.random.choice(self.collections)])
        self._spoil(body)
        return json.dumps(body).encode()

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"Accept": self.random.choice(ACCEPTS)}
        if body is not None:
            headers["Content-Type"] = self.random.choice(TYPES)
        return headers
