"""kubectl auth whoami: the user that the server takes us for. May import: client, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.describers.wire import words
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.machinery.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

REVIEWS = ResourcePath("authentication.k8s.io/v1", "selfsubjectreviews", namespaced=False)


async def run(opts: OutputOptions, ctx: Context) -> None:
    asked: dict[str, Any] = {"apiVersion": REVIEWS.api_version, "kind": "SelfSubjectReview", "metadata": {}}
    try:
        answer = asked | await ctx.client().create(REVIEWS, asked)
    except Forbidden:
        raise UsageError(
            "error: the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it"
        ) from None
    except NotFound:
        raise UsageError(
            "error: the selfsubjectreviews API is not enabled in the cluster\nenable APISelfSubjectReview feature gate "
            "and authentication.k8s.io/v1alpha1 or authentication.k8s.io/v1beta1 or authentication.k8s.io/v1 API"
        ) from None
    if opts.output or opts.template:
        printer_for(opts, typed=True).print(typed(answer), ctx.streams.out)
        return
    writer = TabWriter.tables(ctx.streams.out)
    writer.write("ATTRIBUTE\tVALUE\n")
    for name, value in attributes((answer.get("status") or {}).get("userInfo") or {}):
        writer.write(f"{name}\t{value}\n")
    writer.flush()


def typed(answer: dict[str, Any]) -> dict[str, Any]:
    """In the order in which Go has the fields, without what is not set."""
    user = (answer.get("status") or {}).get("userInfo") or {}
    ordered = {key: user[key] for key in ("username", "uid", "groups", "extra") if user.get(key)}
    metadata = {key: value for key, value in (answer.get("metadata") or {}).items() if value is not None}
    return {
        "kind": answer["kind"],
        "apiVersion": answer["apiVersion"],
        "metadata": metadata,
        "status": {"userInfo": ordered},
    }


def attributes(user: dict[str, Any]) -> list[tuple[str, str]]:
    """The rows of the table, those without a value left out."""
    found = [("Username", user.get("username") or ""), ("UID", user.get("uid") or "")]
    found.append(("Groups", words(user["groups"]) if user.get("groups") else ""))
    extra = user.get("extra") or {}
    found += [(f"Extra: {key}", words(extra[key])) for key in sorted(extra)]
    return [(name, value) for name, value in found if value]


COMMAND = Command(
    name="auth whoami",
    short="Experimental: Check self subject attributes",
    long="""Experimental: Check who you are and your attributes (groups, extra).

 It helps to see what the server makes of the credentials, above all with webhooks, proxies or OIDC in between.""",
    examples="""# The attributes
kubectl auth whoami

# In JSON
kubectl auth whoami -o json""",
    usage="auth whoami [options]",
    options=OutputOptions,
    run=run,
)
