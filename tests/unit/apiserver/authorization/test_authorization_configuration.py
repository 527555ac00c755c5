"""--authorization-config: authorizers in order, webhooks with conditions, and a file that changes while the server runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from kajitori.aiokit.clock import FakeClock
from kajitori.apiserver.attributes import Attributes, Verdict
from kajitori.apiserver.authorization import build_authorizer
from kajitori.apiserver.authorization.configuration import AuthorizationConfigError, load, parse
from kajitori.apiserver.authorization.webhook import WebhookAuthorizer
from kajitori.apiserver.user import UserInfo

HOOK: dict[str, Any] = {
    "timeout": "3s",
    "subjectAccessReviewVersion": "v1",
    "failurePolicy": "Deny",
    "connectionInfo": {"type": "InClusterConfig"},
    "authorizedTTL": "1m",
    "cacheUnauthorizedRequests": False,
}


def document(*authorizers: Any) -> dict[str, Any]:
    given = [{"type": one, "name": one.lower()} if isinstance(one, str) else one for one in authorizers]
    version = "apiserver.config.k8s.io/v1"
    return {"apiVersion": version, "kind": "AuthorizationConfiguration", "authorizers": given}


def hook(**changes: Any) -> dict[str, Any]:
    settings = {name: value for name, value in {**HOOK, **changes}.items() if value is not None}
    return {"type": "Webhook", "name": "hook", "webhook": settings}


def conditions(*expressions: str) -> dict[str, Any]:
    given = [{"expression": expression} for expression in expressions]
    return {"matchConditionSubjectAccessReviewVersion": "v1", "matchConditions": given}


def test_authorizers_are_taken_in_order() -> None:
    found = parse(document("Node", hook(), "RBAC"))
    assert [(one.type, one.name) for one in found] == [("Node", "node"), ("Webhook", "hook"), ("RBAC", "rbac")]
    settings = found[1].webhook
    assert (settings.timeout_s, settings.allowed_ttl_s, settings.denied_ttl_s) == (3.0, 60.0, 0.0)
    assert settings.denies_on_failure


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (document(), "authorizers: Required value: at least one authorization mode must be defined"),
        (
            document("RBAC", "RBAC"),
            'authorizers[1].type: Duplicate value: "RBAC"',
        ),
        (document("Sudo"), 'authorizers[0].type: Unsupported value: "Sudo": supported values: "AlwaysAllow", '),
        (
            document({"type": "Webhook", "name": "x"}),
            "authorizers[0].webhook: Required value: required when type=Webhook",
        ),
        (document(hook(timeout=None)), "authorizers[0].timeout: Required value"),
        (document(hook(timeout="1m")), 'authorizers[0].timeout: Invalid value: "1m0s": must be > 0s and <= 30s'),
        (document(hook(failurePolicy="Maybe")), 'authorizers[0].failurePolicy: Unsupported value: "Maybe"'),
        (document(hook(connectionInfo={})), "authorizers[0].connectionInfo.type: Required value"),
        (
            document(hook(connectionInfo={"type": "KubeConfigFile", "kubeConfigFile": "x"})),
            'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "x": must be an absolute path',
        ),
        (document(hook(**conditions("1 +"))), "authorizers[0].matchConditions[0].expression: Invalid value"),
        (
            document(hook(matchConditions=[{"expression": "true"}])),
            "matchConditionSubjectAccessReviewVersion: Required",
        ),
        (
            document({"type": "RBAC", "name": "A b"}),
            'authorizers[0].name: Invalid value: "A b": authorizer name is invalid: a lowercase RFC 1123 subdomain',
        ),
        (document(hook(retries=3)), 'strict decoding error: unknown field "authorizers[0].webhook.retries"'),
        ({"kind": "Other"}, "kind AuthorizationConfiguration is wanted"),
    ],
)
def test_what_is_wrong_is_named(given: Any, text: str) -> None:
    with pytest.raises(AuthorizationConfigError) as refused:
        parse(given)
    assert text in str(refused.value)


class Answering:
    """A webhook's client."""

    def __init__(self, status: dict[str, Any] | None) -> None:
        self.status, self.asked = status, 0

    async def post(self, review: dict[str, Any]) -> bytes:
        self.asked += 1
        if self.status is None:
            raise ConnectionRefusedError
        return orjson.dumps({**review, "status": self.status})


def wants(resource: str = "pods") -> Attributes:
    return Attributes(user=UserInfo("jane"), verb="get", is_resource_request=True, version="v1", resource=resource)


@pytest.mark.parametrize(
    ("expressions", "asked", "verdict"),
    [
        ((), 1, Verdict.ALLOW),
        (("request.resourceAttributes.resource == 'pods'", "request.user == 'jane'"), 1, Verdict.ALLOW),
        (("has(request.nonResourceAttributes)",), 0, Verdict.NO_OPINION),
        (("request.resourceAttributes.subresource == ''", "!('admins' in request.groups)"), 1, Verdict.ALLOW),
        (("request.extra['x'][0] == 'y'",), 0, Verdict.DENY),
        (("request.extra['x'][0] == 'y'", "false"), 0, Verdict.NO_OPINION),
    ],
    ids=["none", "all true", "false", "what is absent is empty", "failing", "false beats failing"],
)
def test_conditions_say_what_a_webhook_is_asked_about(
    expressions: tuple[str, ...], asked: int, verdict: Verdict
) -> None:
    settings = parse(document(hook(**conditions(*expressions) if expressions else {})))[0].webhook
    client = Answering({"allowed": True})
    decision = asyncio.run(WebhookAuthorizer(client, settings, FakeClock()).authorize(wants()))  # type: ignore[arg-type]
    assert (client.asked, decision.verdict) == (asked, verdict)


@pytest.mark.parametrize(("policy", "verdict"), [("Deny", Verdict.DENY), ("NoOpinion", Verdict.NO_OPINION)])
def test_a_webhook_that_fails_denies_or_passes(policy: str, verdict: Verdict) -> None:
    settings = parse(document(hook(failurePolicy=policy)))[0].webhook
    authorizer = WebhookAuthorizer(Answering(None), settings, FakeClock())  # type: ignore[arg-type]
    assert asyncio.run(authorizer.authorize(wants())).verdict is verdict


def write(path: Path, content: Any) -> None:
    """Another file in its place, as editors and ConfigMap volumes do it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(yaml.safe_dump(content))
    fresh.replace(path)


def test_a_changed_file_is_taken_over_and_a_wrong_one_is_not(make_deps: Any, tmp_path: Path) -> None:
    path = tmp_path / "authorization.yaml"
    write(path, document("RBAC"))
    authorizer = build_authorizer(make_deps(authorization_config=str(path)))
    assert authorizer.file is not None
    rbac = authorizer.rbac

    def allowed() -> bool:
        return asyncio.run(authorizer.authorize(wants())).allowed

    assert not allowed()
    write(path, document("RBAC", "AlwaysAllow"))
    asyncio.run(authorizer.file.look())
    assert allowed()
    assert authorizer.rbac is rbac
    for wrong in (document("Sudo"), document("AlwaysAllow"), {}):
        write(path, wrong)
        asyncio.run(authorizer.file.look())
        assert allowed()
    write(path, document("RBAC"))
    asyncio.run(authorizer.file.look())
    assert not allowed()


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(AuthorizationConfigError, match="No such file"):
        load(str(tmp_path / "none"))
    broken = tmp_path / "broken"
    broken.write_text("{")
    with pytest.raises(AuthorizationConfigError, match="failed to load"):
        load(str(broken))
