"""How images are pulled when nobody says."""

import pytest

from kajitori.api.core.image_names import pull_policy

DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    "image",
    ["nginx", "nginx:latest", "reg:5000/x", "localhost/a/b__c", "a/b:latest" + DIGEST, "[::1]:5000/x", "Reg/x"],
)
def test_the_latest_is_always_pulled(image: str) -> None:
    assert pull_policy(image) == "Always"


@pytest.mark.parametrize(
    "image", ["nginx:1", "nginx" + DIGEST, "reg:5000/x:2", "", "Bad_Name!", "-x", "a//b", "x y", "a" * 248, "0" * 64]
)
def test_what_is_fixed_or_no_name_is_pulled_once(image: str) -> None:
    assert pull_policy(image) == "IfNotPresent"
