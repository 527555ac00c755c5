"""kubectl kustomize: prints what a kustomization builds. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class KustomizeOptions(Options):
    as_current_user: bool = flag(False, "Has no effect: functions in containers are not run.")
    enable_alpha_plugins: bool = flag(False, "Has no effect: plugins are not run.")
    enable_helm: bool = flag(False, "Has no effect: helm charts are not inflated.")
    env: tuple[str, ...] = flag((), "Has no effect: functions in containers are not run.", short="e")
    helm_api_versions: tuple[str, ...] = flag((), "Has no effect: helm charts are not inflated.")
    helm_command: str = flag("helm", "Has no effect: helm charts are not inflated.")
    helm_debug: bool = flag(False, "Has no effect: helm charts are not inflated.")
    helm_kube_version: str = flag("", "Has no effect: helm charts are not inflated.")
    load_restrictor: str = flag("LoadRestrictionsRootOnly", "Files outside the kustomization's root may be read.")
    mount: tuple[str, ...] = flag((), "Has no effect: functions in containers are not run.")
    network: bool = flag(False, "Has no effect: functions in containers are not run.")
    network_name: str = flag("bridge", "Has no effect: functions in containers are not run.")
    output: str = flag("", "If specified, write output to this path.", short="o")


async def run(opts: KustomizeOptions, ctx: Context) -> None:
    if len(opts.args) > 1:
        raise UsageError("error: specify one path to kustomization.yaml")
    text = rendered(Path(opts.args[0] if opts.args else "."))
    if opts.output:
        _write(Path(opts.output), text)
    else:
        ctx.streams.out.write(text)


def rendered(folder: Path) -> str:
    """The built objects as YAML documents; raises what `build` raises."""
    from kajitori.kubectl.manifests.kustomize import build
    from kajitori.kubectl.printers.yamltext import dumps

    return "---\n".join(dumps(obj) for obj in build(folder))


def _write(target: Path, text: str) -> None:
    (target / "kustomization-output.yaml" if target.is_dir() else target).write_text(text)


COMMAND = Command(
    name="kustomize",
    short="Build a kustomization target from a directory or URL",
    long="""Build a set of resources from a 'kustomization.yaml' file. DIR is a folder that holds one; the current
folder is meant when there is none.""",
    examples="# The current folder\nkubectl kustomize\n\n# Another one\nkubectl kustomize /home/config/production",
    usage="kustomize DIR [flags] [options]",
    options=KustomizeOptions,
    run=run,
)
