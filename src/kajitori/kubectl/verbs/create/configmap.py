"""kubectl create configmap: a ConfigMap from files, literals and env files."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.contents import gather, name_hash
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "configmaps", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class ConfigmapOptions(CreateOptions):
    append_hash: bool = flag(False, "Append a hash of the configmap to its name.")
    from_env_file: tuple[str, ...] = flag((), "A file with lines of key=val pairs that become the entries.")
    from_file: tuple[str, ...] = flag(
        (), "A file (its base name is the key), key=file, or a folder whose files become entries.", split=False
    )
    from_literal: tuple[str, ...] = flag((), "A key and its value (i.e. mykey=somevalue)", split=False)


def split(found: dict[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Texts, and what is no UTF-8 in base64."""
    texts, binaries = {}, {}
    for key, value in found.items():
        try:
            texts[key] = value.decode()
        except UnicodeDecodeError:
            binaries[key] = base64.b64encode(value).decode()
    return texts, binaries


async def run(opts: ConfigmapOptions, ctx: Context) -> None:
    name = only_name(opts, "create configmap")
    found = gather("ConfigMap", name, files=opts.from_file, literals=opts.from_literal, env_files=opts.from_env_file)
    obj: dict[str, Any] = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}}
    texts, binaries = split(found)
    if texts:
        obj["data"] = texts
    if binaries:
        obj["binaryData"] = binaries
    if opts.append_hash:
        content = {"kind": "ConfigMap", "name": name, "data": texts or None}
        obj["metadata"]["name"] = f"{name}-{name_hash(content | ({'binaryData': binaries} if binaries else {}))}"
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create configmap",
    short="Create a config map from a local file, directory or literal value",
    long="Create a config map based on a file, directory, or specified literal value.",
    examples="""# All files of the folder bar
kubectl create configmap my-config --from-file=path/to/bar

# Keys of one's own
kubectl create configmap my-config --from-file=key1=/path/to/bar/file1.txt --from-file=key2=/path/to/bar/file2.txt

# Literals
kubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2

# An env file
kubectl create configmap my-config --from-env-file=path/to/foo.env""",
    usage=(
        "create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] "
        "[--dry-run=server|client|none] [options]"
    ),
    options=ConfigmapOptions,
    run=run,
    aliases=("cm",),
)
