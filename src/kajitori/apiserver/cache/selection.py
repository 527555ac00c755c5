"""What a reader wants to see of a resource: a namespace, label and field selectors. Pure. May import: machinery."""

from dataclasses import dataclass
from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.cache.entry import Entry
from kajitori.machinery.fieldselector import FieldSelector
from kajitori.machinery.labels import Selector


@dataclass(frozen=True, slots=True)
class Selection:
    """Selectors are None when they select everything, so that most readers pay nothing for them."""

    resource: Resource
    prefix: str
    labels: Selector | None = None
    fields: FieldSelector | None = None

    @property
    def selective(self) -> bool:
        """Whether anything under the prefix may be left out."""
        return self.labels is not None or self.fields is not None

    def matches(self, entry: Entry | None) -> bool:
        """Whether an object (under the prefix) is selected."""
        if entry is None:
            return False
        if self.labels is not None and not self.labels.matches(entry.labels()):
            return False
        return self.fields is None or self.fields.matches(entry.fields(self.resource))

    def chosen(self, obj: dict[str, Any]) -> bool:
        """Whether the field selector has an object that is already in the version of the resource."""
        return self.fields is None or self.fields.matches(self.resource.selectable_fields(obj))
