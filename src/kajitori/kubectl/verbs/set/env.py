"""kubectl set env: environment variables of pod templates. May import: kubectl."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.podspecs import SetOptions, change, chosen, pod_spec
from kajitori.kubectl.resources.builder import has_files

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SetEnvOptions(SetOptions):
    containers: str = flag(
        "*", "The names of containers in the selected pod templates to change; may use wildcards", short="c"
    )
    env: tuple[str, ...] = flag((), "Specify a key-value pair for an environment variable.", short="e", split=False)
    from_: str = flag("", "The name of a resource from which to inject environment variables", name="from")
    keys: tuple[str, ...] = flag((), "Comma-separated list of keys to import from specified resource")
    list_: bool = flag(False, "Display the environment instead of changing it", name="list")
    overwrite: bool = flag(True, "Allow variables to be overwritten.")
    prefix: str = flag("", "Prefix to append to variable names")
    resolve: bool = flag(False, "With --list, show what secrets and config maps hold.")


async def run(opts: SetEnvOptions, ctx: Context) -> None:
    changes = [word for word in opts.args if "=" in word or (word.endswith("-") and len(word) > 1)]
    targets = tuple(word for word in opts.args if word not in changes)
    changes += opts.env
    if not targets and not has_files(opts):
        raise UsageError("error: one or more resources must be specified as <resource> <name> or <resource>/<name>")
    values = [{"name": name, "value": value} for name, _, value in (w.partition("=") for w in changes if "=" in w)]
    removals = [word[:-1] for word in changes if "=" not in word]
    if opts.from_:
        values += await _imported(opts, ctx)
    found = await chosen(opts, ctx, targets)
    if opts.list_:
        found.raise_errors()
        for info in found.infos:
            _list(opts, ctx, info.object)
        return
    await change(opts, ctx, found, lambda obj: put_env(obj, opts.containers, values, removals), "env updated")


async def _imported(opts: SetEnvOptions, ctx: Context) -> list[Wire]:
    """References to the keys of a config map or secret."""
    kind, slash, name = opts.from_.partition("/")
    types = {"configmap": "configMapKeyRef", "cm": "configMapKeyRef", "secret": "secretKeyRef"}
    word = kind.removesuffix("s")
    if not slash or word not in types:
        raise UsageError(f"error: unsupported resource specified in --from: {opts.from_}")
    plural = "secrets" if word == "secret" else "configmaps"
    source = await ctx.client().get(ResourcePath("v1", plural, namespaced=True), name, ctx.namespace)
    keys = [key for key in sorted(source.get("data") or {}) if not opts.keys or key in opts.keys]
    return [
        {"name": opts.prefix + variable(key), "valueFrom": {types[word]: {"name": name, "key": key}}} for key in keys
    ]


def variable(key: str) -> str:
    """A key as the name of a variable."""
    return re.sub(r"[^A-Za-z0-9_]", "_", key).upper()


def put_env(obj: Wire, containers: str, values: list[Wire], removals: list[str]) -> None:
    """Sets and removes variables in the containers whose names match. Raises UsageError where none does."""
    picked = _picked(obj, containers)
    if not picked:
        raise UsageError(
            f"error: {obj.get('kind', '').lower()}s/{obj['metadata']['name']} does not have any "
            f'containers matching "{containers}"'
        )
    for container in picked:
        env: list[Wire] = [dict(one) for one in container.get("env") or () if one["name"] not in removals]
        for value in values:
            places = [position for position, one in enumerate(env) if one["name"] == value["name"]]
            if places:
                env[places[0]] = dict(value)
            else:
                env.append(dict(value))
        if env:
            container["env"] = env
        else:
            container.pop("env", None)


def _picked(obj: Wire, pattern: str) -> list[Wire]:
    from fnmatch import fnmatchcase

    spec = pod_spec(obj)
    everything = (*(spec.get("initContainers") or ()), *(spec.get("containers") or ()))
    return [one for one in everything if fnmatchcase(one["name"], pattern)]


def _list(opts: SetEnvOptions, ctx: Context, obj: Wire) -> None:
    for container in _picked(obj, opts.containers):
        ctx.streams.print(f"# {obj['kind']} {obj['metadata']['name']}, container {container['name']}")
        for one in container.get("env") or ():
            if "valueFrom" not in one:
                ctx.streams.print(f"{one['name']}={one.get('value', '')}")
                continue
            ctx.streams.print(f"# {one['name']} from {_origin(one['valueFrom'])}")


def _origin(source: Wire) -> str:
    if "configMapKeyRef" in source:
        return f"configmap {source['configMapKeyRef']['name']}, key {source['configMapKeyRef']['key']}"
    if "secretKeyRef" in source:
        return f"secret {source['secretKeyRef']['name']}, key {source['secretKeyRef']['key']}"
    if "fieldRef" in source:
        return f"field path {source['fieldRef']['fieldPath']}"
    return "a resource field"


COMMAND = Command(
    name="set env",
    short="Update environment variables on a pod template",
    long="""Update environment variables on a pod template.

 List environment variable definitions in one or more pods or pod templates, add, update, or remove them. NAME- removes
a variable.""",
    examples="""# Set a variable
kubectl set env deployment/registry STORAGE_DIR=/local

# List
kubectl set env deployment/sample-build --list

# Import from a secret
kubectl set env --from=secret/mysecret deployment/myapp

# Remove
kubectl set env deployments --all ENV-""",
    usage="set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]",
    options=SetEnvOptions,
    run=run,
)
