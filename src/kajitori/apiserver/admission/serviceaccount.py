"""ServiceAccount: every Pod runs as one, gets its token mounted and its image pull secrets.

`default` may be created a moment after its namespace, so for it alone the plugin waits up to a second, as upstream.
Mirror Pods run before any API server is there and may use neither accounts nor secrets.
May import: admission_types, deps, machinery.names.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.names import random_suffix

Object = dict[str, Any]
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
VOLUME_PREFIX = "kube-api-access-"
MIRROR = "kubernetes.io/config.mirror"
_ENFORCE = "kubernetes.io/enforce-mountable-secrets"
_TOKEN_EXPIRY_S = 3607
_WAIT_S, _RETRY_S = 1.0, 0.05


class ServiceAccount(AdmissionPlugin):
    """Fills in the account, the token's volume and mounts, and pull secrets of new Pods."""

    name: ClassVar[str] = "ServiceAccount"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def __init__(self, deps: ServerDeps, rng: random.Random | None = None) -> None:
        self._reader, self._clock = deps.reader, deps.clock
        self._rng = rng or random.Random()

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "pods", "")

    async def admit(self, request: AdmissionRequest) -> None:
        pod = request.object
        assert pod is not None
        if is_mirror(pod):
            return
        spec = pod["spec"]
        if not spec.get("serviceAccountName"):
            spec["serviceAccountName"] = "default"
        spec["serviceAccount"] = spec["serviceAccountName"]
        account = await self._account(request, spec["serviceAccountName"])
        if wants_token(spec, account):
            mount_token(spec, VOLUME_PREFIX + random_suffix(self._rng))
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = [dict(secret) for secret in account["imagePullSecrets"]]

    async def validate(self, request: AdmissionRequest) -> None:
        pod = request.object
        assert pod is not None
        if is_mirror(pod):
            if why := mirror_problem(pod["spec"]):
                raise refuse(request, why)
            return
        account = await self._account(request, pod["spec"].get("serviceAccountName") or "default")
        if (account["metadata"].get("annotations") or {}).get(_ENFORCE) == "true":
            allowed = {secret.get("name") for secret in account.get("secrets") or ()}
            for secret in secret_names(pod["spec"]):
                if secret not in allowed:
                    why = f'volume with secret.secretName="{secret}" is not allowed because service account '
                    raise refuse(request, why + f"{account['metadata']['name']} does not reference that secret")

    async def _account(self, request: AdmissionRequest, name: str) -> Object:
        waited = 0.0
        while True:
            account = self._reader.get("", "serviceaccounts", request.namespace, name)
            if account is not None:
                return account
            if name != "default" or waited >= _WAIT_S:
                missing = f'serviceaccount "{name}" not found'
                raise refuse(request, f"error looking up service account {request.namespace}/{name}: {missing}")
            await self._clock.sleep(_RETRY_S)
            waited += _RETRY_S


def is_mirror(pod: Object) -> bool:
    """Whether the Pod stands for a static Pod of a node."""
    return MIRROR in (pod["metadata"].get("annotations") or {})


def wants_token(spec: Object, account: Object) -> bool:
    """The Pod's word first, then its account's, else yes."""
    for holder in (spec, account):
        if holder.get("automountServiceAccountToken") is not None:
            return bool(holder["automountServiceAccountToken"])
    return True


def mount_token(spec: Object, new_name: str) -> None:
    """Mount the token into every container that has nothing else at that path."""
    existing = [v["name"] for v in spec.get("volumes") or () if v.get("name", "").startswith(VOLUME_PREFIX)]
    name = existing[0] if existing else new_name
    is_needed = False
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        mounts = container.setdefault("volumeMounts", [])
        if all(mount.get("mountPath") != MOUNT_PATH for mount in mounts):
            mounts.append({"name": name, "readOnly": True, "mountPath": MOUNT_PATH})
            is_needed = True
    if is_needed and not existing:
        spec.setdefault("volumes", []).append(token_volume(name))


def token_volume(name: str) -> Object:
    """The projected volume: token, the cluster's CA, the namespace."""
    sources: list[Object] = [
        {"serviceAccountToken": {"expirationSeconds": _TOKEN_EXPIRY_S, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
        {
            "downwardAPI": {
                "items": [
                    {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"},
                ]
            }
        },
    ]
    return {"name": name, "projected": {"defaultMode": 0o644, "sources": sources}}


def mirror_problem(spec: Object) -> str | None:
    """Why a mirror Pod may not be, or None."""
    if spec.get("serviceAccountName"):
        return "a mirror pod may not reference service accounts"
    if any(True for _ in secret_names(spec)):
        return "a mirror pod may not reference secrets"
    for volume in spec.get("volumes") or ():
        sources = (volume.get("projected") or {}).get("sources") or ()
        if any("serviceAccountToken" in source for source in sources):
            return "a mirror pod may not use ServiceAccountToken volume projections"
    return None


def secret_names(spec: Object) -> Iterator[str]:
    """Secrets that a Pod's spec uses, by volume, environment or image pull."""
    for volume in spec.get("volumes") or ():
        if name := (volume.get("secret") or {}).get("secretName"):
            yield name
        for source in (volume.get("projected") or {}).get("sources") or ():
            if name := (source.get("secret") or {}).get("name"):
                yield name
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for variable in container.get("env") or ():
            if name := ((variable.get("valueFrom") or {}).get("secretKeyRef") or {}).get("name"):
                yield name
        for source in container.get("envFrom") or ():
            if name := (source.get("secretRef") or {}).get("name"):
                yield name
    for secret in spec.get("imagePullSecrets") or ():
        if secret.get("name"):
            yield secret["name"]
