"""Authorization by a webhook (--authorization-mode=…,Webhook): a SubjectAccessReview to another server.

Answers are remembered (five minutes for yes, half a minute for no, as upstream's defaults). A server that does not
answer has no opinion, which at the end is a refusal, or denies at once if so configured. Conditions in CEL say which
requests it is asked about at all. May import: attributes, authorization.configuration, webhookclient, aiokit; cel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.apiserver.attributes import Attributes, Decision, Verdict
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authorization.configuration import WebhookSettings
from kajitori.apiserver.webhookclient import WebhookClient
from kajitori.machinery.errors import StatusError
from kajitori.machinery.fieldselector import FieldSelector, FieldSelectorError
from kajitori.machinery.labels import Selector

if TYPE_CHECKING:
    from kajitori.cel import Program

log = get_logger(__name__)
_NO_OPINION = Decision(Verdict.NO_OPINION)
_ATTRIBUTES = {
    "resourceAttributes": ("namespace", "verb", "group", "version", "resource", "subresource", "name"),
    "nonResourceAttributes": ("path", "verb"),
}
"""A review's fields; conditions may ask for those that a request does not have, too."""
_LABEL_OPERATORS = {
    "=": "In",
    "==": "In",
    "in": "In",
    "!=": "NotIn",
    "notin": "NotIn",
    "exists": "Exists",
    "!": "DoesNotExist",
}
_FAILED = "the authorization webhook failed"


class WebhookAuthorizer:
    """At most 8,192 answers are remembered; failures are not."""

    def __init__(self, client: WebhookClient, settings: WebhookSettings, clock: Clock) -> None:
        self._client, self._settings, self._clock = client, settings, clock
        self._ttls = {True: settings.allowed_ttl_s, False: settings.denied_ttl_s}
        self._failed = Decision(Verdict.DENY if settings.denies_on_failure else Verdict.NO_OPINION, _FAILED)
        self._known: LRU[bytes, tuple[Decision, float]] = LRU(8192)

    async def authorize(self, attributes: Attributes) -> Decision:
        spec = review_spec(attributes)
        if self._settings.conditions:
            concerned = concerns(self._settings.conditions, spec)
            if concerned is not True:
                return _NO_OPINION if concerned is False else self._failed
        key = orjson.dumps(spec, option=orjson.OPT_SORT_KEYS)
        known = self._known.get(key)
        if known is not None and self._clock.monotonic() < known[1]:
            return known[0]
        review = {
            "apiVersion": f"authorization.k8s.io/{self._settings.version}",
            "kind": "SubjectAccessReview",
            "metadata": {},
            "spec": spec,
        }
        try:
            status = orjson.loads(await self._client.post(review)).get("status") or {}
        except (StatusError, OSError, ValueError) as error:
            log.info("the authorization webhook failed", err=describe(error))
            return self._failed
        decision = read_decision(status)
        self._known[key] = (decision, self._clock.monotonic() + self._ttls[decision.allowed])
        return decision


def concerns(conditions: Sequence[Program], spec: dict[str, Any]) -> bool | None:
    """Whether all conditions hold; the first false one decides, and None says that none is false but one failed."""
    from kajitori import cel

    request = {"uid": "", "groups": [], "extra": {}, **spec}
    for name, fields in _ATTRIBUTES.items():
        if name in spec:
            request[name] = {**dict.fromkeys(fields, ""), **spec[name]}
    failed = False
    for program in conditions:
        try:
            if program.evaluate({"request": request}, cel.Budget()) is not True:
                return False
        except cel.CelError as error:
            log.info("a match condition of the authorization webhook failed", err=describe(error))
            failed = True
    return None if failed else True


def review_spec(attributes: Attributes) -> dict[str, Any]:
    """The spec of the SubjectAccessReview that asks this; empty fields are left out."""
    who = attributes.user.wire()
    spec: dict[str, Any] = {"user": who.pop("username"), **who}
    if not attributes.is_resource_request:
        return {**spec, "nonResourceAttributes": {"path": attributes.path, "verb": attributes.verb}}
    fields = _ATTRIBUTES["resourceAttributes"]
    asked: dict[str, Any] = {name: getattr(attributes, name) for name in fields if getattr(attributes, name)}
    if requirements := field_requirements(attributes.field_selector):
        asked["fieldSelector"] = {"requirements": requirements}
    if requirements := label_requirements(attributes.label_selector):
        asked["labelSelector"] = {"requirements": requirements}
    return {**spec, "resourceAttributes": asked}


def field_requirements(selector: str) -> list[dict[str, Any]]:
    """A field selector as a SubjectAccessReview says it; one that cannot be read restricts nothing."""
    try:
        found = FieldSelector.parse(selector).requirements
    except FieldSelectorError:
        return []
    operators = {"=": "In", "!=": "NotIn"}
    return [{"key": one.field, "operator": operators[one.operator], "values": [one.value]} for one in found]


def label_requirements(selector: str) -> list[dict[str, Any]]:
    """A label selector as the review's requirements; one that cannot be parsed has none."""
    try:
        found = Selector.parse(selector).requirements or ()
    except ValueError:
        return []
    out = []
    for one in found:
        operator = _LABEL_OPERATORS.get(str(one.operator))
        if operator is None:
            continue  # gt and lt have no word there: leaving them out asks for more, never for less
        requirement = {"key": one.key, "operator": operator}
        out.append({**requirement, "values": sorted(one.values)} if one.values else requirement)
    return out


def read_decision(status: dict[str, Any]) -> Decision:
    """Neither allowed nor denied is no opinion."""
    reason = status.get("reason") or ""
    if status.get("allowed"):
        return Decision(Verdict.ALLOW, reason)
    return Decision(Verdict.DENY if status.get("denied") else Verdict.NO_OPINION, reason)
