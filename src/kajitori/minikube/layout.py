"""`--format`: the fields of a Go template (`{{.Host}}`) filled in. May import: minikube.flags.

Fields are all that minikube's own examples use; any other action of Go's templates is refused.
"""

import re
from collections.abc import Mapping

from kajitori.minikube.flags import usage_failure

ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)


def filled(verb: str, template: str, values: Mapping[str, object]) -> str:
    """Raises ClusterFailure for a field that there is not."""

    def value(action: re.Match[str]) -> str:
        name = action[1]
        if name[:1] != "." or name[1:] not in values:
            known = " ".join(f"{{{{.{key}}}}}" for key in values)
            raise usage_failure(verb, f"the template {template!r} asks for {name!r}; there are {known}")
        found = values[name[1:]]
        return str(found).lower() if isinstance(found, bool) else str(found)

    return ACTION.sub(value, template)
