"""The parameters of operations: names and types of what each verb takes, with a word about each.

What DeleteOptions have as fields is described as there. Pure. May import: api.definitions.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from kajitori.api import definitions

Object = dict[str, Any]
_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_BOOLEANS = frozenset(
    (
        *("allowWatchBookmarks", "force", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents"),
        *("sendInitialEvents", "watch", "follow", "insecureSkipTLSVerifyBackend", "previous", "timestamps"),
        *("stderr", "stdin", "stdout", "tty"),
    )
)
_INTEGERS = frozenset(
    ("gracePeriodSeconds", "limit", "timeoutSeconds", "limitBytes", "sinceSeconds", "tailLines", "ports")
)
_SELECTION = ("continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch")
LIST = ("pretty", "allowWatchBookmarks", *_SELECTION, "sendInitialEvents", "timeoutSeconds", "watch")
_REMOVAL = ("dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents")
DELETE = ("pretty", *_REMOVAL, "propagationPolicy")
DELETE_COLLECTION = (*DELETE, *_SELECTION, "sendInitialEvents", "timeoutSeconds")
WRITE = ("pretty", "dryRun", "fieldManager", "fieldValidation")
PATCH = (*WRITE, "force")
READ = ("pretty",)
_STREAMS = ("container", "stderr", "stdin", "stdout", "tty")
CONNECT = {
    "PodAttachOptions": _STREAMS,
    "PodExecOptions": ("command", *_STREAMS),
    "PodPortForwardOptions": ("ports",),
    "PodProxyOptions": ("path",),
    "ServiceProxyOptions": ("path",),
    "NodeProxyOptions": ("path",),
}
"""The query of each kind of options that a connection is asked for with."""
LOG = (
    *("pretty", "container", "follow", "insecureSkipTLSVerifyBackend", "limitBytes", "previous"),
    *("sinceSeconds", "stream", "tailLines", "timestamps"),
)

_TEXTS = {
    "allowWatchBookmarks": "Whether the watch may have BOOKMARK events, which carry nothing but a resourceVersion.",
    "command": "The command to run, one argument each time; it is not run in a shell.",
    "container": "The container; may be left out where the pod has but one.",
    "continue": "Where an earlier, limited list ended, as that list said.",
    "fieldManager": "Who makes this change, for managedFields: at most 128 printable characters. Apply requires it.",
    "fieldSelector": "Restricts the objects by their fields.",
    "fieldValidation": "What is done about unknown and duplicate fields: Ignore, Warn or Strict.",
    "follow": "Whether the log is followed as it grows.",
    "force": "Takes fields from their managers where an apply conflicts with them.",
    "insecureSkipTLSVerifyBackend": "Whether the kubelet's certificate goes unchecked.",
    "labelSelector": "Restricts the objects by their labels.",
    "limit": "The largest number of objects to answer with; the answer says how to continue.",
    "limitBytes": "After how many bytes the log ends.",
    "path": "Where the request goes behind the proxy.",
    "ports": "The ports to forward.",
    "pretty": "Whether the answer is indented.",
    "previous": "Whether to show the log of the container that ran before this one.",
    "resourceVersion": "The version of the data that the answer is about, together with resourceVersionMatch.",
    "resourceVersionMatch": "How resourceVersion is meant: Exact or NotOlderThan.",
    "sendInitialEvents": "Whether a watch begins with what there is, up to a bookmark that says so.",
    "sinceSeconds": "From how long ago the log is shown.",
    "stderr": "Whether the stream of errors is wanted.",
    "stdin": "Whether input is sent.",
    "stdout": "Whether output is wanted.",
    "stream": "Which of the container's streams to show: All, Stdout or Stderr.",
    "tailLines": "How many lines from the end of the log are shown.",
    "timeoutSeconds": "How long the call may take, whatever happens.",
    "timestamps": "Whether each line begins with its time.",
    "tty": "Whether there is a terminal.",
    "watch": "Whether to go on with the changes, as events.",
}


def query(names: Iterable[str], *, v3: bool) -> list[Object]:
    """Parameters of the query, by name."""
    return [_parameter(name, "query", v3) for name in sorted(names)]


def path(names: Iterable[str], kind: str, *, v3: bool) -> list[Object]:
    """Parameters of the path, by name."""
    texts = {"name": f"name of the {kind}", "namespace": "the object's namespace"}
    return [
        {**_parameter(name, "path", v3), "description": texts.get(name) or _TEXTS[name], "required": True}
        for name in sorted(names)
    ]


def _parameter(name: str, place: str, v3: bool) -> Object:
    kind = "boolean" if name in _BOOLEANS else "integer" if name in _INTEGERS else "string"
    described = {"description": _TEXTS.get(name) or _of_deletion(name), "name": name, "in": place}
    if v3:
        return {**described, "schema": {"type": kind, "uniqueItems": True}}
    return {**described, "type": kind, "uniqueItems": True}


@functools.cache
def _of_deletion(name: str) -> str:
    return str(definitions.full(_OPTIONS)["properties"].get(name, {}).get("description", ""))


def shared(operations: dict[str, Object]) -> Object:
    """A path item: what all of its operations take stands once beside them."""

    def said(operation: Object) -> dict[tuple[str, str], Object]:
        return {(p["name"], p["in"]): p for p in operation.get("parameters", ()) if p["in"] != "body"}

    common = set.intersection(*(set(said(operation)) for operation in operations.values()))
    item: Object = {}
    for method, operation in operations.items():
        own = [p for p in operation.get("parameters", ()) if (p["name"], p["in"]) not in common]
        item[method] = {key: value for key, value in operation.items() if key != "parameters"}
        if own:
            item[method]["parameters"] = own
    if common:
        first = said(next(iter(operations.values())))
        item["parameters"] = [first[key] for key in sorted(common)]
    return item
