"""ServiceAccount controller: every active namespace has a ServiceAccount named `default`.

May import: client, api; never another controller.
"""

from __future__ import annotations

from kajitori.api import schema
from kajitori.api.core.v1 import Namespace, ServiceAccount
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers.controller import DONE, Context, Controller, Result, is_namespace_terminating
from kajitori.machinery.errors import AlreadyExists, StatusError

DEFAULT = "default"


class ServiceAccountController(Controller):
    """Its keys are namespaces."""

    name, workers = "serviceaccount-controller", 1
    account = "service-account-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.namespaces = self.watch(context.informers.of(Namespace)).lister
        accounts = context.informers.of(ServiceAccount, field_selector=f"metadata.name={DEFAULT}")
        self.accounts = self.use(accounts, on_delete=self._deleted).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        namespace = self.namespaces.get(key)
        if namespace is None or namespace.metadata.deletion_timestamp is not None:
            return DONE
        if ObjectKey(key.name, DEFAULT) in self.accounts:
            return DONE
        account = schema.from_wire(ServiceAccount, {"metadata": {"name": DEFAULT, "namespace": key.name}})
        try:
            await self.client.create(account)
        except AlreadyExists:
            return DONE
        except StatusError as error:
            if not is_namespace_terminating(error):
                raise
        return DONE

    def _deleted(self, account: ServiceAccount) -> None:
        self.queue.add(ObjectKey("", key_of(account).namespace))
