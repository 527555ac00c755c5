"""What small structs over parts of objects are made of.

They are for processes that keep many objects and read few of their fields. A view names the fields that its component
reads, with the attribute names of the full structs; everything else is skipped while decoding, and the OpenAPI schema
is never loaded. Each component has its views in its own `views.py`; a view subclasses `Meta` where it reads more of the
metadata. May import: msgspec only.
"""

import msgspec


class View(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """Base of the views: camelCase on the wire, unknown fields dropped."""


class Meta(View):
    """The metadata that informers and writers need of any object."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


class EndpointPort(View):
    """Of an EndpointSlice."""

    name: str | None = None
    port: int | None = None
    protocol: str | None = None


class NodeAddress(View):
    """Of a node's status."""

    type: str = ""
    address: str = ""
