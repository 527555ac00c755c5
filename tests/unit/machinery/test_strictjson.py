"""Duplicate keys, found wherever they are."""

import orjson
import pytest

from kajitori.machinery import strictjson


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (b'{"a":1,"b":{"a":1}}', []),
        (b'{"a":1,"a":2,"a":3}', ["a"]),
        (b'{"spec":{"x":[{"b":1,"b":2}],"y":1,"y":1}}', ["spec.x[0].b", "spec.y"]),
    ],
)
def test_duplicates_are_named_by_path(data, paths):
    assert strictjson.duplicates(data) == paths
    assert strictjson.duplicates(data, orjson.loads(data)) == paths


def test_messages_are_upstreams():
    texts = strictjson.messages(["spec.foo"], ["spec.replicas"])
    assert strictjson.strict_error(texts) == (
        'strict decoding error: duplicate field "spec.replicas", unknown field "spec.foo"'
    )
