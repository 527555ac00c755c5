"""Objects in the user's editor: the file with its header, what came back, and what to do when it does not fit.

May import: kubectl.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.infos import Info

if TYPE_CHECKING:
    from collections.abc import Sequence

Wire = dict[str, Any]
HEADER = """\
# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
"""


def text_of(objects: Sequence[Wire], output: str = "yaml", *, reasons: Sequence[str] = ()) -> str:
    """What the editor shows."""
    from kajitori.kubectl.printers import jsontext, yamltext

    whole = (
        objects[0]
        if len(objects) == 1
        else {"apiVersion": "v1", "items": list(objects), "kind": "List", "metadata": {}}
    )
    body = jsontext.dumps(whole) + "\n" if output == "json" else yamltext.dumps(whole)
    return HEADER + "".join(f"# {line}\n" for line in reasons) + ("#\n" if reasons else "") + body


def edited(text: str, *, suffix: str = ".yaml", windows_line_endings: bool = False) -> str:
    """What the user made of a text, with the editor that KUBE_EDITOR or EDITOR names."""
    editor = os.environ.get("KUBE_EDITOR") or os.environ.get("EDITOR") or "vi"
    handle, name = tempfile.mkstemp(prefix="kubectl-edit-", suffix=suffix)
    file = Path(name)
    try:
        os.close(handle)
        file.write_text(text.replace("\n", "\r\n") if windows_line_endings else text, newline="")
        code = subprocess.call(["/bin/sh", "-c", f'{editor} "$0"', name])
        if code:
            raise UsageError(f'error: there was a problem with the editor "{editor}"')
        return file.read_text()
    finally:
        file.unlink(missing_ok=True)


def objects_in(text: str) -> list[Wire]:
    """The objects of an edited text; none if only comments are left. Raises UsageError for what is no YAML."""
    from kajitori.kubectl.manifests.documents import parse

    lines = [line for line in text.splitlines() if not line.startswith("#")]
    body = "\n".join(lines).strip()
    return [document.object for document in parse(body.encode() + b"\n", "edited file")] if body else []


async def edit_before_create(infos: Sequence[Info], *, windows_line_endings: bool) -> list[Info]:
    """``create --edit``."""
    text = text_of([info.object for info in infos])
    made = objects_in(edited(text, windows_line_endings=windows_line_endings))
    if len(made) != len(infos):
        raise UsageError(
            "error: Edit cancelled, no objects found" if not made else "error: the number of objects changed"
        )
    return [
        Info(info.resource, info.namespace, obj.get("metadata", {}).get("name") or info.name, obj, info.source)
        for info, obj in zip(infos, made, strict=True)
    ]
