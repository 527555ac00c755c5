"""authentication.k8s.io/v1: questions about who somebody is; answered, never stored. May import: api."""

from __future__ import annotations

from kajitori.api.registration import CREATE_ONLY, Resource
from kajitori.api.rules import resource

V1 = "authentication.k8s.io/v1"

RESOURCES: list[Resource] = [
    resource(V1, "selfsubjectreviews", "SelfSubjectReview", namespaced=False, verbs=CREATE_ONLY),
    resource(V1, "tokenreviews", "TokenReview", namespaced=False, verbs=CREATE_ONLY),
]
