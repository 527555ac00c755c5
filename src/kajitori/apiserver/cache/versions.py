"""Which resources show objects in another form than the one they are stored in.

May import: api.{registration,strategy}.
"""

from kajitori.api.registration import Resource
from kajitori.api.strategy import Strategy


def converts(resource: Resource) -> bool:
    """Whether a resource is a second version (or group) of what another one stores: autoscaling/v1, events.k8s.io."""
    return type(resource.strategy).from_storage is not Strategy.from_storage
