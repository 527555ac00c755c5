"""EventRateLimit: token buckets for Events, of the whole server, a namespace, a user, or a source and object.

Needs a configuration (--admission-control-config-file), as upstream. May import: aiokit, admission_types, deps.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, ClassVar

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.tokenbucket import TokenBucket
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.configuration import ConfigurationError, check_kind
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import TooManyRequests

Object = dict[str, Any]
_GROUP, _KIND = "eventratelimit.admission.k8s.io", "Configuration"
_TYPES = ("Server", "Namespace", "User", "SourceAndObject")
_DEFAULT_CACHE = 4096


class Limit:
    """One entry of the configuration: a bucket per key, of the keys seen last."""

    def __init__(self, given: Object) -> None:
        self.type = given.get("type")
        if self.type not in _TYPES:
            supported = ", ".join(f'"{kind}"' for kind in sorted(_TYPES))
            raise ConfigurationError(f'limits.type: Unsupported value: "{self.type}": supported values: {supported}')
        self._qps, self._burst = float(given.get("qps") or 0), float(given.get("burst") or 0)
        if self._qps <= 0 or self._burst <= 0:
            raise ConfigurationError("limits.qps and limits.burst: Invalid value: must be positive")
        self._size = int(given.get("cacheSize") or _DEFAULT_CACHE)
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def accepts(self, request: AdmissionRequest, now: float) -> bool:
        """Whether this limit has room for the request. Of too many buckets, the one unused for longest is forgotten."""
        key = self._key(request)
        bucket = self._buckets.pop(key, None) or TokenBucket(self._qps, self._burst, now)
        self._buckets[key] = bucket
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return bucket.take(now)

    def _key(self, request: AdmissionRequest) -> str:
        match self.type:
            case "Namespace":
                return request.namespace
            case "User":
                return request.user.name
            case "SourceAndObject":
                event = request.object or {}
                source = event.get("source") or {}
                about = event.get("involvedObject") or event.get("regarding") or {}
                fields = ("kind", "namespace", "name", "uid", "apiVersion")
                parts = [source.get("component"), source.get("host"), *(about.get(field) for field in fields)]
                return "".join(str(part or "") for part in parts)
        return ""


class EventRateLimit(AdmissionPlugin):
    """Events over a limit get 429; every limit is charged, also when another one refuses."""

    name: ClassVar[str] = "EventRateLimit"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps, configuration: Mapping[str, Any] | None) -> None:
        self._clock: Clock = deps.clock
        given = dict(configuration or {})
        check_kind(self.name, given, _GROUP, _KIND)
        self._limits = [Limit(limit) for limit in given.get("limits") or ()]
        if not self._limits:
            raise ConfigurationError("limits: Invalid value: []: must not be empty")

    def handles(self, resource: Resource, subresource: str) -> bool:
        return resource.plural == "events" and resource.group in ("", "events.k8s.io")

    async def validate(self, request: AdmissionRequest) -> None:
        if request.dry_run:
            return
        now = self._clock.monotonic()
        verdicts = [limit.accepts(request, now) for limit in self._limits]  # each counts, whatever the others say
        if not all(verdicts):
            raise TooManyRequests.of("limit reached on type " + ", ".join(str(limit.type) for limit in self._limits))
