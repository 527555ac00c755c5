"""What a client may send is bounded: copies of a JSON patch, nulls in lists."""

import pytest

from kajitori.api import schema
from kajitori.machinery import wirecheck
from kajitori.machinery.errors import Expired
from kajitori.machinery.patch import PatchError, json_patch


def test_copies_may_not_double_a_document_without_end():
    doubling = [{"op": "copy", "from": f"/c{n}", "path": f"/c{n}/n"} for n in range(60)]
    with pytest.raises(PatchError, match="accumulated size increase of copy is"):
        json_patch.apply({f"c{n}": {"a": "x" * 100_000} for n in range(60)}, doubling)


def test_an_operation_that_is_no_object_is_refused():
    with pytest.raises(PatchError):
        json_patch.apply({}, [3])


def test_nulls_in_lists_become_empty_values():
    binding = {"subjects": [None, {"kind": "User", "name": "u"}]}
    wirecheck.prune(schema.for_kind("rbac.authorization.k8s.io", "v1", "RoleBinding"), binding)
    assert binding["subjects"][0] == {}
    pod = {"spec": {"containers": [{"name": "c", "args": ["a", None]}]}}
    wirecheck.prune(schema.for_kind("", "v1", "Pod"), pod)
    assert pod["spec"]["containers"][0]["args"] == ["a", ""]


def test_a_list_that_went_on_for_too_long_tells_how_to_finish():
    error = Expired("too old")
    assert error.to_status()["metadata"] == {}
    error.continue_token = "abc"
    assert error.to_status()["metadata"] == {"continue": "abc"}
