"""Values against schemas: defaults, pruning, validation, ratcheting."""

from typing import Any

import pytest

from kajitori.api.apiextensions import defaulting, formats, values
from kajitori.api.apiextensions.enforcement import Rules
from kajitori.apiserver.customresources.typeview import CustomSchema
from kajitori.machinery.fieldpath import Path


def texts(errors: list[Any]) -> list[str]:
    return [str(error) for error in errors]


def test_defaults_fill_what_is_absent_at_every_depth() -> None:
    raw = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "default": {},
                "properties": {
                    "replicas": {"type": "integer", "default": 2},
                    "items": {"type": "array", "items": {"type": "object", "properties": {"p": {"type": "string", "default": "TCP"}}}},
                    "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"q": {"default": 1}}}},
                },
            }
        },
    }  # fmt: skip
    obj: dict[str, Any] = {}
    defaulting.apply(raw, obj)
    assert obj == {"spec": {"replicas": 2}}
    obj = {"spec": {"items": [{}, {"p": "UDP"}], "map": {"a": {}}, "replicas": None}}
    defaulting.apply(raw, obj)
    assert obj == {"spec": {"items": [{"p": "TCP"}, {"p": "UDP"}], "map": {"a": {"q": 1}}, "replicas": 2}}


def test_nulls_read_as_absent_unless_nullable() -> None:
    raw = {"properties": {"a": {"type": "string"}, "b": {"type": "string", "nullable": True}}}
    obj = {"a": None, "b": None}
    defaulting.drop_nulls(raw, obj)
    assert obj == {"b": None}


def test_pruning_keeps_what_is_specified_preserved_or_embedded() -> None:
    raw = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "known": {"type": "string"},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}},
                },
            }
        },
    }  # fmt: skip
    obj = {
        "apiVersion": "a/v1",
        "kind": "K",
        "metadata": {"name": "n", "odd": 1},
        "spec": {
            "known": "x",
            "unknown": 1,
            "free": {"any": {"thing": 1}},
            "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"x": 1}, "more": 1},
        },
    }
    unknown = CustomSchema(raw, "a", "v1", "K").checker(obj)
    assert sorted(unknown) == ["metadata.odd", "spec.template.more", "spec.template.spec.x", "spec.unknown"]
    assert obj["spec"] == {
        "known": "x",
        "free": {"any": {"thing": 1}},
        "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}},
    }


CASES: list[tuple[dict[str, Any], Any, list[str]]] = [
    ({"type": "string"}, 1, ['a: Invalid value: "integer": a in body must be of type string: "integer"']),
    ({"type": "integer"}, 1.0, []),
    ({"type": "number"}, 1, []),
    ({"type": "string"}, None, ['a: Invalid value: "null": a in body must be of type string: "null"']),
    ({"type": "string", "nullable": True}, None, []),
    ({"type": "string", "minLength": 2}, "a", ['a: Invalid value: "a": a in body should be at least 2 chars long']),
    ({"type": "string", "maxLength": 1}, "ab", ["a: Too long: may not be more than 1 byte"]),
    ({"type": "string", "format": "date-time"}, "x", ['a: Invalid value: "x": a in body must be of type date-time: "x"']),
    ({"type": "integer", "exclusiveMinimum": True, "minimum": 0}, 0, ["a: Invalid value: 0: a in body should be greater than 0"]),
    ({"type": "number", "maximum": 1000000}, 2e6, ["a: Invalid value: 2e+06: a in body should be less than or equal to 1e+06"]),
    ({"type": "integer", "multipleOf": 3}, 4, ["a: Invalid value: 4: a in body should be a multiple of 3"]),
    ({"type": "array", "minItems": 1, "items": {"type": "string"}}, [], ["a: Invalid value: 0: a in body should have at least 1 items"]),
    ({"type": "array", "maxItems": 1}, [1, 2], ["a: Too many: 2: must have at most 1 item"]),
    ({"type": "object", "required": ["b"]}, {}, ["a.b: Required value"]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, {"k": "v"}, ['a.k: Invalid value: "string": a.k in body must be of type integer: "string"']),
    ({"oneOf": [{"required": ["x"]}, {"required": ["y"]}]}, {"x": 1, "y": 1}, ['<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives']),
    ({"oneOf": [{"required": ["x"]}, {"required": ["y"]}]}, {}, ['<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found none valid', "a.x: Required value"]),
    ({"anyOf": [{"required": ["x"]}]}, {}, ['<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)', "a.x: Required value"]),
    ({"not": {"required": ["x"]}}, {"x": 1}, ['<nil>: Invalid value: "": "a" must not validate the schema (not)']),
    ({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}, "50%", []),
    ({"type": "string", "enum": ["x"]}, "y", ['a: Unsupported value: "y": supported values: "x"']),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value", "expected"), CASES)
def test_a_value_is_judged_in_upstreams_words(raw: dict[str, Any], value: Any, expected: list[str]) -> None:
    assert texts(values.check({"type": "object", "properties": {"a": raw}}, {"a": value})) == expected


def test_what_is_unchanged_is_not_judged_again() -> None:
    item = {"type": "object", "properties": {"n": {"type": "string"}, "v": {"type": "integer", "maximum": 5}}}
    raw = {
        "properties": {
            "old": {"type": "integer", "maximum": 5},
            "map": {
                "type": "array",
                "items": item,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["n"],
            },
            "atomic": {"type": "array", "items": item},
        }
    }
    bad = {"n": "a", "v": 9}
    old = {"old": 9, "map": [bad], "atomic": [bad]}
    assert values.check(raw, {**old, "new": 1}, old=old) == []
    grown = {"old": 9, "map": [{"n": "b"}, bad], "atomic": [bad, {"n": "b"}]}
    assert [error.path for error in values.check(raw, grown, old=old)] == ["atomic[0].v"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("ipv4", "10.0.0.1", "10.0.0"),
        ("ipv6", "::1", "10.0.0.1"),
        ("cidr", "10.0.0.0/8", "10.0.0.1"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
        ("email", "a@b.c", "a"),
        ("hostname", "a.example", "-a"),
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2024-02-29T10:00:00Z", "2024-02-30T10:00:00Z"),
        ("duration", "1h30m", "1x"),
        ("byte", "YWJj", "%"),
        ("uri", "https://a/b", "a b"),
        ("mac", "00:11:22:33:44:55", "00:11"),
        ("k8s-short-name", "a.b", None),
        ("isbn", "978-0321751041", "978-0321751042"),
        ("unheard-of", "x", None),
    ],
)
def test_a_format_tells_good_from_bad(name: str, good: str, bad: str | None) -> None:
    assert formats.holds(name, good)
    assert bad is None or not formats.holds(name, bad)


def test_sets_and_maps_hold_no_duplicates() -> None:
    raw = {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}
    assert texts(values.list_errors(raw, ["a", "b", "a"], Path("l"))) == ['l[2]: Duplicate value: "a"']


# rules


def rules(*validations: dict[str, Any], **properties: Any) -> Rules:
    spec = {"type": "object", "properties": properties, "x-kubernetes-validations": list(validations)}
    return Rules({"type": "object", "properties": {"spec": spec}})


INTEGER = {"type": "integer"}


def test_a_rule_gives_its_message_reason_and_field() -> None:
    made = rules(
        {"rule": "self.a < 5", "messageExpression": "'a is ' + string(self.a)", "reason": "FieldValueForbidden", "fieldPath": ".a"},
        {"rule": "self.a < 4", "message": "too large"},
        {"rule": "self.a < 3"},
        a=INTEGER,
    )  # fmt: skip
    assert texts(made.check({"spec": {"a": 7}}, None)) == [
        "spec.a: Forbidden: a is 7",
        'spec: Invalid value: "object": too large',
        'spec: Invalid value: "object": failed rule: self.a < 3',
    ]


def test_a_transition_rule_needs_an_old_value_unless_it_is_optional() -> None:
    made = rules({"rule": "self.a >= oldSelf.a"}, a=INTEGER)
    assert made.check({"spec": {"a": 1}}, None) == []
    assert len(made.check({"spec": {"a": 1}}, {"spec": {"a": 2}})) == 1
    made = rules({"rule": "oldSelf.hasValue() || self.a == 1", "optionalOldSelf": True}, a=INTEGER)
    assert len(made.check({"spec": {"a": 2}}, None)) == 1
    assert made.check({"spec": {"a": 2}}, {"spec": {"a": 5}}) == []


def test_a_failing_rule_only_warns_of_what_did_not_change() -> None:
    made = rules({"rule": "self.a < 5"}, a=INTEGER)
    old = {"spec": {"a": 9}}
    warnings: list[str] = []
    assert made.check({"spec": {"a": 9}, "more": 1}, old, warnings=warnings) == []
    assert warnings == ['spec: Invalid value: "object": failed rule: self.a < 5']
    assert len(made.check({"spec": {"a": 8}}, old)) == 1


def test_rules_see_typed_values_and_escaped_names() -> None:
    made = rules(
        {"rule": "self.when < timestamp('2030-01-01T00:00:00Z') && self.wait == duration('1m') && self.__namespace__ == 'x'"},
        {"rule": "self.odd__dash__name == 1 && self.ratio / 2.0 == 0.5"},
        **{
            "when": {"type": "string", "format": "date-time"},
            "wait": {"type": "string", "format": "duration"},
            "namespace": {"type": "string"},
            "odd-name": INTEGER,
            "ratio": {"type": "number"},
        },
    )  # fmt: skip
    spec = {"when": "2024-01-01T00:00:00Z", "wait": "60s", "namespace": "x", "odd-name": 1, "ratio": 1}
    assert made.check({"spec": spec}, None) == []


def test_a_rule_that_fails_to_run_says_why() -> None:
    made = rules({"rule": "self.a > 1"}, a=INTEGER)
    assert texts(made.check({"spec": {}}, None)) == [
        'spec: Invalid value: "object": no such key: a evaluating rule: self.a > 1'
    ]


def test_no_rule_runs_once_the_budget_is_used_up() -> None:
    made = rules({"rule": "self.a > 1"}, {"rule": "self.a > 2"}, a=INTEGER)
    assert texts(made.check({"spec": {"a": 9}}, None, limit=4)) == [
        'spec: Invalid value: "object": validation failed due to running out of cost budget, no further validation '
        "rules will be run"
    ]
