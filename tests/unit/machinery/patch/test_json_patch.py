"""JSON patch: operations, failures in upstream's words."""

import pytest

from kajitori.machinery.patch import PatchError, json_patch


@pytest.mark.parametrize(
    ("document", "operations", "result"),
    [
        ({"a": 1}, [{"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
        ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
        ({"a": {"b": 1}}, [{"op": "remove", "path": "/a/b"}], {"a": {}}),
        ({"a/b": 1}, [{"op": "replace", "path": "/a~1b", "value": 2}], {"a/b": 2}),
        ({"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
        ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}], {"a": 1}),
        ({"a": 1}, [{"op": "test", "path": "/b", "value": None}], {"a": 1}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {}}], {}),
    ],
    ids=lambda value: str(value)[:50],
)
def test_operations(document, operations, result):
    before = repr(document)
    assert json_patch.apply(document, operations) == result
    assert repr(document) == before


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            {"op": "replace", "path": "/x/y", "value": 1},
            "replace operation does not apply: doc is missing path: /x/y: missing value",
        ),
        ({"op": "replace", "path": "/x", "value": 1}, "doc is missing key: /x: missing value"),
        ({"op": "remove", "path": "/x"}, "Unable to remove nonexistent key: x: missing value"),
        ({"op": "add", "path": "/x/y", "value": 1}, 'add operation does not apply: doc is missing path: "/x/y"'),
        ({"op": "test", "path": "/a", "value": True}, "testing value /a failed: test failed"),
        ({"op": "add", "path": "/l/5", "value": 1}, "invalid index referenced"),
        ({"op": "nope", "path": "/a"}, "Unexpected kind: nope"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_failures(operation, message):
    with pytest.raises(PatchError) as caught:
        json_patch.apply({"a": 1, "l": []}, [operation])
    assert message in str(caught.value)
