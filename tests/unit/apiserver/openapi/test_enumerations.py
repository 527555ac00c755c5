"""Fields that are enumerations say so."""

import pytest

from kajitori.api import definitions
from kajitori.apiserver.openapi import schemas

CORE = "io.k8s.api.core.v1."


@pytest.mark.parametrize("v3", [False, True])
def test_an_enumeration_has_its_values_and_tells_them(v3: bool) -> None:
    field = schemas.converted(f"{CORE}PodSpec", v3=v3)["properties"]["restartPolicy"]
    assert field["enum"] == ["Always", "Never", "OnFailure"]
    assert field["description"].endswith('\n\nPossible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`')


def test_a_list_of_an_enumeration_has_them_in_its_items() -> None:
    field = schemas.converted(f"{CORE}PersistentVolumeClaimSpec", v3=True)["properties"]["accessModes"]
    assert field["items"]["enum"] == ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]


def test_the_empty_string_may_be_a_value() -> None:
    field = schemas.converted(f"{CORE}HostPathVolumeSource", v3=True)["properties"]["type"]
    assert field["enum"][0] == ""


def test_every_enumeration_is_of_a_field_that_there_is() -> None:
    for name, fields in schemas._enums().items():
        assert fields.keys() <= definitions.full(name)["properties"].keys()
