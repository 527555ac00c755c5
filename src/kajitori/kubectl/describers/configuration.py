"""Config maps, secrets, service accounts. Secrets show sizes, not values. May import: kubectl.describers."""

from __future__ import annotations

import base64

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, marks
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, meta
from kajitori.machinery.errors import StatusError

SECRETS = ResourcePath("v1", "secrets", namespaced=True)
TOKEN_TYPE = "kubernetes.io/service-account-token"  # noqa: S105 (the name of a type, no secret)


async def describe_config_map(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    page.write(0, "\nData\n====\n")
    for key, text in sorted((obj.get("data") or {}).items()):
        page.write(0, f"{key}:\n----\n")
        page.write(0, f"{text}\n")
        page.write(0, "\n")
    page.write(0, "\nBinaryData\n====\n")
    for key, text in sorted((obj.get("binaryData") or {}).items()):
        page.row(0, f"{key}: {len(base64.b64decode(text))} bytes")
    page.write(0, "\n")
    await write_events(page, obj, cluster)


async def describe_secret(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    page.write(0, f"\nType:\t{obj.get('type', '')}\n")
    page.write(0, "\nData\n====\n")
    for key, text in sorted((obj.get("data") or {}).items()):
        value = base64.b64decode(text)
        if key == "token" and obj.get("type") == TOKEN_TYPE:
            page.row(0, f"{key}:", value.decode("utf-8", "replace"))
        else:
            page.row(0, f"{key}:", f"{len(value)} bytes")


async def describe_service_account(page: Page, obj: Wire, cluster: Cluster) -> None:
    try:
        secrets = await cluster.list(SECRETS, meta(obj, "namespace"))
        known = {meta(secret, "name") for secret in secrets}
    except StatusError:
        secrets, known = [], None
    identity(page, obj)
    marks(page, obj)
    pull = [one.get("name", "") for one in obj.get("imagePullSecrets") or ()]
    mount = [one.get("name", "") for one in obj.get("secrets") or ()]
    tokens = [meta(secret, "name") for secret in secrets if _is_token_of(secret, obj)]
    for header, names in (
        ("Image pull secrets:", pull),
        ("Mountable secrets: ", mount),
        ("Tokens:            ", tokens),
    ):
        if not names:
            page.row(0, header, "<none>")
        for position, name in enumerate(names):
            missing = known is not None and name not in known
            page.row(0, " " * 19 if position else header, f"{name} (not found)" if missing else name)
    await write_events(page, obj, cluster)


def _is_token_of(secret: Wire, account: Wire) -> bool:
    about = meta(secret, "annotations", {})
    return (
        secret.get("type") == TOKEN_TYPE
        and about.get("kubernetes.io/service-account.name") == meta(account, "name")
        and about.get("kubernetes.io/service-account.uid") == meta(account, "uid")
    )
