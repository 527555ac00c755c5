"""What the subresource `ephemeralcontainers` may do to a Pod: add, and nothing else. Pure; texts are upstream's.

May import: api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable

from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_validation
from kajitori.api.core.pod_annotations import MIRROR
from kajitori.machinery.fieldpath import Path, forbidden
from kajitori.machinery.gotext import quote
from kajitori.machinery.specdiff import difference

AT = Path("spec", "ephemeralContainers")


def ephemeral_errors(pod: Object, before: Iterable[Object]) -> Errors:
    """What is wrong with a Pod that had the ephemeral containers `before`."""
    if MIRROR in ((pod.get("metadata") or {}).get("annotations") or {}):
        return [forbidden(Path(""), "static pods do not support ephemeral containers")]
    errors = pod_validation.pod_itself(pod)
    by_name = {one.get("name"): one for one in pod["spec"].get("ephemeralContainers") or ()}
    for old in before:
        new, name = by_name.get(old.get("name")), quote(old.get("name") or "")
        if new is None:
            errors.append(forbidden(AT, f"existing ephemeral containers {name} may not be removed\n"))
        elif new != old:
            shown = difference("core.EphemeralContainer", old, new)
            errors.append(forbidden(AT, f"existing ephemeral containers {name} may not be changed\n{shown}"))
    return errors
