"""Authorization that looks at selectors: nodes read their own Pods only; reviews and webhooks carry selectors."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kajitori.aiokit.http.message import Headers, Request
from kajitori.apiserver.attributes import Attributes, Verdict
from kajitori.apiserver.authorization.node import NodeAuthorizer
from kajitori.apiserver.authorization.webhook import read_decision, review_spec
from kajitori.apiserver.registry.reviews import question as reviewed
from kajitori.apiserver.registry.reviewselectors import selector_errors
from kajitori.apiserver.request import parse_request_info
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.fieldpath import Path

NODE = UserInfo("system:node:n1", groups=("system:nodes", "system:authenticated"))


class Pods:
    """A reader with one Pod on each of two nodes."""

    def get(self, group: str, plural: str, namespace: str, name: str) -> Any:
        return {"metadata": {"name": name}, "spec": {"nodeName": name}} if name in ("n1", "n2") else None

    def list(self, *_: str) -> list[Any]:
        return []

    def revision(self, *_: str) -> int:
        return 0


def ask(verb: str, resource: str, **more: str) -> Any:
    resource, _, subresource = resource.partition("/")
    question = Attributes(
        user=NODE, verb=verb, is_resource_request=True, resource=resource, subresource=subresource, version="v1", **more
    )
    return asyncio.run(NodeAuthorizer(Pods()).authorize(question))


@pytest.mark.parametrize(
    ("verb", "resource", "more", "allowed"),
    [
        ("list", "pods", {"field_selector": "spec.nodeName=n1"}, True),
        ("watch", "pods", {"field_selector": "metadata.namespace=x,spec.nodeName=n1"}, True),
        ("list", "pods", {"field_selector": "spec.nodeName!=n1"}, False),
        ("list", "pods", {"field_selector": "spec.nodeName=n2"}, False),
        ("list", "pods", {"field_selector": "=,="}, False),
        ("list", "pods", {}, False),
        ("get", "pods", {"name": "n1"}, True),
        ("get", "pods", {"name": "n2"}, False),
        ("get", "pods", {"name": "gone"}, False),
        ("create", "pods", {}, True),
        ("patch", "pods/status", {"name": "n1"}, True),
        ("create", "pods/exec", {"name": "n1"}, False),
        ("get", "nodes", {"name": "n1"}, True),
        ("get", "nodes", {"name": "n2"}, False),
        ("list", "nodes", {}, False),
        ("list", "nodes", {"name": "n1"}, True),
        ("delete", "nodes", {"name": "n1"}, False),
    ],
)
def test_nodes_see_themselves_and_their_pods(verb: str, resource: str, more: Any, allowed: bool) -> None:
    assert ask(verb, resource, **more).allowed is allowed


def test_refusals_say_what_was_missing() -> None:
    assert ask("list", "pods").reason == "can only list/watch pods with spec.nodeName field selector"
    assert ask("list", "nodes").reason == "node 'n1' cannot read all nodes, only its own Node object"


@pytest.mark.parametrize(
    ("target", "fields", "labels"),
    [
        ("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&labelSelector=a", "spec.nodeName=n1", "a"),
        ("/api/v1/pods?watch=1&fieldSelector=x%3Dy", "x=y", ""),
        ("/api/v1/namespaces/d/pods/web?fieldSelector=x%3Dy", "", ""),
        ("/api/v1/pods", "", ""),
    ],
)
def test_selectors_of_collections_are_known_to_authorizers(target: str, fields: str, labels: str) -> None:
    info = parse_request_info(Request(method="GET", target=target, headers=Headers([]), body=None))  # type: ignore[arg-type]
    assert (info.field_selector, info.label_selector) == (fields, labels)


@pytest.mark.parametrize(
    ("given", "text", "ignored"),
    [
        ({"labelSelector": {"rawSelector": "a=b"}}, ("", "a=b"), []),
        (
            {"fieldSelector": {"requirements": [{"key": "spec.nodeName", "operator": "In", "values": ["n1"]}]}},
            ("spec.nodeName=n1", ""),
            [],
        ),
        (
            {"labelSelector": {"requirements": [{"key": "a", "operator": "NotIn", "values": ["x", "y"]}]}},
            ("", "a notin (x,y)"),
            [],
        ),
        (
            {
                "labelSelector": {
                    "requirements": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "DoesNotExist"}]
                }
            },
            ("", "a,!b"),
            [],
        ),
        (
            {"fieldSelector": {"requirements": [{"key": "a", "operator": "In", "values": ["x", "y"]}]}},
            ("", ""),
            ["spec.resourceAttributes.fieldSelector ignored due to parse error"],
        ),
        (
            {"labelSelector": {"requirements": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "New"}]}},
            ("", "a"),
            ["spec.resourceAttributes.labelSelector partially ignored due to parse error"],
        ),
        (
            {"labelSelector": {"rawSelector": "a in"}},
            ("", ""),
            ["spec.resourceAttributes.labelSelector ignored due to parse error"],
        ),
        ({}, ("", ""), []),
    ],
)
def test_reviews_ask_with_selectors(given: Any, text: tuple[str, str], ignored: list[str]) -> None:
    asked, told = reviewed({"resourceAttributes": given}, UserInfo("ann"))
    assert ((asked.field_selector, asked.label_selector), told) == (text, ignored)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"rawSelector": "a=b"}, []),
        ({}, ["requirements: Required value: when s is specified, requirements or rawSelector is required"]),
        (
            {"rawSelector": "a=b", "requirements": [{"key": "a", "operator": "Exists"}]},
            ['rawSelector: Invalid value: "a=b": may not specified at the same time as requirements'],
        ),
        ({"requirements": [{"operator": "Exists"}]}, ["requirements[0].key: Required value: must be specified"]),
        (
            {"requirements": [{"key": "a", "operator": "In"}]},
            ["requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
        ),
        (
            {"requirements": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
            ["requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
        ),
        ({"requirements": [{"key": "a", "operator": "FromTheFuture", "values": ["b"]}]}, []),
    ],
)
def test_selectors_of_reviews_are_checked(given: Any, wrong: list[str]) -> None:
    assert [str(error) for error in selector_errors(Path("s"), given)] == [f"s.{one}" for one in wrong]


def test_webhooks_are_told_of_selectors() -> None:
    question = Attributes(
        user=UserInfo("ann", uid="7", groups=("g",), extra={"k": ("v",)}),
        verb="list",
        is_resource_request=True,
        resource="pods",
        field_selector="spec.nodeName=n1",
        label_selector="app in (a,b),!gone",
    )
    assert review_spec(question) == {
        "user": "ann",
        "uid": "7",
        "groups": ["g"],
        "extra": {"k": ["v"]},
        "resourceAttributes": {
            "verb": "list",
            "resource": "pods",
            "fieldSelector": {"requirements": [{"key": "spec.nodeName", "operator": "In", "values": ["n1"]}]},
            "labelSelector": {
                "requirements": [
                    {"key": "app", "operator": "In", "values": ["a", "b"]},
                    {"key": "gone", "operator": "DoesNotExist"},
                ]
            },
        },
    }


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"allowed": True}, Verdict.ALLOW),
        ({"allowed": False, "denied": True}, Verdict.DENY),
        ({"allowed": False}, Verdict.NO_OPINION),
        ({}, Verdict.NO_OPINION),
    ],
)
def test_webhooks_allow_deny_or_pass(status: Any, verdict: Verdict) -> None:
    assert read_decision(status).verdict is verdict
