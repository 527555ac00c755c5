"""Follows FlowSchemas and PriorityLevelConfigurations.

It keeps the server's own as they should be, takes all of them over, tells each schema whether its level exists, and
divides the seats anew every ten seconds.

May import: flowcontrol.*, api.flowcontrol, cache, deps, aiokit, machinery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from kajitori.aiokit.govalues import parse_bool
from kajitori.aiokit.logs import get_logger
from kajitori.api.flowcontrol import standard
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.events import Change
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.flowcontrol.control import FlowControl, usable
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError
from kajitori.machinery.times import format_time

Object = dict[str, Any]
GROUP = "flowcontrol.apiserver.k8s.io"
SCHEMAS, LEVELS = "flowschemas", "prioritylevelconfigurations"
ADJUST_S = 10.0
RETRY_S = 5.0
log = get_logger("flowcontrol")
_STANDARD = {
    LEVELS: (standard.MANDATORY_LEVELS, standard.SUGGESTED_LEVELS),
    SCHEMAS: (standard.MANDATORY_SCHEMAS, standard.SUGGESTED_SCHEMAS),
}


def flow_objects() -> Iterator[tuple[str, str, Object]]:
    """Every object of the server's own: group, plural, object."""
    for plural, parts in _STANDARD.items():
        for part in parts:
            yield from ((GROUP, plural, obj) for obj in part)


class FlowController:
    """`run()` until cancelled. `start()` before it: the stored configuration counts from the first request on."""

    def __init__(self, deps: ServerDeps, cacher: Cacher, control: FlowControl) -> None:
        self._deps = deps
        self._cacher = cacher
        self._control = control
        self._changed = asyncio.Event()
        control.on_idle = self._changed.set

    def start(self) -> None:
        """Take over what is stored, and hear of changes."""
        for plural in (SCHEMAS, LEVELS):
            resource = self._deps.scheme.by_plural(GROUP, "v1", plural)
            if resource is not None:
                self._cacher.partition(resource).listeners.append(self._hear)
        self._digest()
        self._changed.set()

    def _hear(self, change: Change) -> None:
        self._changed.set()

    def _list(self, plural: str) -> list[Object]:
        return list(self._deps.reader.list(GROUP, plural))

    def _digest(self) -> None:
        self._control.digest(self._list(LEVELS), self._list(SCHEMAS))

    async def run(self) -> None:
        """One round for each change, or for many that came together."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._adjust(), name="flowcontrol-adjust")
            while True:
                await self._changed.wait()
                self._changed.clear()
                try:
                    await self.reconcile()
                except* StatusError as errors:
                    log.error("the configuration of priority and fairness could not be kept", errors.exceptions[0])
                    self._deps.clock.call_later(RETRY_S, self._changed.set)

    async def _adjust(self) -> None:
        while True:
            await self._deps.clock.sleep(ADJUST_S)
            self._control.adjust()

    async def reconcile(self) -> None:
        """The server's own objects, what is in force, and what schemas say of it. Raises a group of StatusErrors.

        What is written is written side by side: the store puts it into few transactions.
        """
        for plural in (LEVELS, SCHEMAS):
            await self._keep(plural)
        self._digest()
        levels = {obj["metadata"]["name"] for obj in self._list(LEVELS) if usable(obj)}
        async with asyncio.TaskGroup() as tasks:
            for schema in self._list(SCHEMAS):
                tasks.create_task(self._tell(schema, levels), name="flowschema-status")

    async def _keep(self, plural: str) -> None:
        mandatory, suggested = _STANDARD[plural]
        stored = {obj["metadata"]["name"]: obj for obj in self._list(plural)}
        writer = self._deps.writer
        known = {obj["metadata"]["name"] for obj in (*mandatory, *suggested)}
        async with asyncio.TaskGroup() as tasks:
            for wanted in (*mandatory, *suggested):
                existing = stored.get(wanted["metadata"]["name"])
                if existing is None:
                    tasks.create_task(_unless(AlreadyExists, writer.create(GROUP, plural, wanted)))
                elif (updated := kept(existing, wanted, mandatory=wanted in mandatory)) is not None:
                    tasks.create_task(_unless(NotFound, writer.update(GROUP, plural, updated)))
            for name in [name for name, obj in stored.items() if name not in known and _autoupdated(obj)]:
                tasks.create_task(_unless(NotFound, writer.delete(GROUP, plural, "", name)))

    async def _tell(self, schema: Object, levels: set[str]) -> None:
        """The condition Dangling."""
        wanted = dangling(schema, levels)
        if not _differs(schema, wanted):
            return
        now = format_time(self._deps.clock.now())

        def change(obj: Object) -> None:
            status = obj["status"] = obj.get("status") or {}
            others = [one for one in status.get("conditions") or () if one.get("type") != "Dangling"]
            status["conditions"] = [*others, {**wanted, "lastTransitionTime": now}]

        update = self._deps.writer.guaranteed_update(
            GROUP, SCHEMAS, "", schema["metadata"]["name"], change, subresource="status"
        )
        await _unless(NotFound, update)


async def _unless(harmless: type[StatusError], writing: Any) -> None:
    """What another server, or the user, was faster with is done."""
    try:
        await writing
    except harmless:
        return


def dangling(schema: Object, levels: set[str]) -> Object:
    """Whether a schema's level is missing, as a condition."""
    name = ((schema.get("spec") or {}).get("priorityLevelConfiguration") or {}).get("name") or ""
    found = name in levels
    end = "it exists" if found else "there is no such object"
    joint = "and" if found else "but"
    return {
        "type": "Dangling",
        "status": "False" if found else "True",
        "reason": "Found" if found else "NotFound",
        "message": f'This FlowSchema references the PriorityLevelConfiguration object named "{name}" {joint} {end}',
    }


def _differs(schema: Object, wanted: Object) -> bool:
    conditions = (schema.get("status") or {}).get("conditions") or ()
    current: Object = next((one for one in conditions if one.get("type") == "Dangling"), {})
    return any(current.get(field) != value for field, value in wanted.items())


def _autoupdated(obj: Object) -> bool | None:
    """What the annotation says; None when it is absent, or says neither."""
    try:
        return parse_bool((obj["metadata"].get("annotations") or {}).get(standard.AUTOUPDATE) or "")
    except ValueError:
        return None


def kept(existing: Object, wanted: Object, *, mandatory: bool) -> Object | None:
    """An object of the server's own as it should be; None when it may stay as it is.

    Its user's say is the annotation: "true", the server keeps the spec; "false", the user does. Without it the server
    does as long as nobody has changed the spec. What is mandatory is the server's; but for the numbers of `exempt`.
    """
    said = _autoupdated(existing)
    if mandatory:
        own = True
    elif said is not None:
        own = said
    else:
        own = existing["metadata"].get("generation") in (None, 1)
    same = not own or standard.same_spec(existing, wanted)
    if said is own and same:
        return None
    metadata = existing["metadata"]
    annotations = {**(metadata.get("annotations") or {}), standard.AUTOUPDATE: "true" if own else "false"}
    spec = existing["spec"] if same else wanted["spec"]
    return {**existing, "metadata": {**metadata, "annotations": annotations}, "spec": spec}
