"""Strategic merge patch, with the schema of Pods and Deployments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.api import schema
from kajitori.machinery.patch import PatchError, PatchFormatError, strategic

DEPLOYMENT = schema.for_kind("apps", "v1", "Deployment")
POD_SPEC = schema.type_schema("io.k8s.api.core.v1.PodSpec")


def spec(*containers, **rest):
    return {"containers": [{"name": name, "image": image} for name, image in containers], **rest}


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        (
            spec(("a", "1"), ("b", "1")),
            {"containers": [{"name": "b", "image": "2"}]},
            spec(("a", "1"), ("b", "2")),
        ),
        (spec(("a", "1"), ("b", "1")), {"containers": [{"name": "a", "$patch": "delete"}]}, spec(("b", "1"))),
        (
            spec(("a", "1")),
            {"containers": [{"$patch": "replace"}, {"name": "c", "image": "3"}]},
            spec(("c", "3")),
        ),
        (
            spec(("a", "1"), ("b", "1")),
            {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]},
            spec(("b", "1"), ("a", "1")),
        ),
        (
            {"volumes": [{"name": "v", "emptyDir": {}}]},
            {"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}]},
            {"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]},
        ),
        ({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"$patch": "replace", "c": "d"}}, {"nodeSelector": {"c": "d"}}),
        ({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": None, "c": "d"}}, {"nodeSelector": {"c": "d"}}),
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}),
        ({}, {"containers": [{"name": "a", "$patch": "delete"}, {"name": "b", "image": "1"}]}, spec(("b", "1"))),
    ],
)
def test_apply(document, patch, result):
    assert strategic.apply(document, patch, POD_SPEC) == result


def test_finalizers_are_deleted_from_their_list():
    meta = schema.type_schema("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    patch = {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}
    assert strategic.apply({"finalizers": ["a", "b"]}, patch, meta)["finalizers"] in (["b", "c"], ["c", "b"])


def test_item_without_its_merge_key_is_refused():
    with pytest.raises(PatchError, match="does not contain declared merge key: name"):
        strategic.apply(spec(("a", "1")), {"containers": [{"image": "x"}]}, POD_SPEC)


def test_three_way_removes_what_the_manifest_dropped_and_keeps_what_others_added():
    original = {"spec": {"replicas": 1, "template": {"spec": spec(("a", "1"), ("b", "1"))}}}
    modified = {"spec": {"template": {"spec": spec(("a", "2"))}}}
    current = {"spec": {"replicas": 1, "paused": True, "template": {"spec": spec(("a", "1"), ("b", "1"), ("c", "1"))}}}
    patch = strategic.create_three_way(original, modified, current, DEPLOYMENT)
    assert strategic.apply(current, patch, DEPLOYMENT) == {
        "spec": {"paused": True, "template": {"spec": spec(("a", "2"), ("c", "1"))}}
    }


containers = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("abcd"), "image": st.sampled_from("xy")},
        optional={"args": st.lists(st.sampled_from("pq"), max_size=2)},
    ),
    unique_by=lambda c: c["name"],
    max_size=4,
)
volumes = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("abc")},
        optional={"emptyDir": st.just({"medium": "Memory"}), "hostPath": st.just({"path": "/"})},
    ),
    unique_by=lambda v: v["name"],
    max_size=3,
)
pod_specs = st.fixed_dictionaries(
    {"containers": containers},
    optional={
        "volumes": volumes,
        "nodeSelector": st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")),
        "hostNetwork": st.booleans(),
    },
)


@given(pod_specs, pod_specs)
def test_two_way_patch_gives_the_modified_object(old, new):
    patch = strategic.create_two_way(old, new, POD_SPEC)
    assert strategic.apply(old, patch, POD_SPEC) == new


@given(pod_specs)
def test_nothing_changed_is_an_empty_patch(document):
    assert strategic.create_two_way(document, document, POD_SPEC) == {}
    assert strategic.create_three_way(document, document, document, POD_SPEC) == {}


CONTAINERS = spec(("a", "1"), ("b", "1"))


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"containers": [{"image": "x"}]}, "map: map[image:x] does not contain declared merge key: name"),
        (
            {"containers": [{"name": "a", "$patch": "odd"}]},
            "unknown patch type: odd in map: map[$patch:odd name:a]",
        ),
        ({"$patch": "odd"}, "unknown patch type: odd in map: map[$patch:odd]"),
        (
            {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "b", "image": "2"}]},
            "The order in patch list:\n[map[image:2 name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
        ),
        ({"$setElementOrder/containers": "x"}, "expected a []interface {}, but received a string"),
    ],
)
def test_what_cannot_be_merged_is_told_in_upstreams_words(patch, said):
    with pytest.raises(PatchError) as refused:
        strategic.apply(CONTAINERS, patch, POD_SPEC)
    assert str(refused.value) == said


@pytest.mark.parametrize("keep", ["x", ["other"]])
def test_retained_keys_have_a_form(keep):
    with pytest.raises(PatchFormatError, match="invalid patch format of retainKeys"):
        strategic.apply({}, {"$retainKeys": keep, "dnsPolicy": "Default"}, POD_SPEC)
