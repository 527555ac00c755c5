"""delete and deletecollection. May import: cache, handlers, objects."""

from kajitori.aiokit.http.message import Response
from kajitori.api.registration import Resource
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.handlers.call import Call, dumps
from kajitori.apiserver.handlers.listoptions import Page, encode_continue
from kajitori.apiserver.handlers.read import Reading
from kajitori.apiserver.handlers.rendering import render
from kajitori.apiserver.objects.options import Deleted
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.machinery.errors import NotFound

RETURN_DELETED = frozenset(
    {
        "pods",
        "podtemplates",
        "services",
        "serviceaccounts",
        "persistentvolumes",
        "persistentvolumeclaims",
        "resourcequotas",
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "csistoragecapacities.storage.k8s.io",
        "storageclasses.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "volumeattributesclasses.storage.k8s.io",
    }
)
"""Resources whose deletion answers with the object instead of a Status (ReturnDeletedObject upstream)."""


class Deleting:
    """The deleting verbs over an ObjectStore."""

    def __init__(self, objects: ObjectStore, cacher: Cacher, reading: Reading) -> None:
        self._objects = objects
        self._cacher = cacher
        self._reading = reading

    async def delete(self, call: Call) -> Response:
        """DELETE of one object."""
        delete_options, options = await call.delete_options()
        info, resource = call.info, call.resource
        done = await self._objects.delete(resource, info.namespace, info.name, delete_options, options)
        if not done.gone or resource.group_resource in RETURN_DELETED:
            return self._reading.show(call, done.data)
        return render(call, call.format, dumps(success(resource, done)))

    async def delete_collection(self, call: Call) -> Response:
        """DELETE of all objects that a selection names."""
        page = Page.of(call)
        delete_options, options = await call.delete_options()
        delete_options.of_collection = True
        resource = call.resource
        await self._cacher.fresh()
        selection = call.selection()
        entries = list(self._cacher.partition(resource).entries(selection.prefix))
        if resource.converter is not None and selection.fields is not None:
            await resource.converter.prepare(resource, entries)
        after = selection.prefix + page.start if page.start else ""
        entries = [entry for entry in entries if entry.key > after and selection.matches(entry)]
        meta = {"resourceVersion": str(self._cacher.revision)}
        if resource.custom:
            meta["continue"] = ""
        if page.limit and len(entries) > page.limit:
            entries = entries[: page.limit]
            meta["continue"] = encode_continue(self._cacher.revision, entries[-1].key.removeprefix(selection.prefix))
        items: list[bytes] = []
        for entry in entries:
            space, _, name = entry.key.removeprefix(resource.storage_prefix).rpartition("/")
            try:
                done = await self._objects.delete(resource, space, name, delete_options, options)
            except NotFound:
                continue  # somebody else was faster
            items.append(done.data)
        meta["resourceVersion"] = str(self._cacher.revision)
        return call.respond(
            b'{"kind":"%b","apiVersion":"%b","metadata":%b,"items":[%b]}'
            % (resource.list_kind.encode(), resource.group_version.encode(), dumps(meta), b",".join(items))
        )


def success(resource: Resource, done: Deleted) -> dict[str, object]:
    """The Status that says an object is gone."""
    meta = done.obj["metadata"]
    details = {"name": meta["name"], "group": resource.group, "kind": resource.plural, "uid": meta.get("uid", "")}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: value for key, value in details.items() if value},
    }
