"""Environment of containers: plain values, and where the others come from.

May import: kubectl.describers, machinery.
"""

from __future__ import annotations

from collections.abc import Callable

from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, dig, lower
from kajitori.machinery.quantity import Quantity, QuantityError

Resolver = Callable[[str], str]
_KNOWN = ("metadata.name", "metadata.namespace")
_BYTES = ("memory", "ephemeral-storage")


def resolver_of(pod: Wire) -> Resolver:
    """Field path → the pod's value. Like upstream's client it knows the name and the namespace only."""

    def resolve(path: str) -> str:
        return str(dig(pod, *path.split("."), default="")) if path in _KNOWN else ""

    return resolve


def write_environment(page: Page, container: Wire, resolve: Resolver | None) -> None:
    """`resolve` gives the values of fields; without one they are told by where they come from."""
    sources = container.get("envFrom") or []
    if sources:
        page.row(2, "Environment Variables from:")
        for source in sources:
            _source(page, source)
    variables = container.get("env") or []
    page.row(2, "Environment:" + ("" if variables else "\t<none>"))
    for variable in variables:
        _variable(page, container, variable, resolve)


def _source(page: Page, source: Wire) -> None:
    kind, reference = "", {}
    if source.get("configMapRef") is not None:
        kind, reference = "ConfigMap", source["configMapRef"]
    elif source.get("secretRef") is not None:
        kind, reference = "Secret", source["secretRef"]
    prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
    page.row(3, reference.get("name", ""), kind + prefix, f"Optional: {lower(reference.get('optional'))}")


def _variable(page: Page, container: Wire, variable: Wire, resolve: Resolver | None) -> None:
    name, source = variable.get("name", ""), variable.get("valueFrom")
    if source is None:
        for position, line in enumerate((variable.get("value") or "").split("\n")):
            page.row(3, "" if position else f"{name}:", line)
    elif source.get("fieldRef") is not None:
        path = source["fieldRef"].get("fieldPath", "")
        value = resolve(path) if resolve else ""
        page.row(3, f"{name}:", f"{value} ({source['fieldRef'].get('apiVersion', '')}:{path})")
    elif source.get("resourceFieldRef") is not None:
        resource = source["resourceFieldRef"].get("resource", "")
        value = resource_value(source["resourceFieldRef"], container)
        if value == "0" and resource in ("limits.cpu", "limits.memory"):
            value = "node allocatable"
        page.row(3, f"{name}:", f"{value} ({resource})")
    elif source.get("secretKeyRef") is not None:
        _key(page, name, "in secret", source["secretKeyRef"])
    elif source.get("configMapKeyRef") is not None:
        _key(page, name, "of config map", source["configMapKeyRef"])


def _key(page: Page, name: str, where: str, reference: Wire) -> None:
    text = f"<set to the key '{reference.get('key', '')}' {where} '{reference.get('name', '')}'>"
    page.row(3, f"{name}:", text, f"Optional: {lower(reference.get('optional'))}")


def resource_value(reference: Wire, container: Wire) -> str:
    """``limits.cpu`` of a container in units of the divisor, rounded up."""
    which, _, resource = reference.get("resource", "").partition(".")
    if which not in ("limits", "requests"):
        return ""
    try:
        divisor = Quantity.parse(reference.get("divisor") or "1")
        found = Quantity.parse(dig(container, "resources", which, resource, default="0"))
    except QuantityError:
        return ""
    nanos = divisor.nanos or Quantity.parse("1").nanos
    if resource in _BYTES or resource.startswith("hugepages-"):
        unit = Quantity(nanos).value()
        return str(-(-found.value() // unit))
    milli = Quantity(nanos).milli_value()
    return str(-(-found.milli_value() // milli))
