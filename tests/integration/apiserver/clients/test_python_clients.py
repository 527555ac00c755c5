"""kubernetes, kubernetes_asyncio, kr8s and lightkube: the same small life of a ConfigMap and a Deployment in each."""

import asyncio

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
CONTAINER = {"name": "c", "image": "nginx"}


def deployment(name: str) -> dict:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def test_kubernetes(control_plane, namespace):
    import kubernetes
    from kubernetes.dynamic import DynamicClient

    with kubernetes.config.new_client_from_config(str(control_plane.kubeconfig)) as client:
        apps = kubernetes.client.AppsV1Api(client)
        made = apps.create_namespaced_deployment(namespace, deployment("web"))
        assert made.spec.replicas == 1
        scale = apps.read_namespaced_deployment_scale("web", namespace)
        scale.spec.replicas = 3
        assert apps.replace_namespaced_deployment_scale("web", namespace, scale).spec.replicas == 3
        assert apps.patch_namespaced_deployment("web", namespace, {"spec": {"paused": True}}).spec.paused
        status = {"status": {"readyReplicas": 2, "replicas": 3}}
        assert apps.patch_namespaced_deployment_status("web", namespace, status).status.ready_replicas == 2
        dynamic = DynamicClient(client)
        maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")
        maps.create(body={"metadata": {"name": "x"}, "data": {"a": "b"}}, namespace=namespace)
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"c": "d"}}
        applied = maps.server_side_apply(body=body, name="x", namespace=namespace, field_manager="me")
        assert applied.data.to_dict() == {"a": "b", "c": "d"}
        kinds = [event["type"] for event in maps.watch(namespace=namespace, timeout=1)]
        assert kinds == ["ADDED"]
        assert kubernetes.client.VersionApi(client).get_code().minor == "34"
        kubernetes.utils.create_from_dict(client, deployment("other"), namespace=namespace)
        apps.delete_namespaced_deployment("web", namespace)


def test_kubernetes_asyncio(control_plane, namespace):
    from kubernetes_asyncio import client, config, watch

    async def scenario() -> None:
        await config.load_kube_config(str(control_plane.kubeconfig))
        async with client.ApiClient() as api:
            core = client.CoreV1Api(api)
            body = {"metadata": {"name": "x"}, "data": {"a": "b"}}
            made = await core.create_namespaced_config_map(namespace, body)
            assert made.data == {"a": "b"}
            changed = await core.patch_namespaced_config_map("x", namespace, {"data": {"a": "c"}})
            assert changed.data == {"a": "c"}
            start = made.metadata.resource_version
            async with watch.Watch() as stream:
                async for event in stream.stream(core.list_namespaced_config_map, namespace, resource_version=start):
                    assert (event["type"], event["object"].data) == ("MODIFIED", {"a": "c"})
                    break
            await core.delete_namespaced_config_map("x", namespace)
            with pytest.raises(client.exceptions.ApiException) as missing:
                await core.read_namespaced_config_map("x", namespace)
            assert missing.value.status == 404

    asyncio.run(scenario())


def test_kr8s(control_plane, namespace):
    import kr8s
    from kr8s.asyncio.objects import ConfigMap, Deployment

    async def scenario() -> None:
        api = await kr8s.asyncio.api(kubeconfig=str(control_plane.kubeconfig), namespace=namespace)
        x = await ConfigMap({"metadata": {"name": "x", "namespace": namespace}, "data": {"a": "b"}}, api=api)
        await x.create()
        await x.patch({"data": {"a": "c"}})
        await x.label({"tier": "one"})
        await x.refresh()
        assert (x.raw["data"], dict(x.labels)) == ({"a": "c"}, {"tier": "one"})
        found = [o.name async for o in api.get("configmaps", namespace=namespace, label_selector="tier=one")]
        assert found == ["x"]
        web = await Deployment(deployment("web") | {"metadata": {"name": "web", "namespace": namespace}}, api=api)
        await web.create()
        await web.refresh()
        assert web.replicas == 1
        await x.delete()
        assert not await x.exists()
        assert (await api.version())["minor"] == "34"

    asyncio.run(scenario())


def test_lightkube(control_plane, namespace):
    from lightkube import Client, KubeConfig
    from lightkube.core.exceptions import ApiError
    from lightkube.models.meta_v1 import ObjectMeta
    from lightkube.resources.apps_v1 import Deployment
    from lightkube.resources.core_v1 import ConfigMap
    from lightkube.types import PatchType

    config = KubeConfig.from_file(str(control_plane.kubeconfig))
    client = Client(config=config, namespace=namespace, field_manager="lightkube-test")
    client.create(ConfigMap(metadata=ObjectMeta(name="x"), data={"a": "b"}))
    assert client.patch(ConfigMap, "x", {"data": {"a": "c"}}, patch_type=PatchType.MERGE).data == {"a": "c"}
    applied = client.apply(ConfigMap(metadata=ObjectMeta(name="x"), data={"d": "e"}))
    assert applied.data == {"a": "c", "d": "e"}
    client.create(Deployment.from_dict(deployment("web")))
    scaled = client.replace(
        Deployment.Scale.from_dict({"metadata": {"name": "web", "namespace": namespace}, "spec": {"replicas": 2}}),
        "web",
    )
    assert scaled.spec.replicas == 2
    kind, first = next(iter(client.watch(ConfigMap, namespace=namespace)))
    assert (kind, first.metadata.name) == ("ADDED", "x")
    client.deletecollection(ConfigMap)
    assert list(client.list(ConfigMap)) == []
    with pytest.raises(ApiError) as missing:
        client.get(ConfigMap, "x")
    assert missing.value.status.reason == "NotFound"
