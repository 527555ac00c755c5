"""kubectl certificate approve: a signing request is approved. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.maintenance.requests import Decision, DecisionOptions, decide

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

APPROVE = Decision(
    "Approved",
    "Denied",
    "KubectlApprove",
    "This CSR was approved by kubectl certificate approve.",
    "approved",
)


async def run(opts: DecisionOptions, ctx: Context) -> None:
    await decide(opts, ctx, APPROVE)


COMMAND = Command(
    name="certificate approve",
    short="Approve a certificate signing request",
    long="""Approve a certificate signing request.

 The signing controller may issue the certificate then. Its holder can talk to the API server, so look at it first.""",
    examples="""# Approve CSR 'csr-sqgzp'
kubectl certificate approve csr-sqgzp""",
    usage="certificate approve (-f FILENAME | NAME) [options]",
    options=DecisionOptions,
    run=run,
)
