"""Server-side apply: ownership, conflicts, removal."""

import copy
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson
import pytest

from kajitori.api import schema, zeros
from kajitori.machinery import managedfields
from kajitori.machinery.errors import ApplyConflict

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DEPLOYMENT = schema.for_kind("apps", "v1", "Deployment")
BLANK = zeros.blank_of("io.k8s.api.apps.v1.Deployment")
apply = partial(managedfields.apply, schema=DEPLOYMENT, blank=BLANK, api_version="apps/v1", now=NOW)
create = partial(managedfields.create, schema=DEPLOYMENT, blank=BLANK, api_version="apps/v1", now=LATER)
update = partial(managedfields.update, schema=DEPLOYMENT, api_version="apps/v1", now=LATER)


def config(**spec):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec}


def pods(*containers):
    return {"spec": {"containers": list(containers)}}


def owners(obj):
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"].get("managedFields", [])}


def edited(obj, manager="kubectl-edit", **spec):
    new = copy.deepcopy(obj)
    new["spec"].update(spec)
    update(obj, new, manager)
    return new


def test_created_object_belongs_to_its_applier():
    obj = apply(None, config(replicas=1), "me")
    assert obj["metadata"]["managedFields"] == [
        {
            "manager": "me",
            "operation": "Apply",
            "apiVersion": "apps/v1",
            "time": "2026-01-02T03:04:05Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:replicas": {}}},
        }
    ]


def test_applying_the_same_again_changes_nothing():
    obj = apply(None, config(replicas=1), "me")
    assert apply(obj, config(replicas=1), "me", now=LATER) == obj


def test_change_of_anothers_field_is_a_conflict_in_upstreams_words():
    obj = edited(apply(None, config(replicas=1), "me"), replicas=3)
    with pytest.raises(ApplyConflict) as caught:
        apply(obj, config(replicas=1), "me")
    assert str(caught.value) == (
        'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas'
    )
    assert caught.value.causes == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl-edit" using apps/v1',
            "field": ".spec.replicas",
        }
    ]


def test_several_conflicts_are_listed_by_manager():
    obj = edited(apply(None, config(replicas=1, paused=False), "me"), replicas=3, paused=True)
    with pytest.raises(ApplyConflict) as caught:
        apply(obj, config(replicas=1, paused=False), "me")
    assert str(caught.value) == (
        'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:\n- .spec.paused\n- .spec.replicas'
    )


def test_force_takes_the_field():
    obj = edited(apply(None, config(replicas=1), "me"), replicas=3)
    forced = apply(obj, config(replicas=1), "me", force=True)
    assert forced["spec"]["replicas"] == 1
    assert owners(forced) == {"me": {"f:spec": {"f:replicas": {}}}}


def test_equal_value_is_shared_without_conflict():
    obj = apply(apply(None, config(replicas=1), "me"), config(replicas=1), "you")
    assert set(owners(obj)) == {"me", "you"}


def test_dropped_field_goes_with_its_last_owner():
    obj = apply(apply(None, config(replicas=1, paused=True), "me"), config(replicas=1), "you")
    one = apply(obj, config(), "me")
    assert one["spec"] == {"replicas": 1}
    assert apply(one, config(), "you").get("spec", {}) == {}


def test_dropped_container_is_removed_and_others_stay():
    first = {"name": "a", "image": "1"}
    second = {"name": "b", "image": "1", "ports": [{"containerPort": 80}]}
    obj = apply(None, config(template=pods(first, second)), "me")
    obj = edited(obj, template=pods(first, second, {"name": "sidecar", "image": "s"}))
    obj = apply(obj, config(template=pods(first)), "me")
    assert [c["name"] for c in obj["spec"]["template"]["spec"]["containers"]] == ["a", "sidecar"]


def test_defaults_below_a_claimed_part_stay_when_another_part_is_dropped():
    obj = apply(None, config(replicas=1, strategy={"type": "RollingUpdate"}), "me")
    obj = edited(obj, "controller", progressDeadlineSeconds=600)
    assert apply(obj, config(replicas=1), "me")["spec"] == {"replicas": 1, "progressDeadlineSeconds": 600}


def test_object_that_was_never_tracked_belongs_to_before_first_apply():
    live = config(replicas=1, paused=True)
    obj = apply(live, config(replicas=1), "me")
    assert set(owners(obj)) == {"me", "before-first-apply"}
    assert obj["spec"] == {"replicas": 1, "paused": True}


def test_reset_fields_are_neither_owned_nor_changed():
    obj = apply(None, {**config(replicas=1), "status": {"replicas": 9}}, "me", reset={"f:status": {}})
    assert "status" not in obj
    assert "f:status" not in owners(obj)["me"]


def test_kubectl_takes_over_what_its_annotation_states():
    manifest = config(replicas=1)
    live = copy.deepcopy(manifest)
    annotation = "kubectl.kubernetes.io/last-applied-configuration"
    live["metadata"]["annotations"] = {annotation: orjson.dumps(manifest).decode()}
    create(live, "kubectl-client-side-apply")
    obj = apply(live, config(replicas=5), "kubectl")
    assert obj["spec"]["replicas"] == 5
    assert orjson.loads(obj["metadata"]["annotations"][annotation])["spec"] == {"replicas": 5}
    with pytest.raises(ApplyConflict):
        apply(live, config(replicas=5), "somebody-else")


def test_arguments_are_left_alone():
    manifest = config(replicas=1)
    live = apply(None, manifest, "me")
    before = copy.deepcopy((live, manifest))
    apply(live, config(replicas=2), "me")
    assert (live, manifest) == before
