"""Info: one object that a command line means: where it lives, what it is called, and what is known of it.

May import: client.discovery (types), kubectl.printers.names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.printers.names import name_of, namespace_of

if TYPE_CHECKING:
    from kajitori.client.discovery import APIResource
    from kajitori.client.dynamic import DynamicClient

Wire = dict[str, Any]


@dataclass
class Info:
    """`object` is a wire dict: the object, a List of several (a listed type that was not flattened), or a Table.

    `namespace` is "" for cluster-scoped objects; `name` is "" for a list. `source` is the file it was read from.
    """

    resource: APIResource
    namespace: str
    name: str
    object: Wire = field(default_factory=dict)
    source: str = ""

    @property
    def kind_name(self) -> str:
        """``deployment.apps``, ``pod``."""
        kind = self.resource.kind.lower()
        return f"{kind}.{self.resource.group}" if self.resource.group else kind

    @property
    def qualified(self) -> str:
        """``deployment.apps/web``."""
        return f"{self.kind_name}/{self.name}"

    @property
    def is_list(self) -> bool:
        return not self.name

    def adopt(self, obj: Wire) -> Wire:
        """Takes over what the server answered."""
        self.object = obj
        if obj.get("kind") not in ("Status", "Table"):
            self.name = name_of(obj) or self.name
            self.namespace = namespace_of(obj) or self.namespace
        return obj

    async def refresh(self, client: DynamicClient) -> Wire:
        """Reads the object from the server. Raises NotFound."""
        return self.adopt(await client.get(self.resource, self.name, self.namespace or None))
