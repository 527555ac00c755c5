"""kubectl version: of this kubectl and of the server. May import: kubectl."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

GIT_VERSION = "v1.34.5"
KUSTOMIZE = "v5.7.1"


@dataclass(frozen=True, kw_only=True)
class VersionOptions(Options):
    client: bool = flag(False, "If true, shows client version only (no server required).")
    output: str = flag("", "One of 'yaml' or 'json'.", short="o")

    def validate(self) -> None:
        if self.args:
            raise UsageError(f"error: extra arguments: [{' '.join(self.args)}]")
        if self.output not in ("", "yaml", "json"):
            raise UsageError("error: --output must be 'yaml' or 'json'")


def client_version() -> dict[str, str]:
    """What this kubectl is compatible with, in the shape of a version.Info."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return {
        "major": "1",
        "minor": "34",
        "gitVersion": GIT_VERSION,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": f"python{platform.python_version()}",
        "compiler": platform.python_implementation().lower(),
        "platform": f"linux/{machine}",
    }


async def run(opts: VersionOptions, ctx: Context) -> None:
    found: dict[str, Any] = {"clientVersion": client_version(), "kustomizeVersion": KUSTOMIZE}
    failure: Exception | None = None
    if not opts.client:
        import orjson

        ctx.config()  # a configuration that cannot be used is all there is to tell
        try:
            found["serverVersion"] = orjson.loads((await ctx.client().raw("GET", "/version")).body)
        except Exception as error:  # noqa: BLE001 (told after what is known is printed)
            failure = error
    _print(opts, ctx, found)
    if failure is not None:
        raise failure
    if not opts.client:
        skew = skew_warning(found["serverVersion"])
        if skew:
            ctx.streams.warn(skew)


def _print(opts: VersionOptions, ctx: Context, found: dict[str, Any]) -> None:
    if opts.output == "yaml":
        from kajitori.kubectl.printers.yamltext import dumps as yaml_dumps

        ctx.streams.print(yaml_dumps(found))  # upstream ends with an empty line
        return
    if opts.output == "json":
        from kajitori.kubectl.printers.jsontext import dumps

        ctx.streams.print(dumps(found, indent=2, sort_keys=False))
        return
    ctx.streams.print(f"Client Version: {found['clientVersion']['gitVersion']}")
    ctx.streams.print(f"Kustomize Version: {KUSTOMIZE}")
    if "serverVersion" in found:
        ctx.streams.print(f"Server Version: {found['serverVersion']['gitVersion']}")


def skew_warning(server: dict[str, Any]) -> str:
    """More than one minor version apart is not supported."""
    minor = "".join(letter for letter in str(server.get("minor", "")) if letter.isdigit())
    if server.get("major") == "1" and minor and abs(int(minor) - 34) <= 1:
        return ""
    return (
        f"WARNING: version difference between client (1.34) and server ({server.get('major')}.{minor}) exceeds the "
        "supported minor version skew of +/-1"
    )


COMMAND = Command(
    name="version",
    short="Print the client and server version information",
    long="Print the client and server version information for the current context.",
    examples="# Both versions\nkubectl version",
    usage="version [flags] [options]",
    options=VersionOptions,
    run=run,
)
