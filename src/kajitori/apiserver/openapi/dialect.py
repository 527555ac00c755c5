"""How OpenAPI v2 and v3 write the same operation. Pure. May import: the standard library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
Answers = Mapping[int, tuple[str, Sequence[str]]]
_SAID = {200: "OK", 201: "Created", 202: "Accepted"}
BEARER = {
    "BearerToken": {
        "description": "Bearer Token authentication",
        "in": "header",
        "name": "authorization",
        "type": "apiKey",
    }
}


@dataclass(frozen=True)
class Dialect:
    """One of the two."""

    v3: bool

    def operation(
        self,
        *,
        description: str,
        name: str,
        tag: str,
        parameters: list[Object],
        answers: Answers,
        action: str = "",
        kind: Object | None = None,
        body: tuple[str, Sequence[str], bool] | None = None,
        consumes: Sequence[str] = ("*/*",),
    ) -> Object:
        """An operation. `answers`: what is answered with which code, in which forms; `body`: what, in which forms, and
        whether there must be one. `string` is a plain text."""
        found: Object = {"description": description, "operationId": name, "tags": [tag]}
        responses: Object = {str(code): self._answer(code, *answer) for code, answer in answers.items()}
        responses["401"] = {"description": "Unauthorized"}
        found["responses"] = responses
        if action:
            found["x-kubernetes-action"] = action
        if kind:
            found["x-kubernetes-group-version-kind"] = kind
        if not self.v3:
            forms = next(iter(answers.values()))[1]
            found |= {"consumes": list(body[1] if body else consumes), "produces": list(forms), "schemes": ["https"]}
        if body and self.v3:
            content = {media: {"schema": self.schema(body[0])} for media in body[1]}
            found["requestBody"] = {"content": content, **({"required": True} if body[2] else {})}
        elif body:
            given: Object = {"in": "body", "name": "body", "schema": self.schema(body[0])}
            parameters = [{**given, **({"required": True} if body[2] else {})}, *parameters]
        if parameters:
            found["parameters"] = parameters
        return found

    def _answer(self, code: int, definition: str, forms: Sequence[str]) -> Object:
        said: Object = {"description": _SAID[code]}
        if self.v3:
            return {**said, "content": {media: {"schema": self.schema(definition)} for media in forms}}
        return {**said, "schema": self.schema(definition)}

    def schema(self, definition: str) -> Object:
        """A reference; or what a plain text is."""
        if definition == "string":
            return {"type": "string"}
        return {"$ref": ("#/components/schemas/" if self.v3 else "#/definitions/") + definition}


def group_words(group: str) -> str:
    """`rbac.authorization.k8s.io` → `RbacAuthorization`; the core group is `Core`."""
    return "".join(word.capitalize() for word in group.removesuffix(".k8s.io").replace("-", ".").split(".")) or "Core"


def camel(group: str, version: str) -> str:
    """What names of operations have of a group and a version: `RbacAuthorizationV1`."""
    return group_words(group) + version.capitalize()
