"""Which kinds the rules of a policy name, and the types of those that are not built in: the server publishes them.

CEL is loaded when somebody asks for a type. May import: client, api, cel, machinery; never another controller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from kajitori.api import naming
from kajitori.client.discovery import Discovered, Discovery
from kajitori.client.rest import Client
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.cel.types import Type

MAX_KINDS = 10
Kind = tuple[str, str, str]
Rules = Iterable[Mapping[str, Any]]


async def kinds_of_rules(rules: Rules, discovery: Discovery) -> list[Kind]:
    """What the rules name; the server is asked again for what nobody has heard of yet."""
    rules = list(rules)
    named = {(group, version, plural) for rule in rules for group, version, plural in _named(rule)}
    found = await discovery.load()
    if not named <= {(r.group, r.version, r.plural) for r in found.resources}:
        found = await discovery.refresh()
    return kinds_of(rules, found)


def kinds_of(rules: Rules, found: Discovered) -> list[Kind]:
    """The kinds that rules name one by one; who says "*" is not checked."""
    known = {(r.group, r.version, r.plural): r.kind for r in found.resources}
    kinds: set[Kind] = set()
    for rule in rules:
        for group, version, plural in _named(rule):
            kind = known.get((group, version, plural))
            if kind is not None:
                kinds.add((group, version, kind))
    return sorted(kinds)[:MAX_KINDS]


def _named(rule: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    for group in _plain(rule.get("apiGroups")):
        for version in _plain(rule.get("apiVersions")):
            for plural in _plain(rule.get("resources")):
                yield group, version, plural


def _plain(values: Iterable[str] | None) -> list[str]:
    given = list(values or ())
    return [] if "*" in given else [value for value in given if "*" not in value and "/" not in value]


async def published_types(client: Client, kinds: Iterable[Kind]) -> dict[Kind, Type]:
    """The types of custom resources among these kinds."""
    from kajitori.api.admissionregistration.typecheck import published_type

    found: dict[Kind, Type] = {}
    for kind in kinds:
        group, version, _ = kind
        if naming.is_builtin_group(group):
            continue
        try:
            document = orjson.loads((await client.raw("GET", f"/openapi/v3/apis/{group}/{version}")).body)
        except StatusError:
            continue  # it has gone, or is another server's, which may not say
        made = published_type(document, kind)
        if made is not None:
            found[kind] = made
    return found
