"""`--controllers`: which names are known, what they switch on."""

from __future__ import annotations

import pytest

from kajitori.aiokit.flags import UsageError
from kajitori.controllers import registry
from kajitori.controllers.config import flags, from_flags


@pytest.mark.parametrize(
    "wanted", [["*"], ["*", "-garbagecollector"], ["*", "bootstrapsigner"], ["*", "-ttl-controller"]]
)
def test_names_of_upstream_are_known(wanted: list[str]) -> None:
    assert registry.unknown(wanted) == []


def test_names_that_are_no_controller_are_refused_by_name() -> None:
    with pytest.raises(UsageError) as refused:
        from_flags(flags().parse(["--controllers=*,nope,-neither"]))
    assert str(refused.value) == (
        '"nope" is not in the list of known controllers\n"-neither" is not in the list of known controllers'
    )


def test_a_name_can_be_listed_only_once_as_ours_or_as_missing() -> None:
    ours = registry.CONTROLLERS.keys() | {alias for _, _, aliases in registry.CONTROLLERS.values() for alias in aliases}
    assert not ours & registry.NOT_HERE


def test_what_is_not_on_by_default_needs_its_name() -> None:
    assert not registry.is_enabled("bootstrap-signer-controller", ["*"])
    assert registry.is_enabled("bootstrap-signer-controller", ["*", "bootstrapsigner"])
    assert not registry.is_enabled("deployment-controller", ["*", "-deployment"])
