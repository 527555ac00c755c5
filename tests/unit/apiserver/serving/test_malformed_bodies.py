"""Bodies that are no objects at all, refused in the words of upstream's decoder."""

import pytest

from kajitori.api import scheme
from kajitori.apiserver.serving.decoding import decode_object
from kajitori.apiserver.serving.patches import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, patcher
from kajitori.machinery.errors import BadRequest

CONFIG_MAPS = scheme.builtin().by_plural("", "v1", "configmaps")
HEAD = "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a":', 'unexpected end of JSON input ({"a":)'),
        (b"", "unexpected end of JSON input (<empty>)"),
        (b"nope", "invalid character 'o' in literal null (expecting 'u') (6e6f7065)"),
        (
            b'{"kind":"ConfigMap","metadata":{"name":"x"},}',
            'invalid character \'}\' looking for beginning of object key string ({"kind":"ConfigMap","metadata" ...)',
        ),
        (b'{"kind":7}', 'json: cannot unmarshal number into Go struct field .kind of type string ({"kind":7})'),
    ],
)
def test_what_is_no_object_is_shown_with_its_beginning(body, why):
    with pytest.raises(BadRequest) as refused:
        decode_object(CONFIG_MAPS, body, "application/json", "Warn", [])
    assert refused.value.message == HEAD + why


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        (MERGE_PATCH, b'{"a"', "error decoding patch: unexpected end of JSON input"),
        (
            MERGE_PATCH,
            b"[]",
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (STRATEGIC_PATCH, b"7", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
        (
            JSON_PATCH,
            b"{}",
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        ),
        (JSON_PATCH, b"[", "error decoding patch: unexpected end of JSON input"),
    ],
)
def test_patches_have_words_of_their_own(kind, body, text):
    with pytest.raises(BadRequest) as refused:
        patcher(kind, body, CONFIG_MAPS.schema)
    assert refused.value.message == text
