"""Webhooks as their configurations describe them, compiled when a configuration changes.

May import: matching, api.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kajitori.apiserver.admission.conditions import Conditions
from kajitori.apiserver.admission.matching.target import Target, read_target

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a webhook is reached: a URL, or a Service's path and port. Equal places share connections."""

    url: str = ""
    namespace: str = ""
    service: str = ""
    path: str = ""
    port: int = 443
    ca: bytes = b""

    @property
    def base(self) -> str:
        """The URL without path, for services by the name that their certificate is for."""
        if not self.service:
            scheme, _, rest = self.url.partition("://")
            return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"
        return f"https://{self.service}.{self.namespace}.svc:{self.port}"

    @property
    def target(self) -> str:
        """Path and query."""
        if self.service:
            return self.path if self.path.startswith("/") else f"/{self.path}"
        return self.url[len(self.base) :] or "/"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of a configuration; `uid` tells it from all others, `review_version` is the one it is asked in."""

    configuration: str
    name: str
    uid: str
    place: Place
    conditions: Conditions
    fails_open: bool
    side_effects: str
    timeout_s: int
    reinvoked: bool
    review_version: str


def read_webhooks(configurations: Iterable[Object]) -> list[tuple[Target, Webhook]]:
    """Of all configurations, by their names; within one, in its order."""
    out = []
    for configuration in sorted(configurations, key=lambda c: str(c["metadata"]["name"])):
        name = configuration["metadata"]["name"]
        for position, hook in enumerate(configuration.get("webhooks") or ()):
            webhook = read_webhook(name, f"{name}/{hook['name']}/{position}", hook)
            out.append((read_target(hook, rules="rules"), webhook))
    return out


def read_webhook(configuration: str, uid: str, hook: Object) -> Webhook:
    """A webhook's own part; its rules and selectors are the Target's."""
    versions = hook.get("admissionReviewVersions") or ()
    return Webhook(
        configuration=configuration,
        name=hook["name"],
        uid=uid,
        place=read_place(hook.get("clientConfig") or {}),
        conditions=Conditions(hook.get("matchConditions") or ()),
        fails_open=hook.get("failurePolicy") == "Ignore",
        side_effects=hook.get("sideEffects") or "",
        timeout_s=int(hook.get("timeoutSeconds") or 10),
        reinvoked=hook.get("reinvocationPolicy") == "IfNeeded",
        review_version=next((v for v in versions if v in ("v1", "v1beta1")), ""),
    )


def read_place(config: Object) -> Place:
    """Where it is called: a Service, or a URL; the CA bundle is decoded."""
    service = config.get("service") or {}
    try:
        ca = base64.b64decode(config.get("caBundle") or "")
    except (ValueError, binascii.Error):
        ca = b""  # validation has refused it
    if service:
        return Place(
            namespace=service.get("namespace") or "",
            service=service.get("name") or "",
            path=service.get("path") or "/",
            port=int(service.get("port") or 443),
            ca=ca,
        )
    return Place(url=config.get("url") or "", ca=ca)
