"""kubectl auth reconcile: makes the roles and bindings of files be as the files say. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.maintenance.reconciling import CREATE, NONE, RECREATE, Plan, plan_binding, plan_role
from kajitori.kubectl.printers.objects import ObjectPrinter, printer_for
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
NAMESPACES = ResourcePath("v1", "namespaces", namespaced=False)


@dataclass(frozen=True, kw_only=True)
class ReconcileOptions(DryRunOptions, OutputOptions, FilenameOptions):
    remove_extra_permissions: bool = flag(False, "If true, removes extra permissions added to roles")
    remove_extra_subjects: bool = flag(False, "If true, removes extra subjects added to rolebindings")

    def validate(self) -> None:
        super().validate()
        if not has_files(self):
            raise UsageError("error: must specify one of -f and -k")
        if self.args:
            raise UsageError("error: no arguments are allowed")
        if self.dry_run_server:
            raise UsageError("error: --dry-run=server for command reconcile is not supported yet")


async def run(opts: ReconcileOptions, ctx: Context) -> None:
    found = await find(ctx, Selection(files=opts, live=False))
    printer = printer_for(opts, "reconciled", dry_run=opts.dry_run)  # one for all: it separates documents
    for info in found.infos:
        if info.resource.group != "rbac.authorization.k8s.io":
            continue
        if info.resource.version != "v1":
            version = info.resource.version
            raise UsageError(
                f"error: only rbac.authorization.k8s.io/v1 is supported: not *{version}.{info.resource.kind}"
            )
        try:
            await _reconcile(opts, ctx, info, printer)
        except StatusError as error:
            found.errors.append(error)
    found.raise_errors()


async def _reconcile(opts: ReconcileOptions, ctx: Context, info: Info, printer: ObjectPrinter) -> None:
    try:
        existing = await ctx.client().get(info.resource, info.name, info.namespace or None)
    except NotFound:
        existing = None
    is_role = info.resource.kind.endswith("Role")
    if is_role:
        plan = plan_role(existing, info.object, remove_extra=opts.remove_extra_permissions)
    else:
        plan = plan_binding(existing, info.object, remove_extra=opts.remove_extra_subjects)
    if not opts.dry_run_client and not plan.protected:
        await _carry_out(ctx, info, plan)
    shown = {"apiVersion": info.resource.api_version, "kind": info.resource.kind} | plan.object
    printer.print(shown, ctx.streams.out)
    removes = opts.remove_extra_permissions if is_role else opts.remove_extra_subjects
    _tell(ctx, plan, "rules" if is_role else "subjects", removes=removes)


async def _carry_out(ctx: Context, info: Info, plan: Plan) -> None:
    client, namespace = ctx.client(), info.namespace or None
    if plan.operation == NONE:
        return
    if plan.operation == CREATE and namespace:
        try:
            await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        except AlreadyExists:
            pass  # as it should be
    if plan.operation == RECREATE:
        await client.delete(info.resource, info.name, namespace)
    if plan.operation in (CREATE, RECREATE):
        plan.object = await client.create(info.resource, plan.object, namespace=namespace)
    else:
        plan.object = await client.update(info.resource, plan.object)


def _tell(ctx: Context, plan: Plan, what: str, *, removes: bool) -> None:
    if plan.operation == NONE:
        return
    caveat = ", but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)" if plan.protected else ""
    ctx.streams.out.flush()
    ctx.streams.warn(f"\treconciliation required {plan.operation}{caveat}")
    if plan.missing:
        ctx.streams.warn(f"\tmissing {what} added:")
        for one in plan.missing:
            ctx.streams.warn(f"\t\t{as_go(one, what)}")
    if removes and plan.extra:
        ctx.streams.warn(f"\textra {what} removed:")
        for one in plan.extra:
            ctx.streams.warn(f"\t\t{as_go(one, what)}")


def as_go(one: Wire, what: str) -> str:
    """A struct as Go prints it with its field names."""
    if what == "subjects":
        fields = (("Kind", "kind"), ("APIGroup", "apiGroup"), ("Name", "name"), ("Namespace", "namespace"))
        return "{" + " ".join(f"{title}:{one.get(key) or ''}" for title, key in fields) + "}"
    lists = (
        ("Verbs", "verbs"), ("APIGroups", "apiGroups"), ("Resources", "resources"), ("ResourceNames", "resourceNames"),
        ("NonResourceURLs", "nonResourceURLs"),
    )  # fmt: skip
    return "{" + " ".join(f"{title}:[{' '.join(one.get(key) or ())}]" for title, key in lists) + "}"


COMMAND = Command(
    name="auth reconcile",
    short="Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    long="""Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects.

 Missing objects are created, and their namespaces. Existing roles get the permissions that they lack, bindings the
subjects; extras are removed only when asked. Better than "kubectl apply" for RBAC objects, as it understands rules.""",
    examples="""# From a file
kubectl auth reconcile -f my-rbac-rules.yaml""",
    usage="auth reconcile -f FILENAME [options]",
    options=ReconcileOptions,
    run=run,
)
