"""Duplicate keys, found wherever they are."""

import orjson
import pytest

from kajitori.api import schema
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


DEPLOYMENT = schema.for_kind("apps", "v1", "Deployment")


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'{"metadata":{"labels":{"a":"b"}},"spec":{"replicas":1}}', []),
        (
            b'{"spec":{"odd":1,"replicas":2,"replicas":3}}',
            ['unknown field "spec.odd"', 'duplicate field "spec.replicas"'],
        ),
        (
            b'{"spec":{"replicas":2,"replicas":3,"odd":1}}',
            ['duplicate field "spec.replicas"', 'unknown field "spec.odd"'],
        ),
        (b'{"odd":{"a":1,"a":2},"odd":3}', ['unknown field "odd"']),
        (b'{"metadata":{"labels":{"a":"b","a":"c","a":"d"}}}', ['duplicate field "metadata.labels.a"']),
        (
            b'{"spec":{"template":{"spec":{"containers":[{"name":"c","odd":1,"name":"d"}]}}}}',
            [
                'unknown field "spec.template.spec.containers[0].odd"',
                'duplicate field "spec.template.spec.containers[0].name"',
            ],
        ),
    ],
)
def test_faults_of_a_built_in_kind_are_told_in_order_and_once(data, texts):
    assert strictjson.faults(data, DEPLOYMENT) == texts


def test_there_is_an_end_to_faults():
    data = b'{"spec":{' + b",".join(b'"x%d":1' % i for i in range(150)) + b"}}"
    assert len(strictjson.faults(data, DEPLOYMENT)) == 100


def test_key_order_knows_numbers():
    texts = [f'unknown field "{path}"' for path in ("spec.b", "spec.a[10].x", "spec.a[9].x", "metadata.z", "spec.a-b")]
    paths = [text.split('"')[1] for text in strictjson.in_key_order(texts)]
    assert paths == ["metadata.z", "spec.a[9].x", "spec.a[10].x", "spec.a-b", "spec.b"]
