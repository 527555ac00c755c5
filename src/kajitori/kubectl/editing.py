"""Objects in the user's editor: the file with its header, what came back, and what to do when it does not fit.

May import: kubectl.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
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
LAST_APPLIED_HEADER = """\
# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
"""


@dataclass(frozen=True)
class Reason:
    """Why the file is shown again; `head` is a sentence, `causes` are its details."""

    head: str
    causes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.head}:", *(f"* {cause}" for cause in self.causes)] if self.causes else [self.head]
        return "".join(f"# {line}\n" for text in lines for line in text.splitlines()) + "#\n"


def body_of(objects: Sequence[Wire], output: str = "yaml") -> str:
    """The objects as the editor shows them; several are a List."""
    from kajitori.kubectl.printers import jsontext, yamltext

    many = {"apiVersion": "v1", "items": list(objects), "kind": "List", "metadata": {}}
    whole = objects[0] if len(objects) == 1 else many
    return jsontext.dumps(whole) + "\n" if output == "json" else yamltext.dumps(whole)


def header(reasons: Sequence[Reason] = ()) -> str:
    """The comment above the text: how to edit, and why the last try was refused."""
    return HEADER + "".join(str(reason) for reason in reasons)


def launched(text: str, *, suffix: str = ".yaml", windows_line_endings: bool = False) -> tuple[str, Path]:
    """What the user made of a text with the editor that KUBE_EDITOR or EDITOR names, and the file, which is kept."""
    editor = os.environ.get("KUBE_EDITOR") or os.environ.get("EDITOR") or "vi"
    handle, name = tempfile.mkstemp(prefix="kubectl-edit-", suffix=suffix)
    os.close(handle)
    file = Path(name)
    file.write_text(text.replace("\n", "\r\n") if windows_line_endings else text, newline="")
    if subprocess.call(["/bin/sh", "-c", f'{editor} "$0"', name]):
        file.unlink(missing_ok=True)
        raise UsageError(f'error: there was a problem with the editor "{editor}"')
    return file.read_text(), file


def discard(file: Path | None) -> None:
    """Removes the user's copy, if there is one."""
    if file is not None:
        file.unlink(missing_ok=True)


def without_comments(text: str) -> str:
    """Without the lines that begin with `#`; those further in belong to the text."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def objects_in(text: str) -> list[Wire]:
    """The objects of an edited text; none if only comments are left. Raises UsageError for what is no YAML."""
    from kajitori.kubectl.manifests.documents import parse

    body = without_comments(text).strip()
    return [document.object for document in parse(body.encode() + b"\n", "edited-file")] if body else []


async def edit_before_create(infos: Sequence[Info], *, windows_line_endings: bool) -> list[Info]:
    """``create --edit``."""
    text = header() + body_of([info.object for info in infos])
    came_back, file = launched(text, windows_line_endings=windows_line_endings)
    discard(file)
    made = objects_in(came_back)
    if len(made) != len(infos):
        raise UsageError(
            "error: Edit cancelled, no objects found" if not made else "error: the number of objects changed"
        )
    return [
        Info(info.resource, info.namespace, obj.get("metadata", {}).get("name") or info.name, obj, info.source)
        for info, obj in zip(infos, made, strict=True)
    ]
