import pytest

from kajitori.api.core.v1 import Namespace, ServiceAccount
from kajitori.machinery.errors import NotFound

pytestmark = pytest.mark.integration


def test_controllers_work_under_their_own_accounts_with_upstreams_roles(play) -> None:
    async def scenario(s) -> None:
        await s.node("n1")
        ns = await s.namespace("own")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 2)
            await s.rolled_out(ns, "web")
            await s.set_image(ns, "web", "v2")
            await s.rolled_out(ns, "web")
        await s.client.delete(Namespace, ns)

        async def gone():
            try:
                await s.client.get(Namespace, ns)
            except NotFound:
                return True
            return False

        await s.until(gone)
        accounts = {a.metadata.name for a in await s.client.list(ServiceAccount, "kube-system")}
        assert {"deployment-controller", "replicaset-controller", "namespace-controller"} <= accounts
        assert not any(c.queue.retries_total > 20 for c in s.manager.controllers)

    play(scenario, own_accounts=True, allocate_node_cidrs=True, cluster_cidr="10.244.0.0/16")
