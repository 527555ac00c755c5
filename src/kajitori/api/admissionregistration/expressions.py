"""CEL expressions of webhooks and policies: the variables they may name, with their types, and what is wrong with one.

CEL is loaded when the first expression is looked at. May import: cel, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from kajitori import cel
from kajitori.cel.authorizer import AUTHORIZER, LIBRARY
from kajitori.cel.types import BOOL, DYN, INT, NULL, STRING, TIMESTAMP, ObjectType, Type, list_of, map_of
from kajitori.machinery.fieldpath import FieldError, Path, invalid

_KIND: Final = ObjectType("kubernetes.GroupVersionKind", {"group": STRING, "version": STRING, "kind": STRING})
_RESOURCE: Final = ObjectType(
    "kubernetes.GroupVersionResource", {"group": STRING, "version": STRING, "resource": STRING}
)
_USER: Final = ObjectType(
    "kubernetes.UserInfo",
    {
        "username": STRING,
        "uid": STRING,
        "groups": list_of(STRING),
        "extra": map_of(STRING, list_of(STRING)),
    },
)
REQUEST: Final = ObjectType(
    "kubernetes.AdmissionRequest",
    {
        "kind": _KIND,
        "resource": _RESOURCE,
        "subResource": STRING,
        "requestKind": _KIND,
        "requestResource": _RESOURCE,
        "requestSubResource": STRING,
        "name": STRING,
        "namespace": STRING,
        "operation": STRING,
        "userInfo": _USER,
        "dryRun": BOOL,
        "options": DYN,
    },
)
NAMESPACE: Final = ObjectType(
    "kubernetes.Namespace",
    {
        "metadata": ObjectType(
            "kubernetes.NamespaceMetadata",
            {
                "name": STRING,
                "generateName": STRING,
                "namespace": STRING,
                "labels": map_of(STRING, STRING),
                "annotations": map_of(STRING, STRING),
                "UID": STRING,
                "creationTimestamp": TIMESTAMP,
                "deletionGracePeriodSeconds": INT,
                "deletionTimestamp": TIMESTAMP,
                "generation": INT,
                "resourceVersion": STRING,
                "finalizers": list_of(STRING),
            },
        ),
        "spec": ObjectType("kubernetes.NamespaceSpec", {"finalizers": list_of(STRING)}),
        "status": ObjectType("kubernetes.NamespaceStatus", {"phase": STRING}),
    },
)
BASE: Final[Mapping[str, Type]] = {
    "object": DYN,
    "oldObject": DYN,
    "request": REQUEST,
    "namespaceObject": NAMESPACE,
    "authorizer": AUTHORIZER,
}


def types(
    *, params: bool = False, authorizer: bool = True, variables: Mapping[str, Type] | None = None
) -> dict[str, Type]:
    """Name → type of what an expression may name; `variables` are the policy's own."""
    out = dict(BASE)
    if not authorizer:
        del out["authorizer"]
    if params:
        out["params"] = DYN
    if variables is not None:
        out["variables"] = ObjectType("kubernetes.variables", dict(variables))
    return out


def compile_in(
    expression: str,
    *,
    result: Type | None = None,
    params: bool = False,
    authorizer: bool = True,
    variables: Mapping[str, Type] | None = None,
) -> cel.Program:
    """A program over these variables. Raises CompileError."""
    declared = types(params=params, authorizer=authorizer, variables=variables)
    return cel.compile(expression, declared, result=result, library=LIBRARY)


CONDITION: Final = (BOOL,)
MESSAGE: Final = (STRING,)
ANNOTATION: Final = (STRING, NULL)


def check(
    path: Path,
    expression: str,
    results: Sequence[Type],
    *,
    params: bool = False,
    authorizer: bool = True,
    variables: Mapping[str, Type] | None = None,
) -> tuple[list[FieldError], Type]:
    """What is wrong with an expression that must give one of `results` (none named: anything), and what it gives."""
    try:
        program = compile_in(expression, params=params, authorizer=authorizer, variables=variables)
    except cel.CompileError as error:
        return [invalid(path, expression, f"compilation failed: {error}")], DYN
    if results and program.result not in results:
        wanted = str(results[0]) if len(results) == 1 else f"one of [{' '.join(map(str, results))}]"
        return [invalid(path, expression, f"must evaluate to {wanted}")], program.result
    return [], program.result
