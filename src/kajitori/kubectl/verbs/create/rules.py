"""Which resources ``--resource`` means: ``pods``, ``deployments.apps``, ``pods/log``, ``*``. Asks discovery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kajitori.client.discovery import NoMatch
from kajitori.kubectl.flags import UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def resources(ctx: Context, words: Sequence[str]) -> list[tuple[str, str]]:
    """(group, plural or plural/subresource) of each word. Raises UsageError for a resource that the server lacks."""
    found = []
    for word in dict.fromkeys(words):
        name, slash, sub = word.partition("/")
        if name == "*":
            found.append(("*", word))
            continue
        try:
            resource = await ctx.discovery().resource(name)
        except NoMatch as error:
            raise UsageError(str(error)) from error
        found.append((resource.group, resource.plural + slash + sub))
    return found
