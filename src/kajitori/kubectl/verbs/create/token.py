"""kubectl create token: asks the server for a service account's token and prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.writing import only_name
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

BOUND = {"Pod": ("v1", "pods", True), "Secret": ("v1", "secrets", True), "Node": ("v1", "nodes", False)}


@dataclass(frozen=True, kw_only=True)
class TokenOptions(OutputOptions):
    audience: tuple[str, ...] = flag((), "Audience of the token; may be repeated.", split=False)
    bound_object_kind: str = flag("", "Kind of the object that the token ends with: Node, Pod or Secret.")
    bound_object_name: str = flag("", "Name of the object that the token ends with.")
    bound_object_uid: str = flag("", "UID of the object that the token ends with.")
    duration: Duration = flag(Duration(0), "Requested lifetime; 0 leaves it to the server.")


async def run(opts: TokenOptions, ctx: Context) -> None:
    name = only_name(opts, "create token")
    spec: dict[str, Any] = {"audiences": list(opts.audience) or None, "expirationSeconds": None, "boundObjectRef": None}
    if opts.duration < 0:
        raise UsageError("error: duration must be greater than or equal to 0")
    if opts.duration:
        spec["expirationSeconds"] = int(opts.duration)
    if opts.bound_object_kind:
        spec["boundObjectRef"] = _bound(opts)
    elif opts.bound_object_name:
        raise UsageError("error: --bound-object-name can only be set if --bound-object-kind is provided")
    body = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {},
        "spec": {key: value for key, value in spec.items() if value is not None},
        "status": {"token": "", "expirationTimestamp": None},
    }
    url = ResourcePath("v1", "serviceaccounts", namespaced=True).url(ctx.namespace, name, "token")
    import orjson

    ctx.set_out("failed to create token:")
    try:
        answer = orjson.loads((await ctx.client().raw("POST", url, body=body)).body)
    except StatusError as error:
        raise UsageError(f"error: failed to create token: {error.message}") from error
    if opts.output:
        from kajitori.kubectl.printers.objects import printer_for

        printer_for(opts, typed=True).print(answer, ctx.streams.out)
        return
    token = (answer.get("status") or {}).get("token")
    if not token:
        raise UsageError("error: failed to create token:  no token in server response")
    ctx.streams.out.write(f"{token}\n" if ctx.streams.out.isatty() else token)


def _bound(opts: TokenOptions) -> dict[str, str]:
    if opts.bound_object_kind not in BOUND:
        raise UsageError("error: supported --bound-object-kind values are Node, Pod, Secret")
    if not opts.bound_object_name:
        raise UsageError("error: --bound-object-name is required if --bound-object-kind is provided")
    bound = {"kind": opts.bound_object_kind, "apiVersion": "v1", "name": opts.bound_object_name}
    return bound | ({"uid": opts.bound_object_uid} if opts.bound_object_uid else {})


COMMAND = Command(
    name="create token",
    short="Request a service account token",
    long="Request a service account token.",
    examples="# A token of the service account myapp in this namespace\nkubectl create token myapp",
    usage="create token SERVICE_ACCOUNT_NAME [options]",
    options=TokenOptions,
    run=run,
)
