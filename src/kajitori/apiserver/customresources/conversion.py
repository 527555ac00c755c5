"""Conversion by webhook: objects go out as a ConversionReview and come back in the version that was asked for.

What comes back must be the same object: kind, name, namespace and uid are compared, of metadata only labels and
annotations are taken over. Converted forms are remembered, one for each object and version, until the object changes.

May import: admission.webhooks, client.transport, cache, customresources.versions, deps, machinery.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any

import orjson

from kajitori.aiokit.services import Background
from kajitori.api import checks
from kajitori.api.apiextensions.embedded import annotation_errors
from kajitori.api.apiextensions.scaling import go_type
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.webhooks.caller import describe, unexpected
from kajitori.apiserver.admission.webhooks.hook import read_place
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.customresources.versions import Versions
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.proxying.places import server_place
from kajitori.client.config import ConfigError, RestConfig
from kajitori.client.transport import Transport
from kajitori.machinery.errors import StatusError
from kajitori.machinery.fieldpath import FieldError, Path, aggregate

Object = dict[str, Any]
TIMEOUT_S = 30.0
MAX_KNOWN = 20_000
"""Converted forms that are remembered; with more all are forgotten, and asked for anew."""
MAX_ROUNDS = 10
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, */*"}
_VERSIONS = ("v1", "v1beta1")
_INVALID = "invalid_converted_object"
_TAKEN: dict[str, Callable[[Path, Mapping[str, str]], list[FieldError]]] = {
    "labels": checks.labels,
    "annotations": annotation_errors,
}
"""What of the metadata is the webhook's to say."""


class ConversionFailed(StatusError):
    """The webhook did not do what it should."""

    CODE, REASON = 500, ""


class WebhookConverter:
    """One for each definition in each of its generations."""

    def __init__(self, crd: Mapping[str, Any], versions: Versions, deps: ServerDeps) -> None:
        self.versions = versions
        webhook = crd["spec"]["conversion"].get("webhook") or {}
        reviews = webhook.get("conversionReviewVersions") or ()
        self._review_version = next((version for version in reviews if version in _VERSIONS), "v1")
        self._name = crd["metadata"]["name"]
        self._group, self._kind = crd["spec"]["group"], crd["spec"]["names"]["kind"]
        self._place = read_place(webhook.get("clientConfig") or {})
        self._deps = deps
        self._rng = random.Random()
        self._transport: Transport | None = None
        self._background = Background("conversion webhook connections")
        self._known: dict[tuple[str, str], tuple[str, Object]] = {}

    # what is remembered

    async def prepare(self, resource: Resource, entries: Iterable[Entry]) -> None:
        """See to it that `shown` knows all of these in the version of the resource, until the caller awaits something.

        Others who show other states of the same objects may come in between: it looks again. Raises ConversionFailed.
        """
        wanted, version = resource.group_version, resource.version
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        sources = [obj for entry in entries if (obj := entry.shared()).get("apiVersion") != wanted]
        for _ in range(MAX_ROUNDS):
            missing = [obj for obj in sources if self._lookup(obj, version) is None]
            if not missing:
                return
            for source, made in zip(missing, await self.read(missing, wanted), strict=True):
                self._remember(source, version, made)

    def _lookup(self, obj: Mapping[str, Any], version: str) -> Object | None:
        found = self._known.get((obj["metadata"].get("uid", ""), version))
        return found[1] if found is not None and found[0] == obj["metadata"].get("resourceVersion") else None

    def _remember(self, source: Mapping[str, Any], version: str, made: Object) -> None:
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        meta = source["metadata"]
        self._known[meta.get("uid", ""), version] = (meta.get("resourceVersion", ""), made)

    def known(self, obj: Object, version: str) -> Object | None:
        """The converted form of an object, if it is remembered; a copy."""
        found = self._lookup(obj, version)
        return orjson.loads(orjson.dumps(found)) if found is not None else None

    def shown(self, obj: Object, version: str) -> Object:
        """The converted form of an object that `prepare` has seen; a copy."""
        found = self.known(obj, version)
        if found is None:
            raise ConversionFailed(f"conversion webhook for {self._shown_kind(obj)} failed: not converted yet")
        return found

    async def read_back(self, stored: Object, version: str, wanted: str) -> Object:
        """What has just been written, as reading it would show it, and does from now on. Raises ConversionFailed."""
        (made,) = await self.read([stored], wanted)
        self._remember(stored, version, made)
        return made

    # asking

    async def read(self, stored: Sequence[Mapping[str, Any]], wanted: str) -> list[Object]:
        """Objects of the store in the wanted apiVersion, as that version's schema has them. Raises ConversionFailed."""
        sources = [orjson.loads(orjson.dumps(obj)) for obj in stored]
        for source in sources:
            self.versions.read(source)
        made = await self.convert(sources, wanted)
        for obj in made:
            self.versions.shape(obj)
        return made

    def _shown_kind(self, obj: Mapping[str, Any]) -> str:
        return f"{obj.get('apiVersion')}, Kind={obj.get('kind')}"

    async def convert(self, objects: Sequence[Mapping[str, Any]], wanted: str) -> list[Object]:
        """All objects in the wanted apiVersion. Raises ConversionFailed."""
        target = f"{objects[0].get('apiVersion')}, Kind={self._kind}"
        began, failure = perf_counter(), ""
        try:
            made = await self._ask([dict(obj) for obj in objects], wanted)
            return [_checked(source, result, wanted) for source, result in zip(objects, made, strict=True)]
        except _Bad as bad:
            failure = bad.kind
            raise ConversionFailed(f"conversion webhook for {target} {bad.verb}{bad}") from bad
        finally:
            self._count(perf_counter() - began, str(objects[0].get("apiVersion")), wanted, failure)

    def _count(self, seconds: float, source: str, wanted: str, failure: str) -> None:
        metrics = self._deps.metrics
        outcome = ("failure", f"conversion_webhook_{failure}_failure") if failure else ("success", "")
        metrics.conversions.inc(*outcome)
        metrics.conversion_calls.observe(seconds, *outcome)
        versions = source.rpartition("/")[2], wanted.rpartition("/")[2]
        metrics.conversion_seconds.observe(seconds, self._name, *versions, "false" if failure else "true")

    async def _ask(self, objects: list[Object], wanted: str) -> list[Object]:
        uid = str(uuid.uuid4())
        body = {
            "kind": "ConversionReview",
            "apiVersion": f"apiextensions.k8s.io/{self._review_version}",
            "request": {"uid": uid, "desiredAPIVersion": wanted, "objects": objects},
        }
        answer = await self._post(orjson.dumps(body))
        answer = answer if isinstance(answer, dict) else {}
        response = answer.get("response")
        got = f"{answer.get('apiVersion') or '/'}, Kind={answer.get('kind') or ''}"
        if got != f"{body['apiVersion']}, Kind={body['kind']}" and self._review_version == "v1":
            raise _Bad(f"expected webhook response of {body['apiVersion']}, Kind={body['kind']}, got {got}")
        if not isinstance(response, dict):
            raise _Bad("no response provided")
        if response.get("uid") != uid and self._review_version == "v1":
            raise _Bad(f'expected response.uid="{uid}", got "{response.get("uid") or ""}"')
        result = response.get("result") or {}
        if result.get("status") != "Success":
            unsaid = f"response.result.status was '{result.get('status') or ''}', not 'Success'"
            raise _Bad(result.get("message") or unsaid)
        made = response.get("convertedObjects") or []
        if len(made) != len(objects):
            raise _Bad(f"{len(made)} objects, expected {len(objects)}", "partial_response", verb="returned ")
        return list(made)

    async def _post(self, body: bytes) -> Any:
        where = f"{self._place.base}{self._place.target}"
        where += f"{'&' if '?' in where else '?'}timeout=30s"
        try:
            response = await self._connection().request(
                "POST", self._place.target, query=[("timeout", "30s")], body=body, headers=_HEADERS, timeout_s=TIMEOUT_S
            )
        except (OSError, ConfigError, StatusError) as error:
            raise _Bad(f'Post "{where}": {describe(error)}', "call") from error
        if response.status != 200:
            raise _Bad(unexpected(response), "call")
        try:
            return orjson.loads(response.body)
        except orjson.JSONDecodeError as error:
            raise _Bad(f"invalid answer: {error}", "call") from error

    def _connection(self) -> Transport:
        if self._transport is None:
            place = self._place
            config = RestConfig(server=place.base, ca_data=place.ca or None, user_agent="kube-apiserver-admission")
            self._transport = Transport(config, dial=self._dial if place.service else None, repeats_all=True)
        return self._transport

    def _dial(self) -> tuple[str, int]:
        place = self._place
        return server_place(self._deps.reader, place.namespace, place.service, place.port, self._rng)

    def close(self) -> None:
        """The definition has changed or is gone."""
        if self._transport is not None:
            self._background.start(self._transport.close())
            self._transport = None


class _Bad(Exception):
    """What was wrong with an answer; `kind` is the word of metrics for it."""

    def __init__(self, why: str, kind: str = "malformed_response", *, verb: str = "failed: ") -> None:
        super().__init__(why)
        self.kind = kind
        self.verb = verb


def _checked(source: Mapping[str, Any], made: Any, wanted: str) -> Object:
    """The object that came back, with the metadata that went out. Raises _Bad."""
    made = made if isinstance(made, dict) else {}
    for word, expected, received in (
        ("groupVersion", wanted, made.get("apiVersion") or ""),
        ("kind", source.get("kind"), made.get("kind") or ""),
    ):
        if received != expected:
            raise _invalid("object at index 0", f"invalid {word} (expected {expected}, received {received})")
    meta, before = made.get("metadata"), source["metadata"]
    for field, word in (("name", "name"), ("namespace", "namespace"), ("uid", "UID")):
        now = (meta.get(field) if isinstance(meta, dict) else None) or ""
        if now != (before.get(field) or ""):
            raise _invalid("object", f"must have the same {word}: {before.get(field) or ''} != {now}")
    kept = {name: value for name, value in before.items() if name not in _TAKEN}
    assert isinstance(meta, dict), "it has the name"
    for name, check in _TAKEN.items():
        pairs = meta.get(name)
        if pairs is None:
            continue
        if not isinstance(pairs, dict):
            why = f"invalid metadata.{name} of type {go_type(pairs)} in converted object"
            raise _invalid("metadata", why)
        for key, value in pairs.items():
            if not isinstance(value, str):
                why = f"metadata.{name}[{key}] must be a string, but is {go_type(value)} in converted object"
                raise _invalid("metadata", why)
        if pairs != before.get(name) and (errors := check(Path("metadata", name), pairs)):
            raise _invalid("metadata", aggregate(errors))
        if pairs:
            kept[name] = pairs
    return {**made, "metadata": kept}


def _invalid(what: str, why: str) -> _Bad:
    return _Bad(why, _INVALID, verb=f"returned invalid {what}: ")
