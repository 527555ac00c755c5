"""Custom resources through the `kubernetes` package, as operators use them."""

import pytest
from kubernetes import client
from tests.waiting import eventually

from .conftest import definition

pytestmark = pytest.mark.integration


@pytest.fixture
def api(control_plane):
    configuration = client.Configuration()
    configuration.host = control_plane.url
    configuration.ssl_ca_cert = str(control_plane.ca_file)
    configuration.api_key = {"authorization": f"Bearer {control_plane.admin_token}"}
    with client.ApiClient(configuration) as made:
        yield made


def test_an_operator_defines_creates_patches_and_deletes(api):
    extensions, custom = client.ApiextensionsV1Api(api), client.CustomObjectsApi(api)
    version = {"name": "v1", "subresources": {"status": {}}}
    extensions.create_custom_resource_definition(definition("gadgets", "Gadget", [version]))
    where = {"group": "example.com", "version": "v1", "namespace": "default", "plural": "gadgets"}
    body = {
        "apiVersion": "example.com/v1",
        "kind": "Gadget",
        "metadata": {"name": "g"},
        "spec": {"any": [1, None, {"x": 1.5}]},
    }
    made = custom.create_namespaced_custom_object(**where, body=body)
    assert made["metadata"]["generation"] == 1
    assert made["spec"] == {"any": [1, None, {"x": 1.5}]}
    custom.patch_namespaced_custom_object_status(**where, name="g", body={"status": {"ready": True}})
    assert custom.get_namespaced_custom_object(**where, name="g")["status"] == {"ready": True}
    extensions.delete_custom_resource_definition("gadgets.example.com")
    refused = refusal(lambda: custom.list_namespaced_custom_object(**where))
    assert refused.status == 404
    assert "404 page not found" in refused.body


def refusal(ask):
    """How the server refuses, once it does: a definition goes when its last object has gone."""

    def refused():
        try:
            ask()
        except client.ApiException as error:
            return error
        return None

    return eventually(refused, "it is refused", 5)


def test_a_rule_may_not_run_longer_than_its_budget(api):
    extensions, custom = client.ApiextensionsV1Api(api), client.CustomObjectsApi(api)
    rule = {"rule": "self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))"}
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "x-kubernetes-validations": [rule],
                "properties": {"list": {"type": "array", "maxItems": 90, "items": {"type": "integer"}}},
            }
        },
    }
    extensions.create_custom_resource_definition(definition("loops", "Loop", [{"name": "v1", "schema": schema}]))
    where = {"group": "example.com", "version": "v1", "namespace": "default", "plural": "loops"}
    body = {
        "apiVersion": "example.com/v1",
        "kind": "Loop",
        "metadata": {"name": "l"},
        "spec": {"list": list(range(90))},
    }
    with pytest.raises(client.ApiException) as caught:
        custom.create_namespaced_custom_object(**where, body=body)
    assert caught.value.status == 422
    assert "call cost exceeds limit for rule" in caught.value.body
    extensions.delete_custom_resource_definition("loops.example.com")
