"""Resource quotas: what was there before a quota is counted, however late the controller hears of it."""

import asyncio

import pytest
from tests.integration.controllers.conftest import Scene

from kajitori.api.core.v1 import ConfigMap, ResourceQuota
from kajitori.api.meta.v1 import ObjectMeta
from kajitori.controllers.resourcequota import ResourceQuotaController

pytestmark = pytest.mark.integration
HARD = {"configmaps": "10", "resourcequotas": "5"}


async def used(scene: Scene, namespace: str) -> dict[str, str]:
    return dict((await scene.client.get(ResourceQuota, "q", namespace)).status.used)


async def make_quota(scene: Scene, namespace: str) -> None:
    wanted = ResourceQuota(metadata=ObjectMeta(name="q", namespace=namespace))
    wanted.spec.hard = HARD
    await scene.client.create(wanted)


def test_an_object_that_is_heard_of_after_a_younger_quota_is_counted(play):
    async def scenario(scene: Scene) -> None:
        await make_quota(scene, await scene.namespace("first"))
        await scene.until(lambda: used(scene, "first"), "the counting has begun")
        (controller,) = (c for c in scene.manager.controllers if isinstance(c, ResourceQuotaController))
        loop = asyncio.get_running_loop()
        for counter in controller._counters.values():  # hears of everything late
            take = counter._take
            counter._take = lambda event, take=take: loop.call_later(0.3, take, event)
        namespace = await scene.namespace("second")
        await scene.client.create(ConfigMap(metadata=ObjectMeta(name="c", namespace=namespace)))
        await make_quota(scene, namespace)

        async def complete() -> bool:
            return await used(scene, namespace) == {"configmaps": "2", "resourcequotas": "1"}

        await scene.until(complete, "the older objects are counted")

    play(scenario)
