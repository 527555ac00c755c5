"""kubectl auth can-i: whether an action is allowed, or which ones are. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.discovery import NoMatch
from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.describers.access import compact, qualified
from kajitori.kubectl.describers.wire import words
from kajitori.kubectl.flags import Options, UsageError, flag
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.client.discovery import APIResource
    from kajitori.kubectl.context import Context

ACCESS = ResourcePath("authorization.k8s.io/v1", "selfsubjectaccessreviews", namespaced=False)
RULES = ResourcePath("authorization.k8s.io/v1", "selfsubjectrulesreviews", namespaced=False)
VERBS = frozenset(
    [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "use",
        "bind",
        "impersonate",
        "*",
        "approve",
        "sign",
        "escalate",
        "attest",
    ]
)
URL_VERBS = frozenset(["get", "put", "post", "head", "options", "delete", "patch", "*"])


@dataclass(frozen=True, kw_only=True)
class CanIOptions(Options):
    all_namespaces: bool = flag(False, "If true, check the specified action in all namespaces.", short="A")
    list_: bool = flag(False, "If true, prints all allowed actions.", name="list")
    no_headers: bool = flag(False, "If true, prints allowed actions without headers")
    quiet: bool = flag(False, "If true, suppress output and just return the exit code.", short="q")
    subresource: str = flag("", "SubResource such as pod/log or deployment/scale")

    def check(self) -> None:
        """Raises `UsageError` for words and flags that do not go together."""
        if self.list_:
            if self.args:
                raise UsageError("error: list option must be specified with no arguments")
            if self.quiet or self.all_namespaces or self.subresource:
                raise UsageError(
                    "error: list option can't be specified with neither quiet, all-namespaces nor subresource options"
                )
        elif len(self.args) != 2:
            raise UsageError(
                "error: you must specify two arguments: verb resource or verb resource/resourceName.\n"
                "See 'kubectl auth can-i -h' for help and examples."
            )


async def run(opts: CanIOptions, ctx: Context) -> int:
    opts.check()
    if opts.list_:
        await _list(opts, ctx)
        return 0
    verb, what = opts.args
    if what.startswith("/"):
        attributes = _url(opts, ctx, verb, what)
    else:
        attributes = await _resource(opts, ctx, verb, what)
    if opts.no_headers:
        raise UsageError("error: --no-headers cannot be set without --list specified")
    asked = {"apiVersion": ACCESS.api_version, "kind": "SelfSubjectAccessReview", "metadata": {}, "spec": attributes}
    status = (await ctx.client().create(ACCESS, asked)).get("status") or {}
    if not opts.quiet:
        ctx.streams.print(verdict(status))
    return 0 if status.get("allowed") else 1


def verdict(status: dict[str, Any]) -> str:
    """``yes``, or ``no`` with what the server says about it."""
    if status.get("allowed"):
        return "yes"
    return " - ".join(["no", *(status[key] for key in ("reason", "evaluationError") if status.get(key))])


def _url(opts: CanIOptions, ctx: Context, verb: str, path: str) -> dict[str, Any]:
    if opts.subresource:
        raise UsageError("error: --subresource can not be used with NonResourceURL")
    if verb not in URL_VERBS:
        _warn(ctx, f"verb '{verb}' is not a known verb\n")
    return {"nonResourceAttributes": {"path": path, "verb": verb}}


async def _resource(opts: CanIOptions, ctx: Context, verb: str, what: str) -> dict[str, Any]:
    kind, _, name = what.partition("/")
    resource = await _resolve(ctx, kind)
    if resource is not None and not opts.all_namespaces and not resource.namespaced:
        where = f" in group '{resource.group}'" if resource.group else ""
        _warn(ctx, f"resource '{resource.plural}' is not namespace scoped{where}\n")
    if verb not in VERBS:
        _warn(ctx, f"verb '{verb}' is not a known verb\n")
    attributes = {
        "namespace": "" if opts.all_namespaces else ctx.namespace,
        "verb": verb,
        "group": resource.group if resource else "",
        "resource": resource.plural if resource else kind,
        "subresource": opts.subresource,
        "name": name,
    }
    return {"resourceAttributes": {key: value for key, value in attributes.items() if value}}


async def _resolve(ctx: Context, kind: str) -> APIResource | None:
    if kind == "*":
        return None
    try:
        return await ctx.discovery().resource(kind.lower())
    except (NoMatch, StatusError, OSError):  # whatever keeps it from being known: the review itself says what is wrong
        plural, _, group = kind.lower().partition(".")
        if kind.lower() not in ("users", "groups"):
            where = f" in group '{group}'" if group else ""
            _warn(ctx, f"the server doesn't have a resource type '{plural}'{where}\n")
        return None


def _warn(ctx: Context, text: str) -> None:
    ctx.streams.warn(f"Warning: {text}")


async def _list(opts: CanIOptions, ctx: Context) -> None:
    asked = {"apiVersion": RULES.api_version, "kind": "SelfSubjectRulesReview", "spec": {"namespace": ctx.namespace}}
    status = (await ctx.client().create(RULES, asked)).get("status") or {}
    if status.get("incomplete"):
        _warn(ctx, f"the list may be incomplete: {status.get('evaluationError', '')}")
    writer = TabWriter.tables(ctx.streams.out)
    if not opts.no_headers:
        writer.write("Resources\tNon-Resource URLs\tResource Names\tVerbs\n")
    for group, resource, name, url, verbs in compact(
        [*(status.get("resourceRules") or ()), *(status.get("nonResourceRules") or ())]
    ):
        cells = (qualified(resource, group), words([url] if url else []), words([name] if name else []), words(verbs))
        writer.write("\t".join(cells) + "\n")
    writer.flush()


COMMAND = Command(
    name="auth can-i",
    short="Check whether an action is allowed",
    long="""Check whether an action is allowed.

 VERB is a logical Kubernetes API verb like 'get', 'list', 'watch', 'delete', etc. TYPE is a Kubernetes resource;
shortcuts and groups are resolved. NONRESOURCEURL is a partial URL that starts with "/". NAME is the name of a
particular resource. The command exits with 0 where the action is allowed and with 1 where it is not.""",
    examples="""# Pods in any namespace
kubectl auth can-i create pods --all-namespaces

# Deployments in the current one
kubectl auth can-i list deployments.apps

# As a service account
kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod

# Everything
kubectl auth can-i '*' '*'

# A job by its name; the logs of pods; a path
kubectl auth can-i list jobs.batch/bar -n foo
kubectl auth can-i get pods --subresource=log
kubectl auth can-i get /logs/

# All that is allowed in namespace "foo"
kubectl auth can-i --list --namespace=foo""",
    usage="auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]",
    options=CanIOptions,
    run=run,
)
