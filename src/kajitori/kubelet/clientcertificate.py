"""The kubelet's own client certificate: asked for with --bootstrap-kubeconfig, renewed before it ends.

    cert dir   kubelet-client-current.pem → kubelet-client-<time>.pem      certificate and key, mode 0600
    kubeconfig names kubelet-client-current.pem, so renewing changes the link and nothing else: new connections use it

A key is made for each request and written only with its certificate. May import: client, machinery, aiokit.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.services import retrying
from kajitori.client import kubeconfig as kubeconfigs
from kajitori.client.config import RestConfig
from kajitori.client.lines import lines
from kajitori.client.raw import RawClient
from kajitori.machinery import certificates
from kajitori.machinery.errors import StatusError

log = get_logger(__name__)
SIGNER = "kubernetes.io/kube-apiserver-client-kubelet"
CURRENT = "kubelet-client-current.pem"
WAIT_S = 900.0
_PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


class Refused(Exception):
    """The request was denied, or its signer could not sign it."""


async def ensure(*, bootstrap: str, kubeconfig: str, cert_dir: str, node_name: str, clock: Clock | None = None) -> None:
    """Make the kubeconfig when there is none, or when its certificate has ended. Waits for as long as it takes."""
    time = clock or RealClock()
    if not needed(Path(kubeconfig), time.now()):
        return
    rest = kubeconfigs.load(bootstrap)
    log.info("asking for a client certificate", node=node_name)

    async def attempt() -> bytes:
        client = RawClient(rest)
        try:
            return await request(client, node_name)
        finally:
            await client.close()

    pem = await retrying(attempt, name="bootstrap", retry_on=(OSError, StatusError, Refused), clock=time)
    path = store(Path(cert_dir), pem, time.now())
    write_private(Path(kubeconfig), document(rest, path).encode())


def needed(kubeconfig: Path, now: datetime) -> bool:
    """Whether there is no kubeconfig, or one that names our certificate and that has ended or is not there."""
    if not kubeconfig.exists():
        return True
    rest = kubeconfigs.load(str(kubeconfig))
    if not rest.client_cert_file.endswith(CURRENT):
        return False
    try:
        return certificates.expiry(Path(rest.client_cert_file).read_bytes()) <= now
    except (OSError, ValueError):
        return True


async def request(client: RawClient, node_name: str) -> bytes:
    """A new key and its certificate, in one PEM text. Raises Refused, TimeoutError, StatusError, OSError."""
    pem, key = certificates.new_request(f"system:node:{node_name}", organizations=["system:nodes"])
    name = "node-csr-" + base64.urlsafe_b64encode(hashlib.sha256(pem).digest()).rstrip(b"=").decode()
    body = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": name},
        "spec": {
            "request": base64.b64encode(pem).decode(),
            "signerName": SIGNER,
            "usages": ["digital signature", "client auth"],
        },
    }
    await client.raw("POST", _PATH, body=body)
    async with asyncio.timeout(WAIT_S):
        return await _issued(client, name) + key


async def _issued(client: RawClient, name: str) -> bytes:
    query = [("watch", "true"), ("fieldSelector", f"metadata.name={name}")]
    while True:  # a watch ends now and then
        async with client.raw_stream("GET", _PATH, query=query) as response:
            async for line in lines(response):
                found = outcome(orjson.loads(line).get("object") or {})
                if found:
                    return found


def outcome(csr: dict[str, Any]) -> bytes:
    """The certificate; empty while there is none. Raises Refused."""
    status = csr.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition.get("type") in ("Denied", "Failed"):
            raise Refused(
                f"certificate signing request was {condition['type'].lower()}: {condition.get('message', '')}"
            )
    return base64.b64decode(status.get("certificate") or "")


def store(directory: Path, pem: bytes, now: datetime) -> Path:
    """Write the certificate and make it the current one."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = directory / f"kubelet-client-{now.strftime('%Y-%m-%d-%H-%M-%S')}.pem"
    write_private(own, pem)
    link = directory / f".{CURRENT}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(own)
    current = directory / CURRENT
    link.replace(current)
    return current


def write_private(path: Path, data: bytes) -> None:
    """A file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)


def document(rest: RestConfig, certificate: Path) -> str:
    """A kubeconfig for the same cluster with our certificate."""
    cluster: dict[str, Any] = {"server": rest.server}
    if rest.ca_data:
        cluster["certificate-authority-data"] = base64.b64encode(rest.ca_data).decode()
    elif rest.ca_file:
        cluster["certificate-authority"] = rest.ca_file
    files = {"client-certificate": str(certificate), "client-key": str(certificate)}
    context = {"cluster": "default-cluster", "namespace": "default", "user": "default-auth"}
    whole = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "default-cluster", "cluster": cluster}],
        "users": [{"name": "default-auth", "user": files}],
        "contexts": [{"name": "default-context", "context": context}],
        "current-context": "default-context",
    }
    return str(yaml.safe_dump(whole, sort_keys=False))


class Rotation:
    """Asks for the next certificate when 70 to 90 % of the present one's life is over."""

    def __init__(
        self, client: RawClient, current: Path, node_name: str, *, clock: Clock, rng: random.Random | None = None
    ) -> None:
        self._client, self._current, self._node_name = client, current, node_name
        self._clock, self._rng = clock, rng or random.Random()

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            wait = deadline(self._current.read_bytes(), self._rng.random()) - self._clock.now()
            await self._clock.sleep(max(wait.total_seconds(), 0.0))
            failures = (OSError, StatusError, Refused)
            pem = await retrying(self._ask, name="certificate rotation", retry_on=failures, clock=self._clock)
            store(self._current.parent, pem, self._clock.now())
            log.info("the client certificate was renewed")

    async def _ask(self) -> bytes:
        return await request(self._client, self._node_name)


def deadline(pem: bytes, chance: float) -> datetime:
    """When to renew a certificate; `chance` (0 to 1) spreads the nodes."""
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(pem)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return start + timedelta(seconds=(end - start).total_seconds() * (0.7 + 0.2 * chance))
