"""kubectl create secret generic: a Secret from files, literals and env files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.contents import gather
from kajitori.kubectl.generate.secrets import secret
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "secrets", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class GenericOptions(CreateOptions):
    append_hash: bool = flag(False, "Append a hash of the secret to its name.")

    from_env_file: tuple[str, ...] = flag((), "A file with lines of key=val pairs that become the entries.")
    from_file: tuple[str, ...] = flag(
        (), "A file (its base name is the key), key=file, or a folder whose files become entries.", split=False
    )
    from_literal: tuple[str, ...] = flag((), "A key and its value (i.e. mykey=somevalue)", split=False)
    type: str = flag("", "The type of secret to create")


async def run(opts: GenericOptions, ctx: Context) -> None:
    name = only_name(opts, "create secret generic")
    found = gather("Secret", name, files=opts.from_file, literals=opts.from_literal, env_files=opts.from_env_file)
    obj = secret(name, opts.type, found, append_hash=opts.append_hash)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create secret generic",
    short="Create a secret from a local file, directory, or literal value",
    long="Create a secret based on a file, directory, or specified literal value.",
    examples="""# All files of the folder bar
kubectl create secret generic my-secret --from-file=path/to/bar

# Literals
kubectl create secret generic my-secret --from-literal=key1=supersecret --from-literal=key2=topsecret""",
    usage=(
        "create secret generic NAME [--type=string] [--from-file=[key=]source] "
        "[--from-literal=key1=value1] [--dry-run=server|client|none] [options]"
    ),
    options=GenericOptions,
    run=run,
)
