"""Waits for objects to go away. Each is watched by name; nothing is polled.

May import: client, kubectl.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
    return f"error: timed out waiting for the condition on {info.resource.group_resource}/{info.name}"


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
