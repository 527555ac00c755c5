"""What `--custom` of ``kubectl debug`` puts over a debug container: a partial container in a file.

May import: machinery.{goyaml,patch}, api.schema (late), kubectl.flags.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kajitori.kubectl.flags import UsageError

Wire = dict[str, Any]
_NOT_CUSTOM = ("name", "command", "image", "lifecycle", "volumeDevices")


def custom_of(path: str) -> Wire:
    """The container that a `--custom` file holds. Raises UsageError for a file that is none, or that says too much."""
    from kajitori.machinery.goyaml import load

    try:
        text = Path(path).read_text()
    except OSError as error:
        why = f"open {path}: {(error.strerror or '').lower()}"
        raise UsageError(f"error: must pass a container spec json file for custom profile: {why}") from None
    try:
        custom = load(text)
    except ValueError as error:
        raise UsageError(f"error: {path} does not contain a valid container spec: {error}") from None
    if not isinstance(custom, dict):
        raise UsageError(f"error: {path} does not contain a valid container spec: it is no object")
    if any(custom.get(key) for key in _NOT_CUSTOM):
        raise UsageError(
            "error: name, command, image, lifecycle and volume devices are not modifiable via custom profile"
        )
    return custom


def customized(container: Wire, custom: Wire) -> Wire:
    """The container with a partial one, if any, put over it, lists merged by their keys. Raises UsageError."""
    if not custom:
        return container
    from kajitori.api import schema
    from kajitori.machinery.patch import PatchError, strategic

    pod = {"spec": {"containers": [container]}}
    patch = {"spec": {"containers": [custom | {"name": container["name"]}]}}
    try:
        made = strategic.apply(pod, patch, schema.for_kind("", "v1", "Pod"))
    except PatchError as error:
        raise UsageError(f"error: error creating three way patch to add debug container: {error}") from None
    result: Wire = made["spec"]["containers"][0]
    return result
