"""authorization.k8s.io/v1: questions about what somebody may do; answered, never stored. May import: api."""

from __future__ import annotations

from kajitori.api.registration import CREATE_ONLY, Resource
from kajitori.api.rules import resource

V1 = "authorization.k8s.io/v1"

RESOURCES: list[Resource] = [
    resource(V1, "localsubjectaccessreviews", "LocalSubjectAccessReview", verbs=CREATE_ONLY),
    resource(V1, "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False, verbs=CREATE_ONLY),
    resource(V1, "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False, verbs=CREATE_ONLY),
    resource(V1, "subjectaccessreviews", "SubjectAccessReview", namespaced=False, verbs=CREATE_ONLY),
]
