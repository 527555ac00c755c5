"""Accept headers as kubectl, client-go and curl send them."""

import pytest

from kajitori.apiserver.serving.negotiation import As, negotiate
from kajitori.machinery.errors import NotAcceptable

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PROTOBUF = "application/vnd.kubernetes.protobuf"


@pytest.mark.parametrize(
    ("accept", "shape"),
    [
        ("", As.OBJECT),
        ("*/*", As.OBJECT),
        ("application/json", As.OBJECT),
        (f"{TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", As.TABLE),
        (f"{PROTOBUF},application/json", As.OBJECT),
        (f"{PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{TABLE}", As.TABLE),
        ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", As.PARTIAL_LIST),
        ("text/html;q=0.9,application/json;q=0.1", As.OBJECT),
        ("application/json;as=Unknown;v=v1;g=meta.k8s.io,application/json", As.OBJECT),
    ],
)
def test_the_first_acceptable_shape_is_chosen(accept, shape):
    assert negotiate(accept).shape is shape


@pytest.mark.parametrize("accept", ["text/html", PROTOBUF, "application/json;as=Unknown"])
def test_what_nobody_can_write_is_refused(accept):
    with pytest.raises(NotAcceptable, match="only the following media types are accepted: application/json"):
        negotiate(accept)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (PROTOBUF, PROTOBUF),
        (f"{PROTOBUF}, */*", PROTOBUF),
        (f"{PROTOBUF},application/json", PROTOBUF),
        (f"application/json,{PROTOBUF}", "application/json"),
        (f"{PROTOBUF};q=0.5,application/json", "application/json"),
        (f"{PROTOBUF};as=Table;v=v1;g=meta.k8s.io,{TABLE}", "application/json"),
    ],
)
def test_protobuf_is_written_where_it_can_be(accept, media_type):
    assert negotiate(accept, frozenset((As.OBJECT, As.PARTIAL))).media_type == media_type


def test_yaml_is_written_when_asked_for():
    assert negotiate("application/yaml").media_type == "application/yaml"
