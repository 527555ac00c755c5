"""How a refusal reads. Pure. May import: attributes, machinery.errors."""

from __future__ import annotations

from kajitori.apiserver.attributes import Attributes
from kajitori.machinery.errors import Forbidden
from kajitori.machinery.gotext import quote

_NO_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def forbidden(a: Attributes, reason: str = "") -> Forbidden:
    """The 403 for a refused request, with upstream's message and details."""
    why = refusal(a).translate(_NO_HTML)
    if reason:
        why = f"{why}: {reason}"
    return Forbidden.of(a.group, a.resource, a.name, why)


def refusal(a: Attributes) -> str:
    """`User "x" cannot list resource "pods" in API group "" in the namespace "default"`."""
    user = quote(a.user.name)
    if not a.is_resource_request:
        return f"User {user} cannot {a.verb} path {quote(a.path)}"
    resource = f"{a.resource}/{a.subresource}" if a.subresource else a.resource
    where = f"in the namespace {quote(a.namespace)}" if a.namespace else "at the cluster scope"
    return f"User {user} cannot {a.verb} resource {quote(resource)} in API group {quote(a.group)} {where}"
