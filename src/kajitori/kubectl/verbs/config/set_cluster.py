"""kubectl config set-cluster: makes or changes a cluster entry. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import put_file, refuse_args
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetClusterOptions(Options):
    certificate_authority: str = flag("", "Path to certificate-authority file for the cluster entry in kubeconfig")
    embed_certs: bool = flag(False, "Put the certificate authority's content into the file.")
    insecure_skip_tls_verify: bool = flag(False, "insecure-skip-tls-verify for the cluster entry in kubeconfig")
    proxy_url: str = flag("", "URL of a proxy to the cluster.")
    server: str = flag("", "server for the cluster entry in kubeconfig")
    tls_server_name: str = flag("", "tls-server-name for the cluster entry in kubeconfig")


async def run(opts: SetClusterOptions, ctx: Context) -> int | None:
    if len(opts.args) != 1:
        return refuse_args(ctx, COMMAND, opts.args)
    said: dict[str, Any] = {}
    if "server" in opts.given:
        said["server"] = opts.server
    if "tls-server-name" in opts.given:
        said["tls-server-name"] = opts.tls_server_name
    if "proxy-url" in opts.given:
        said["proxy-url"] = opts.proxy_url
    if "insecure-skip-tls-verify" in opts.given:
        said["insecure-skip-tls-verify"] = opts.insecure_skip_tls_verify or None
    if opts.insecure_skip_tls_verify and opts.certificate_authority:
        raise UsageError("error: you cannot specify a certificate authority and insecure mode at the same time")
    with edit(ctx.options.kubeconfig or None) as config:
        body = dict(config.entry("clusters", opts.args[0]) or {}) | said
        if opts.certificate_authority:
            put_file(body, "certificate-authority", opts.certificate_authority, embed=opts.embed_certs)
            body.pop("insecure-skip-tls-verify", None)
        if opts.insecure_skip_tls_verify:
            body.pop("certificate-authority", None)
            body.pop("certificate-authority-data", None)
        config.set("clusters", opts.args[0], {key: value for key, value in body.items() if value is not None})
    ctx.streams.print(f'Cluster "{opts.args[0]}" set.')
    return None


COMMAND = Command(
    name="config set-cluster",
    short="Set a cluster entry in kubeconfig",
    long="""Set a cluster entry in kubeconfig.""",
    examples="""# The server of a cluster
kubectl config set-cluster e2e --server=https://1.2.3.4""",
    usage=(
        "config set-cluster NAME [--server=server] "
        "[--certificate-authority=path/to/certificate/authority] "
        "[--insecure-skip-tls-verify=true] [--tls-server-name=example.com] [options]"
    ),
    options=SetClusterOptions,
    run=run,
)
