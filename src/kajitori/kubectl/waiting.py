"""Waits for objects to go away. Each is watched by name; nothing is polled.

May import: client, kubectl.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


async def until_gone(ctx: Context, deleted: Sequence[tuple[Info, str]], *, timeout_s: float) -> None:
    """Returns when none of the objects (name and UID) exists any more. Raises UsageError after the timeout."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    for info, uid in deleted:
        try:
            async with asyncio.timeout_at(deadline):
                await one_gone(ctx, info, uid)
        except TimeoutError:
            raise UsageError(timed_out(info)) from None


def timed_out(info: Info) -> str:
    return f"error: timed out waiting for the condition on {info.resource.plural}/{info.name}"


async def one_gone(ctx: Context, info: Info, uid: str) -> None:
    """Returns when the object is gone, or another one has its name."""
    client, fields = ctx.client(), f"metadata.name={info.name}"
    namespace = info.namespace or None
    while True:
        found = await client.list(info.resource, namespace, field_selector=fields)
        items = [item for item in found.items if not uid or item["metadata"].get("uid") == uid]
        if not items:
            return
        try:
            async for event in client.watch(
                info.resource, namespace, resource_version=found.resource_version, field_selector=fields
            ):
                if event.type == "DELETED":
                    return
        except StatusError as error:
            if error.code != 410:  # the watch was too old: look again
                raise


async def until_met(
    ctx: Context, info: Info, holds: Callable[[dict[str, Any]], bool], *, timeout_s: float, late: str = ""
) -> None:
    """Returns when the object meets a condition; `info` then holds that version of it.

    Raises UsageError when time is up, with the text `late` where one is given.
    """
    if holds(info.object):
        return
    try:
        async with asyncio.timeout(timeout_s):
            async for obj in versions(ctx, info):
                if holds(obj):
                    info.adopt(obj)
                    return
    except TimeoutError:
        raise UsageError(late or timed_out(info)) from None


async def until_created(ctx: Context, info: Info, *, timeout_s: float) -> None:
    """Returns when there is such an object."""
    try:
        async with asyncio.timeout(timeout_s):
            async for obj in versions(ctx, info):
                info.adopt(obj)
                return
    except TimeoutError:
        raise UsageError("error: timed out waiting for the condition") from None


async def versions(ctx: Context, info: Info) -> AsyncIterator[dict[str, Any]]:
    """The object as it is, and every later version, for ever."""
    client, fields, namespace = ctx.client(), f"metadata.name={info.name}", info.namespace or None
    while True:
        found = await client.list(info.resource, namespace, field_selector=fields)
        kind = {"apiVersion": info.resource.api_version, "kind": info.resource.kind}
        for item in found.items:
            yield kind | item
        try:
            async for event in client.watch(
                info.resource, namespace, resource_version=found.resource_version, field_selector=fields
            ):
                if event.type in ("ADDED", "MODIFIED"):
                    yield event.object
        except StatusError as error:
            if error.code != 410:
                raise
