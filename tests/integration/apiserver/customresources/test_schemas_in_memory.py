"""A definition's schemas are in memory once: what serves its objects and what the cache keeps decoded are the same."""

import pytest
from tests.integration.commandline import Kubectl
from tests.waiting import eventually

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("change", ["", "annotate", "patch"], ids=["made", "annotated", "with another schema"])
def test_a_definition_made_at_run_time_has_its_schemas_once(
    crd, kubectl: Kubectl, control_plane: ControlPlane, change: str
) -> None:
    name = f"{change or 'make'}s"
    crd(name, name.capitalize()[:-1], [{"name": "v1"}, {"name": "v2"}])
    full = f"{name}.example.com"
    if change == "annotate":
        kubectl.ok("annotate", "crd", full, "a=b")
    elif change == "patch":
        place = "/spec/versions/0/schema/openAPIV3Schema/description"
        kubectl.ok("patch", "crd", full, "--type=json", "-p", f'[{{"op":"add","path":"{place}","value":"new"}}]')

    def is_one() -> bool:
        server = control_plane.server
        assert server._custom is not None
        installed = server._custom._installed.get(full)
        kept = server.reader.get("apiextensions.k8s.io", "customresourcedefinitions", "", full)
        if installed is None or kept is None or kept["spec"] is not installed.spec:
            return False
        assert (change == "annotate") == ("a" in kept["metadata"]["annotations"])
        return True

    eventually(is_one, "the spec that serves is the one that is kept")
