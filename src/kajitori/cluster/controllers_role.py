"""What the controller manager may do: the union of what upstream allows its controllers one by one.

Upstream's manager takes a ServiceAccount per controller (`--use-service-account-credentials`); ours keeps its own
identity for all, so that identity gets the rules of every role `system:controller:*` that the API server has brought.
May import: client, cluster.manifests.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson

from kajitori.cluster import manifests

if TYPE_CHECKING:
    from kajitori.client.raw import RawClient

NAME = "kajitori:controller-manager"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
PREFIX = "system:controller:"


def union(roles: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every distinct rule of the controllers' roles, in a stable order."""
    rules = (rule for role in roles if role["metadata"]["name"].startswith(PREFIX) for rule in role.get("rules") or ())
    distinct = {orjson.dumps(rule, option=orjson.OPT_SORT_KEYS): rule for rule in rules}
    return [distinct[key] for key in sorted(distinct)]


def objects(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The role and its binding."""
    group = "rbac.authorization.k8s.io"
    version = f"{group}/v1"
    subject = {"apiGroup": group, "kind": "User", "name": "system:kube-controller-manager"}
    reference = {"apiGroup": group, "kind": "ClusterRole", "name": NAME}
    return [
        {"apiVersion": version, "kind": "ClusterRole", "metadata": {"name": NAME}, "rules": rules},
        {
            "apiVersion": version,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": NAME},
            "roleRef": reference,
            "subjects": [subject],
        },
    ]


async def ensure(client: "RawClient") -> None:
    """Read the roles, write the union."""
    roles = orjson.loads((await client.raw("GET", ROLES)).body)["items"]
    await manifests.ensure(client, objects(union(roles)))
