"""What each verb takes as arguments: types, names of one type, pods and what leads to pods, contexts.

May import: client, kubectl.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from kajitori.kubectl.completing.line import Answer, Directive, Line
from kajitori.kubectl.completing.values import SECTIONS, containers, names, types

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

ANY_TYPE: Final = frozenset(
    ("get", "describe", "delete", "edit", "patch", "label", "annotate", "debug", "wait", "explain")
)
ROLLED: Final = ("deployment", "daemonset", "statefulset")
SIZED: Final = ("deployment", "replicaset", "replicationcontroller", "statefulset")
TEMPLATED: Final = (
    *("daemonsets", "deployments", "pods", "cronjobs"),
    *("replicasets", "replicationcontrollers", "statefulsets"),
)
SOME_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "scale": SIZED,
    "autoscale": SIZED,
    "expose": ("pod", "service", "replicationcontroller", "deployment", "replicaset"),
    "rollout history": ROLLED,
    "rollout restart": ROLLED,
    "rollout status": ROLLED,
    "rollout undo": ROLLED,
    "rollout pause": ("deployment",),
    "rollout resume": ("deployment",),
    "taint": ("node",),
    **{f"set {what}": TEMPLATED for what in ("env", "image", "resources", "serviceaccount")},
}
ONE_TYPE: Final = {
    "cordon": "nodes",
    "uncordon": "nodes",
    "drain": "nodes",
    "top node": "nodes",
    "top pod": "pods",
    "create token": "serviceaccounts",
    "certificate approve": "certificatesigningrequests",
    "certificate deny": "certificatesigningrequests",
}
OF_PODS: Final = frozenset({"logs", "exec", "attach", "port-forward"})
LEADING_TO_PODS: Final = (
    *("daemonsets", "deployments", "pods", "jobs", "replicasets"),
    *("replicationcontrollers", "services", "statefulsets"),
)
CONFIG: Final = {
    "config use-context": "context",
    "config delete-context": "context",
    "config rename-context": "context",
    "config get-contexts": "context",
    "config set-context": "context",
    "config delete-cluster": "cluster",
    "config set-cluster": "cluster",
    "config delete-user": "user",
    "config set-credentials": "user",
}


async def of(line: Line, ctx: Context) -> Answer:
    """What the word that is being typed could be, where it is an argument."""
    assert line.command is not None
    verb = line.command.name
    if verb in CONFIG:
        known = ctx.kubeconfig().names(SECTIONS[CONFIG[verb]]) if not line.args else []
        return Answer.of(known, line.last)
    if verb == "completion" and not line.args:
        return Answer.of(("bash", "fish", "powershell", "zsh"), line.last)
    if verb in ONE_TYPE:
        return Answer.of(_others(await names(ctx, ONE_TYPE[verb]), line), line.last)
    if verb in OF_PODS:
        return await _pods(line, ctx)
    if verb == "cp":
        return await _copied(line, ctx)
    if verb in ANY_TYPE:
        return await _typed(line, ctx, await types(ctx))
    if verb in SOME_TYPES:
        return await _typed(line, ctx, list(SOME_TYPES[verb]))
    return Answer(directive=Directive.DEFAULT)


async def _typed(line: Line, ctx: Context, known: list[str]) -> Answer:
    """``TYPE``, ``TYPE,TYPE``, ``TYPE NAME…``, ``TYPE/NAME…``."""
    first = line.args[0] if line.args else line.last
    if "/" in line.last:
        kind = line.last.partition("/")[0]
        return Answer.of(_others([f"{kind}/{name}" for name in await names(ctx, kind)], line), line.last)
    if line.args and "/" not in first:
        if "," in first:
            return Answer()
        return Answer.of(_others(await names(ctx, first), line), line.last)
    if line.args:
        return Answer.of([f"{one}/" for one in known], line.last, Directive.NO_FILES | Directive.NO_SPACE)
    before, comma, _ = line.last.rpartition(",")
    return Answer.of([f"{before}{comma}{one}" for one in known], line.last)


async def _pods(line: Line, ctx: Context) -> Answer:
    if line.args:
        inside = line.command is not None and line.command.name == "logs" and len(line.args) == 1
        return Answer.of(await containers(ctx, line.args[0]) if inside else [], line.last)
    if "/" in line.last:
        kind = line.last.partition("/")[0]
        return Answer.of([f"{kind}/{name}" for name in await names(ctx, kind)], line.last)
    found = Answer.of([*await names(ctx, "pods"), *(f"{one}/" for one in LEADING_TO_PODS)], line.last)
    if found.candidates and all(word.endswith("/") for word, _ in found.candidates):
        found.directive |= Directive.NO_SPACE
    return found


async def _copied(line: Line, ctx: Context) -> Answer:
    """The first of the two places: ``POD:``, ``NAMESPACE/POD:`` or a file; the shell knows files by itself."""
    typed = line.last
    if line.args or typed.startswith((".", "/", "~")) or ":" in typed:
        return Answer.of([], typed, Directive.NO_SPACE)
    namespace, slash, _ = typed.partition("/")
    if slash:
        pods = await names(ctx, "pods", namespace)
        return Answer.of([f"{namespace}/{name}:" for name in pods], typed, Directive.NO_SPACE)
    places = [f"{name}/" for name in await names(ctx, "namespaces")]
    places += [f"{name}:" for name in await names(ctx, "pods")]
    if not typed:
        places += ["./", "/"]
    elif any(place.startswith(typed) for place in places):
        places += _files_here()
    return Answer.of(places, typed, Directive.NO_SPACE)


def _files_here() -> list[str]:
    return [f"{path.name}/" if path.is_dir() else path.name for path in sorted(Path().iterdir())]


def _others(known: list[str], line: Line) -> list[str]:
    """Those that are not named yet."""
    return [name for name in known if name not in line.args]
