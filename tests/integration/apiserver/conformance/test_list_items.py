"""What the items of a list say of themselves: those of built-in kinds nothing, as upstream's, custom resources all."""

from __future__ import annotations

import asyncio

import pytest

from kajitori.client.dynamic import DynamicClient
from kajitori.client.kinds import ResourcePath

pytestmark = pytest.mark.integration
CONFIG_MAPS = ResourcePath("v1", "configmaps", namespaced=True)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_items_of_built_in_kinds_leave_their_kind_to_the_list(api, place, version):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    path = place(f"autoscaling/{version}/horizontalpodautoscalers")
    api.post(path, {"metadata": {"name": "x"}, "spec": {"maxReplicas": 3, "scaleTargetRef": target}}).ok()
    found = api.get(path).ok()
    assert (found["kind"], found["apiVersion"]) == ("HorizontalPodAutoscalerList", f"autoscaling/{version}")
    assert [item.keys() for item in found["items"]] == [{"metadata", "spec", "status"}]
    assert api.get(path + "/x").ok()["kind"] == "HorizontalPodAutoscaler"


def test_our_client_gives_whole_objects(api, place, make, control_plane):
    api.post(place("configmaps"), make.config_map("x")).ok()

    async def listed():
        client = DynamicClient(control_plane.rest_config)
        try:
            return (await client.list(CONFIG_MAPS, place.name)).items
        finally:
            await client.close()

    assert asyncio.run(listed()) == [api.get(place("configmaps", "x")).ok()]
