import asyncio

import pytest

from kajitori.api.core.v1 import Endpoints, Pod
from kajitori.client.codec import decode_event, decode_list
from kajitori.client.kinds import plural_of, resource_of
from kajitori.client.lines import lines
from kajitori.machinery.errors import Expired


async def _chunks(*parts: bytes):
    for part in parts:
        yield part


@pytest.mark.parametrize(
    "parts,expected",
    [
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a", b"b\nc", b"\n"], [b"ab", b"c"]),
        ([b"a\n\n\nb\n"], [b"a", b"b"]),
        ([b"a\ncut off"], [b"a"]),
        ([], []),
    ],
)
def test_lines_are_put_together_from_chunks(parts, expected) -> None:
    async def collect() -> list[bytes]:
        return [line async for line in lines(_chunks(*parts))]

    assert asyncio.run(collect()) == expected


def test_nulls_of_other_servers_read_as_absent() -> None:
    data = b'{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"x","creationTimestamp":null},"subsets":null}]}'
    answer = decode_list(Endpoints, data)
    assert (answer.resource_version, answer.items[0].subsets) == ("7", [])
    event = decode_event(Endpoints, b'{"type":"ADDED","object":{"metadata":{"name":"x"},"subsets":null}}')
    assert event.object.subsets == []


def test_an_empty_list_may_be_null() -> None:
    assert decode_list(Pod, b'{"metadata":{"resourceVersion":"7","continue":"c"},"items":null}').items == []


def test_an_error_event_is_raised() -> None:
    line = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}'
    with pytest.raises(Expired, match="too old"):
        decode_event(Pod, line)


@pytest.mark.parametrize(
    "kind,plural",
    [
        ("Pod", "pods"),
        ("Ingress", "ingresses"),
        ("IngressClass", "ingressclasses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Endpoints", "endpoints"),
        ("StorageClass", "storageclasses"),
        ("PodDisruptionBudget", "poddisruptionbudgets"),
        ("IPAddress", "ipaddresses"),
    ],
)
def test_plurals_of_built_in_kinds(kind, plural) -> None:
    assert plural_of(kind) == plural


def test_paths_of_resources() -> None:
    resource = resource_of(Pod)
    assert resource.url("ns", "web", "log") == "/api/v1/namespaces/ns/pods/web/log"
    assert resource.url() == "/api/v1/pods"


def test_the_table_of_scopes_agrees_with_the_scheme() -> None:
    from kajitori.api import scheme
    from kajitori.client.kinds import CLUSTER_SCOPED

    for found in scheme.builtin().resources():
        assert found.plural == plural_of(found.kind), found.kind
        assert found.namespaced == (found.kind not in CLUSTER_SCOPED), found.kind
