"""How field errors read."""

import pytest

from kajitori.machinery.fieldpath import (
    Path,
    duplicate,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)

PATH = Path("spec", "containers").index(0).child("name")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (required(PATH), "spec.containers[0].name: Required value"),
        (required(PATH, "why"), "spec.containers[0].name: Required value: why"),
        (invalid(PATH, 'a"b', "bad"), 'spec.containers[0].name: Invalid value: "a\\"b": bad'),
        (invalid(PATH, {"a": 1}, "bad"), 'spec.containers[0].name: Invalid value: {"a":1}: bad'),
        (invalid(PATH, True, "bad"), "spec.containers[0].name: Invalid value: true: bad"),
        (
            not_supported(PATH, "x", ["a", "b"]),
            'spec.containers[0].name: Unsupported value: "x": supported values: "a", "b"',
        ),
        (duplicate(PATH, "x"), 'spec.containers[0].name: Duplicate value: "x"'),
        (forbidden(PATH, "no"), "spec.containers[0].name: Forbidden: no"),
        (too_long(PATH, "x", 63), "spec.containers[0].name: Too long: may not be more than 63 bytes"),
        (too_long(PATH, "x", -1), "spec.containers[0].name: Too long: value is too long"),
        (too_many(PATH, 5, 1), "spec.containers[0].name: Too many: 5: must have at most 1 item"),
        (immutable(PATH, 1), "spec.containers[0].name: Invalid value: 1: field is immutable"),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_field_error_reads_as_upstream_prints_it(error, text):
    assert str(error) == text


def test_map_keys_stand_in_brackets():
    assert str(Path("metadata").child("labels").key("a/b")) == "metadata.labels[a/b]"
