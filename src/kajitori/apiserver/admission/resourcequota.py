"""ResourceQuota: what a namespace's quotas leave, no more. Usage is charged in the quotas' status before the write.

Requests of one namespace are charged in batches, one at a time: a batch is judged against the status as it is now and
written if the status is still the same; otherwise it is judged again. What a write that fails later has been charged
for, the controller gives back. A namespace without quotas costs one look-up.
May import: admission_types, deps, api.core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kajitori.aiokit.services import Background
from kajitori.api.core import quota as rules
from kajitori.api.core import quota_scopes
from kajitori.api.core.quota import Usage
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.derived import Derived
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission.resourcequota_limited import read_limited, uncovered
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import Conflict, Forbidden, InternalError, NotFound, StatusError
from kajitori.machinery.quantity import Quantity, QuantityError

Object = dict[str, Any]
MAX_TRIES = 10
_UPDATED = frozenset({"services", "persistentvolumeclaims"})
_CHARGED_SUBRESOURCES = frozenset({("pods", "resize"), ("persistentvolumeclaims", "status")})


@dataclass(slots=True)
class Charge:
    """One request's wish, and how it ended."""

    request: AdmissionRequest
    wanted: Usage
    done: asyncio.Future[None]


@dataclass(slots=True)
class Namespace:
    """The charges that wait their turn; `is_served` while a task works on them."""

    waiting: list[Charge] = field(default_factory=list)
    is_served: bool = False


class ResourceQuota(AdmissionPlugin):
    """Refuses what would exceed a quota, or what a limited resource has no quota for."""

    name: ClassVar[str] = "ResourceQuota"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps, configuration: Mapping[str, Any] | None = None) -> None:
        self._limited = read_limited(configuration)
        self._reader, self._writer, self._clock = deps.reader, deps.writer, deps.clock
        self._by_namespace = Derived(deps.reader, "", "resourcequotas", by_namespace)
        self._namespaces: dict[str, Namespace] = {}
        self._background = Background("resource quotas")

    def handles(self, resource: Resource, subresource: str) -> bool:
        if not resource.namespaced or "get" not in resource.verbs:  # reviews are not kept
            return False
        if (resource.group, resource.plural) in rules.IGNORED:
            return False
        return not subresource or (resource.group_resource, subresource) in _CHARGED_SUBRESOURCES

    async def validate(self, request: AdmissionRequest) -> None:
        quotas: Sequence[Object] = self._by_namespace().get(request.namespace) or ()
        if not (quotas or self._limited) or request.object is None or not is_charged(request):
            return
        try:
            wanted = self._wanted(request, quotas)
        except QuantityError:
            return  # validation has named it
        if not wanted:
            return
        if request.dry_run:
            judge(request, wanted, quotas, {})
            return
        await self._charge(request, wanted)

    def _wanted(self, request: AdmissionRequest, quotas: Sequence[Object]) -> Usage:
        """What the request adds, once every quota has what it needs to know. Raises Forbidden.

        What it takes away the controller gives back, when that has happened: the write may yet fail.
        """
        assert request.object is not None
        for quota in relevant(request, quotas):
            check_said(request, quota)
        used = self._usage(request, request.object)
        before = self._usage(request, request.old_object) if request.old_object is not None else {}
        wanted = {name: amount for name, amount in rules.difference(used, before).items() if amount > Quantity()}
        if self._limited:
            resource = request.resource
            covering = relevant(request, quotas)
            why = uncovered(self._limited, resource.group, resource.plural, request.object, wanted, covering)
            if why:
                raise refuse(request, why)
        return wanted if quotas else {}

    def _usage(self, request: AdmissionRequest, obj: Object) -> Usage:
        return rules.usage(request.resource.group, request.resource.plural, obj, self._clock.now())

    async def _charge(self, request: AdmissionRequest, wanted: Usage) -> None:
        namespace = self._namespaces.setdefault(request.namespace, Namespace())
        charge = Charge(request, wanted, asyncio.get_running_loop().create_future())
        namespace.waiting.append(charge)
        if not namespace.is_served:
            namespace.is_served = True
            self._background.start(self._serve(request.namespace, namespace))
        await charge.done

    async def _serve(self, name: str, namespace: Namespace) -> None:
        """Charge what waits, and what comes to wait meanwhile."""
        try:
            while namespace.waiting:
                batch, namespace.waiting = namespace.waiting, []
                try:
                    await self._settle(name, batch)
                finally:
                    for charge in batch:
                        if not charge.done.done():
                            charge.done.set_exception(InternalError.of("the resource quota could not be charged"))
        finally:
            namespace.is_served = False
            if not namespace.waiting:
                self._namespaces.pop(name, None)

    async def _settle(self, name: str, batch: Iterable[Charge]) -> None:
        open_charges = list(batch)
        settled: set[str] = set()  # quotas that have been charged already when another has to be looked at again
        for _ in range(MAX_TRIES):
            quotas = [q for q in self._reader.list("", "resourcequotas", name) if q["metadata"]["name"] not in settled]
            accepted, changed = judged([c for c in open_charges if not c.done.done()], quotas)
            try:
                for quota, used in changed:
                    await self._write(quota, used)
                    settled.add(quota["metadata"]["name"])
            except (Conflict, NotFound):
                open_charges = accepted
                continue
            except StatusError as error:
                _end(accepted, error)
                return
            _end(accepted, None)
            return
        _end(open_charges, Conflict.of("", "resourcequotas", name, "the status changes too often; please try again"))

    async def _write(self, quota: Object, used: Usage) -> None:
        metadata = quota["metadata"]
        version = metadata["resourceVersion"]

        def change(current: Object) -> None:
            if current["metadata"]["resourceVersion"] != version:
                raise Conflict.modified("", "resourcequotas", metadata["name"])
            status = current.setdefault("status", {})
            status["used"] = {**(status.get("used") or {}), **{key: str(value) for key, value in used.items()}}

        await self._writer.guaranteed_update(
            "", "resourcequotas", metadata["namespace"], metadata["name"], change, subresource="status"
        )

    async def close(self) -> None:
        """Charges under way are dropped."""
        await self._background.stop()


def _end(charges: Iterable[Charge], error: StatusError | None) -> None:
    for charge in charges:
        if charge.done.done():
            continue
        if error is None:
            charge.done.set_result(None)
        else:
            charge.done.set_exception(error)


def by_namespace(quotas: Iterable[Object]) -> dict[str, list[Object]]:
    """ResourceQuotas by their namespace."""
    out: dict[str, list[Object]] = {}
    for quota in quotas:
        out.setdefault(quota["metadata"]["namespace"], []).append(quota)
    return out


def is_charged(request: AdmissionRequest) -> bool:
    """New objects of any kind, and changes of those whose usage can change."""
    if request.operation == CREATE:
        return not request.subresource
    if request.resource.group:
        return False
    if request.subresource:
        return True
    return request.resource.plural in _UPDATED


def hard_of(quota: Object) -> Mapping[str, str]:
    """What the quota controller has taken over from the spec: only that is enforced, as upstream."""
    return (quota.get("status") or {}).get("hard") or {}


def relevant(request: AdmissionRequest, quotas: Iterable[Object]) -> list[Object]:
    """The quotas that the request's object counts against, by name."""
    assert request.object is not None
    group, plural = request.resource.group, request.resource.plural
    return [
        quota
        for quota in sorted(quotas, key=lambda q: str(q["metadata"]["name"]))
        if any(rules.concerns(name, group, plural) for name in hard_of(quota))
        and quota_scopes.in_scopes(quota, group, plural, request.object)
    ]


def check_said(request: AdmissionRequest, quota: Object) -> None:
    """Raises Forbidden where containers or the quota's status leave open what has to be known."""
    group, plural = request.resource.group, request.resource.plural
    names = [name for name in hard_of(quota) if rules.concerns(name, group, plural)]
    quota_name = quota["metadata"]["name"]
    if (group, plural) == ("", "pods") and (unsaid := rules.unsaid(request.object or {}, names)):
        raise refuse(request, f"failed quota: {quota_name}: must specify {unsaid}")
    known = (quota.get("status") or {}).get("used") or {}
    if any(name not in known for name in names):
        raise refuse(request, f"status unknown for quota: {quota_name}, resources: {','.join(sorted(names))}")


def judge(request: AdmissionRequest, wanted: Usage, quotas: Iterable[Object], charged: dict[str, Usage]) -> None:
    """Add the wish to what is charged (by quota), or raise Forbidden and add nothing."""
    added: dict[str, Usage] = {}
    for quota in relevant(request, quotas):
        name, hard = quota["metadata"]["name"], rules.parse(hard_of(quota))
        asked = {key: amount for key, amount in wanted.items() if key in hard}
        if not asked:
            continue
        used = {**rules.parse((quota.get("status") or {}).get("used")), **charged.get(name, {})}
        after = {key: used.get(key, Quantity()) + amount for key, amount in asked.items()}
        exceeded = [key for key, amount in after.items() if hard[key] < amount and asked[key] > Quantity()]
        if exceeded:
            raise exceeded_quota(request, name, exceeded, asked, used, hard)
        added[name] = after
    for name, after in added.items():
        charged[name] = {**charged.get(name, {}), **after}


def exceeded_quota(
    request: AdmissionRequest, name: str, exceeded: Iterable[str], asked: Usage, used: Usage, hard: Usage
) -> Forbidden:
    """The refusal, in upstream's words; only resources named in `exceeded` are shown."""
    requested, now, limited = (
        rules.shown({key: amounts.get(key, Quantity()) for key in exceeded}) for amounts in (asked, used, hard)
    )
    return refuse(request, f"exceeded quota: {name}, requested: {requested}, used: {now}, limited: {limited}")


def judged(charges: Iterable[Charge], quotas: Sequence[Object]) -> tuple[list[Charge], list[tuple[Object, Usage]]]:
    """Who may be charged (the others hear at once that they may not), and what the quotas' usage becomes."""
    charged: dict[str, Usage] = {}
    accepted = []
    for charge in charges:
        try:
            judge(charge.request, charge.wanted, quotas, charged)
        except StatusError as error:
            _end([charge], error)
        else:
            accepted.append(charge)
    by_name = {quota["metadata"]["name"]: quota for quota in quotas}
    return accepted, [(by_name[name], used) for name, used in charged.items()]
