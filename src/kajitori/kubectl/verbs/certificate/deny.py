"""kubectl certificate deny: a signing request is denied. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.maintenance.requests import Decision, DecisionOptions, decide

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

DENY = Decision(
    "Denied",
    "Approved",
    "KubectlDeny",
    "This CSR was denied by kubectl certificate deny.",
    "denied",
)


async def run(opts: DecisionOptions, ctx: Context) -> None:
    await decide(opts, ctx, DENY)


COMMAND = Command(
    name="certificate deny",
    short="Deny a certificate signing request",
    long="""Deny a certificate signing request.

 The signing controller will not issue the certificate then.""",
    examples="""# Deny CSR 'csr-sqgzp'
kubectl certificate deny csr-sqgzp""",
    usage="certificate deny (-f FILENAME | NAME) [options]",
    options=DecisionOptions,
    run=run,
)
