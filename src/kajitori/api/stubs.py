"""Writes the `.pyi` stubs of the type modules: names and types only. `python -m kajitori.api.stubs --update|--verify`.

May import: api.definitions, api.naming, api.structs.
"""

from __future__ import annotations

import argparse
import builtins
import re
import sys
from pathlib import Path

from kajitori.api import definitions, naming, structs
from kajitori.api.definitions import Node

_ROOT = Path(__file__).parent
_PREFIX = re.compile(r'lazy_types\(__name__, "([^"]+)"\)')
_HEADER = "# Written by `python -m kajitori.api.stubs --update`. Do not edit.\n"
_SCALAR_TEXT = {
    naming.META + "Time": "str",
    naming.META + "MicroTime": "str",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "str",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int | str",
}


def modules() -> dict[Path, str]:
    """Every lazy type module and the prefix of its definitions."""
    found = {}
    for path in sorted(_ROOT.glob("*/v*.py")):
        prefix = _PREFIX.search(path.read_text())
        if prefix:
            found[path] = prefix[1]
    return found


def stub(prefix: str) -> str:
    """The text of one module's stub."""
    imports: set[str] = set()
    names = sorted(name for name in definitions.names() if name.startswith(prefix))
    blocks = [_block(name, prefix, imports) for name in names]
    body = "\n".join(blocks)
    typing = [name for name in ("Any", "ClassVar") if re.search(rf"\b{name}\b", body)]
    lines = [f"from typing import {', '.join(typing)}\n"] if typing else []
    lines += ["\nimport msgspec\n", *(["\n"] if imports else []), *(f"import {name}\n" for name in sorted(imports))]
    return _HEADER + "".join(lines) + "\n" + body


def _block(name: str, prefix: str, imports: set[str]) -> str:
    short = name.removeprefix(prefix)
    if structs.is_scalar(name):
        return f"{short} = {_SCALAR_TEXT.get(name, 'Any')}\n"
    node = definitions.node(name)
    fields, parameters = [], []
    if len(node.kinds) == 1:
        fields += ["API_VERSION: ClassVar[str]", "KIND: ClassVar[str]"]
    type_ = structs.struct(name)
    for attribute, wire_name in zip(type_.__struct_fields__, type_.__struct_encode_fields__, strict=True):
        text = _annotation(node, wire_name, node.properties[wire_name], prefix, imports)
        fields.append(f"{attribute}: {text}")
        shadows = "  # noqa: A002" if hasattr(builtins, attribute) else ""
        parameters.append(f"{attribute}: {text} = ...,{shadows}")
    shadowed = {name for name in type_.__struct_fields__ if name in ("bool", "int", "str", "float")}
    if shadowed:  # inside the class these names mean the fields
        imports.add("builtins")
        types = re.compile(rf"(?<=[ \[])({'|'.join(shadowed)})\b(?!:)")
        fields, parameters = ([types.sub(r"builtins.\1", line) for line in lines] for lines in (fields, parameters))
    body = "".join(f"    {line}\n" for line in fields)
    if parameters:
        body += "    def __init__(\n        self,\n        *,\n"
        body += "".join(f"        {line}\n" for line in parameters) + "    ) -> None: ...\n"
    return f"class {short}(msgspec.Struct):\n{body or '    ...' + chr(10)}"


def _annotation(owner: Node, wire_name: str, node: Node, prefix: str, imports: set[str]) -> str:
    text = _type_text(node, prefix, imports)
    always = text.startswith(("list[", "dict[")) or text == "Any"
    if len(owner.kinds) == 1 and wire_name in ("apiVersion", "kind"):
        always = True
    if wire_name in structs.EMPTY_BY_DEFAULT and node.target and not structs.is_scalar(node.target):
        always = True
    return text if always else f"{text} | None"


def _type_text(node: Node, prefix: str, imports: set[str]) -> str:
    if node.target:
        if structs.is_scalar(node.target):
            return _SCALAR_TEXT.get(node.target, "Any")
        if node.target.startswith(prefix):
            return node.target.removeprefix(prefix)
        module = naming.module_name(node.target)
        imports.add(module)
        return f"{module}.{node.target.rpartition('.')[2]}"
    kind = node.plain_type
    if kind == "array":
        return f"list[{_type_text(node.items, prefix, imports) if node.items else 'Any'}]"
    if kind == "object":
        return f"dict[str, {_type_text(node.additional, prefix, imports) if node.additional else 'Any'}]"
    return {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}.get(kind, "Any")


def main(argv: list[str] | None = None) -> int:
    """0, or 1 if `--verify` finds a stub that is not what would be written."""
    parser = argparse.ArgumentParser(prog="python -m kajitori.api.stubs", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--update", action="store_true", help="write the stubs")
    choice.add_argument("--verify", action="store_true", help="fail if a stub is not what would be written")
    update: bool = parser.parse_args(argv).update
    stale = 0
    for path, prefix in modules().items():
        target, text = path.with_suffix(".pyi"), stub(prefix)
        if target.exists() and target.read_text() == text:
            continue
        if update:
            target.write_text(text)
        else:
            stale += 1
            sys.stderr.write(f"stale stub: {target.relative_to(_ROOT)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
