"""Root CA publisher: every namespace has a ConfigMap `kube-root-ca.crt`, by which Pods can trust the API server.

May import: client, api; never another controller.
"""

from __future__ import annotations

from kajitori.api import schema
from kajitori.api.core.v1 import ConfigMap, Namespace
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers.controller import DONE, Context, Controller, Result, is_namespace_terminating
from kajitori.machinery.errors import AlreadyExists, StatusError

NAME = "kube-root-ca.crt"
DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
    "Kubernetes clusters."
)


class RootCAController(Controller):
    """Its keys are namespaces."""

    name, workers = "root-ca-certificate-publisher-controller", 1
    account = "root-ca-cert-publisher"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.namespaces = self.watch(context.informers.of(Namespace)).lister
        maps = context.informers.of(ConfigMap, field_selector=f"metadata.name={NAME}")
        self.maps = self.watch(maps, lambda found: ObjectKey("", key_of(found).namespace)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        namespace = self.namespaces.get(key)
        if namespace is None or namespace.metadata.deletion_timestamp is not None:
            return DONE
        data = {"ca.crt": self.options.root_ca}
        annotations = {"kubernetes.io/description": DESCRIPTION}
        current = self.maps.get(ObjectKey(key.name, NAME))
        if current is None:
            metadata = {"name": NAME, "namespace": key.name, "annotations": annotations}
            try:
                await self.client.create(schema.from_wire(ConfigMap, {"metadata": metadata, "data": data}))
            except AlreadyExists:
                return DONE
            except StatusError as error:
                if not is_namespace_terminating(error):
                    raise
        elif current.data != data or not annotations.items() <= current.metadata.annotations.items():
            changed = schema.clone(current)
            changed.data = data
            changed.metadata.annotations |= annotations
            await self.client.update(changed)
        return DONE
