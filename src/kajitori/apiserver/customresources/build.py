"""From a CustomResourceDefinition to Resources, one for each served version.

May import: customresources.*, api.registration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api.registration import Resource, Subresource
from kajitori.api.rules import SCALE
from kajitori.apiserver.customresources import columns
from kajitori.apiserver.customresources.definition import (
    TERMINATING,
    is_true,
    served_versions,
    storage_version,
    uses_webhook,
    version_of,
)
from kajitori.apiserver.customresources.strategy import SingleStrategy, VersionedStrategy, selectable
from kajitori.apiserver.customresources.typeview import CustomSchema
from kajitori.apiserver.customresources.versions import Versions


def resources_of(crd: Mapping[str, Any], versions: Versions, converter: Any = None) -> list[Resource]:
    """The resources of the served versions, the preferred first."""
    return [_resource(crd, version, versions, converter) for version in served_versions(crd)]


def stored_resource(crd: Mapping[str, Any], versions: Versions, converter: Any = None) -> Resource:
    """The resource in the version in which it is stored."""
    return _resource(crd, version_of(crd, storage_version(crd)), versions, converter)


def _resource(crd: Mapping[str, Any], version: Mapping[str, Any], versions: Versions, converter: Any) -> Resource:
    spec, names = crd["spec"], (crd.get("status") or {}).get("acceptedNames") or crd["spec"]["names"]
    group, kind = spec["group"], names["kind"]
    schema = versions.schema(f"{group}/{version['name']}")
    strategy = _strategy(crd, version, schema, versions, converter)
    return Resource(
        group=group,
        version=version["name"],
        plural=names["plural"],
        singular=names.get("singular") or kind.lower(),
        kind=kind,
        list_kind=names.get("listKind") or f"{kind}List",
        namespaced=spec.get("scope") == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        schema=schema,
        subresources=_subresources(version),
        strategy=strategy,
        columns=columns.columns(version.get("additionalPrinterColumns") or ()),
        selectable_fields=selectable(version),
        storage_version=storage_version(crd),
        custom=True,
        tidy=strategy.tidy if type(strategy) is SingleStrategy else None,
        scale_paths=(version.get("subresources") or {}).get("scale"),
        converter=getattr(strategy, "converter", None),
        deprecation=_deprecation(group, version, kind),
    )


def _strategy(
    crd: Mapping[str, Any], version: Mapping[str, Any], schema: CustomSchema, versions: Versions, converter: Any
) -> SingleStrategy:
    """By how versions are converted: by a webhook, by renaming, or not at all where there is one."""
    terminating, stored = is_true(crd, TERMINATING), storage_version(crd)
    if uses_webhook(crd) and converter is not None:
        from kajitori.apiserver.customresources.webhookstrategy import WebhookStrategy

        return WebhookStrategy(schema, version, converter=converter, storage_version=stored, terminating=terminating)
    if len(crd["spec"].get("versions") or ()) > 1:
        return VersionedStrategy(schema, version, versions=versions, storage_version=stored, terminating=terminating)
    return SingleStrategy(schema, version, terminating=terminating)


def _subresources(version: Mapping[str, Any]) -> dict[str, Subresource]:
    wanted = version.get("subresources") or {}
    found: dict[str, Subresource] = {}
    if wanted.get("status") is not None:
        found["status"] = Subresource()
    if wanted.get("scale") is not None:
        found |= SCALE
    return found


def _deprecation(group: str, version: Mapping[str, Any], kind: str) -> str:
    if not version.get("deprecated"):
        return ""
    return version.get("deprecationWarning") or f"{group}/{version['name']} {kind} is deprecated"
