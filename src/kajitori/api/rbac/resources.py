"""rbac.authorization.k8s.io/v1: roles and their bindings. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import NAME_AND_CREATED, Table, age, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

Object = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"
V1 = f"{GROUP}/v1"


def _binding_row(obj: Object, now: datetime) -> list[Any]:
    ref = obj.get("roleRef") or {}
    subjects = obj.get("subjects") or ()
    users = ", ".join(s["name"] for s in subjects if s.get("kind") == "User")
    groups = ", ".join(s["name"] for s in subjects if s.get("kind") == "Group")
    accounts = [s for s in subjects if s.get("kind") == "ServiceAccount"]
    account_names = ", ".join(f"{s.get('namespace', '')}/{s['name']}" for s in accounts)
    return [name(obj), f"{ref.get('kind', '')}/{ref.get('name', '')}", age(obj, now), users, groups, account_names]


def _binding_defaults(obj: Object) -> None:
    ref = obj.setdefault("roleRef", {})
    ref["apiGroup"] = ref.get("apiGroup") or GROUP
    for subject in obj.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP


def _validate_binding(obj: Object) -> Errors:
    ref, at = obj.get("roleRef") or {}, Path("roleRef")
    errors: Errors = []
    if ref.get("apiGroup") != GROUP:
        errors.append(not_supported(at.child("apiGroup"), ref.get("apiGroup"), [GROUP]))
    kinds = ["Role", "ClusterRole"] if obj.get("kind") == "RoleBinding" else ["ClusterRole"]
    if ref.get("kind") not in kinds:
        errors.append(not_supported(at.child("kind"), ref.get("kind") or "", kinds))
    if not ref.get("name"):
        errors.append(required(at.child("name")))
    else:
        errors += checks.by(at.child("name"), ref["name"], names.is_path_segment)
    for position, subject in enumerate(obj.get("subjects") or ()):
        errors += _subject(Path("subjects").index(position), subject, in_namespace=obj.get("kind") == "RoleBinding")
    return errors


def _subject(at: Path, subject: Object, *, in_namespace: bool) -> Errors:
    errors = [] if subject.get("name") else [required(at.child("name"))]
    kind, group = subject.get("kind") or "", subject.get("apiGroup") or ""
    if kind == "ServiceAccount":
        if subject.get("name"):
            errors += checks.by(at.child("name"), subject["name"], names.is_dns1123_subdomain)
        if group:
            errors.append(not_supported(at.child("apiGroup"), group, [""]))
        if not subject.get("namespace") and not in_namespace:
            errors.append(required(at.child("namespace")))
    elif kind in ("User", "Group"):
        if group != GROUP:
            errors.append(not_supported(at.child("apiGroup"), group, [GROUP]))
    else:
        errors.append(not_supported(at.child("kind"), kind, ["ServiceAccount", "User", "Group"]))
    return errors


def _binding_update(obj: Object, old: Object) -> Errors:
    if obj.get("roleRef") != old.get("roleRef"):
        return [invalid(Path("roleRef"), obj.get("roleRef"), "cannot change roleRef")]
    return []


def _validate_role(obj: Object) -> Errors:
    errors: Errors = []
    for position, rule in enumerate(obj.get("rules") or ()):
        at = Path("rules").index(position)
        urls = rule.get("nonResourceURLs") or []
        if not rule.get("verbs"):
            errors.append(required(at.child("verbs"), "verbs must contain at least one value"))
        if urls:
            if obj.get("kind") == "Role":
                message = "namespaced rules cannot apply to non-resource URLs"
                errors.append(invalid(at.child("nonResourceURLs"), urls, message))
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                message = "rules cannot apply to both regular resources and non-resource URLs"
                errors.append(invalid(at.child("nonResourceURLs"), urls, message))
            continue
        if not rule.get("apiGroups"):
            errors.append(required(at.child("apiGroups"), "resource rules must supply at least one api group"))
        if not rule.get("resources"):
            errors.append(required(at.child("resources"), "resource rules must supply at least one resource"))
    return errors + (_aggregation(obj["aggregationRule"]) if obj.get("aggregationRule") is not None else [])


def _aggregation(rule: Object) -> Errors:
    at, selectors = Path("aggregationRule", "clusterRoleSelectors"), rule.get("clusterRoleSelectors") or ()
    if not selectors:
        return [required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
    errors: Errors = []
    for position, selector in enumerate(selectors):
        wrong = checks.label_selector(at.index(position), selector)
        errors += [*wrong, invalid(at.index(position), selector, "invalid label selector.")] if wrong else []
    return errors


def _keep_type(obj: Object, old: Object) -> Errors:
    return [forbidden(Path("kind"), "may not change")] if obj.get("kind") != old.get("kind") else []


BINDING_TABLE: Table = table("Name, Role, Age, Users*, Groups*, ServiceAccounts*", _binding_row)
BINDINGS = Rules(
    defaults=_binding_defaults, validate=_validate_binding, validate_update=_binding_update, table=BINDING_TABLE
)
ROLES = Rules(validate=_validate_role, validate_update=_keep_type, table=NAME_AND_CREATED)

RESOURCES: list[Resource] = [
    resource(V1, "clusterrolebindings", "ClusterRoleBinding", BINDINGS, namespaced=False),
    resource(V1, "clusterroles", "ClusterRole", ROLES, namespaced=False),
    resource(V1, "rolebindings", "RoleBinding", BINDINGS),
    resource(V1, "roles", "Role", ROLES),
]
