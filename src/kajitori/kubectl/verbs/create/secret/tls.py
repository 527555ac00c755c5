"""kubectl create secret tls: a certificate and its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import flag
from kajitori.kubectl.generate.secrets import secret, tls_pair
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "secrets", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class TlsOptions(CreateOptions):
    append_hash: bool = flag(False, "Append a hash of the secret to its name.")

    cert: str = flag("", "Path to PEM encoded public key certificate.")
    key: str = flag("", "Path to private key associated with given certificate.")


async def run(opts: TlsOptions, ctx: Context) -> None:
    name = only_name(opts, "create secret tls")
    certificate, key = tls_pair(opts.cert, opts.key)
    obj = secret(name, "kubernetes.io/tls", {"tls.crt": certificate, "tls.key": key}, append_hash=opts.append_hash)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create secret tls",
    short="Create a TLS secret",
    long="Create a TLS secret from the given public/private key pair.",
    examples="""# A certificate and its key
kubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key""",
    usage=(
        "create secret tls NAME --cert=path/to/cert/file --key=path/to/key/file "
        "[--dry-run=server|client|none] [options]"
    ),
    options=TlsOptions,
    run=run,
    required=("cert", "key"),
)
