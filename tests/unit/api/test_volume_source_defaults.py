"""What PersistentVolumes' and definitions' defaults fill in, and what they leave to validation."""

from kajitori.api.apiextensions.validation import _conversion
from kajitori.api.core.defaults import volume
from kajitori.api.scheme import builtin
from kajitori.apiserver.objects.validation import name_check
from kajitori.machinery.fieldpath import Path


def test_a_persistent_volumes_source_gets_its_defaults():
    obj = {"spec": {"iscsi": {}, "rbd": {"pool": "p"}, "hostPath": {"path": "/x"}}}
    volume(obj)
    assert obj["spec"]["iscsi"] == {"iscsiInterface": "default"}
    assert obj["spec"]["rbd"] == {"pool": "p", "user": "admin", "keyring": "/etc/ceph/keyring"}
    assert obj["spec"]["hostPath"] == {"path": "/x", "type": ""}


def test_a_conversion_without_a_strategy_is_refused():
    assert [str(error) for error in _conversion({}, Path("spec"))] == ["spec.strategy: Required value"]


def test_budgets_and_events_may_have_any_name_that_fits_a_path():
    for group, version, plural in (("", "v1", "events"), ("policy", "v1", "poddisruptionbudgets")):
        check = name_check(builtin().by_plural(group, version, plural))
        assert not check("Not_A_Subdomain")
        assert check("a/b")
