"""Acting on claims and volumes: make directories and PersistentVolumes, remove them when they are released.

Each key is handled by one worker at a time; everything may be repeated. May import: provisioner.*, client, aiokit.
"""

import asyncio
import shutil
from pathlib import Path

from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.workqueue import WorkQueue
from kajitori.client.events import EventRecorder
from kajitori.client.informers import Informers
from kajitori.client.objects import ObjectKey, key_of
from kajitori.client.rest import Client
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError
from kajitori.provisioner import plan
from kajitori.provisioner.plan import Options, Unprovisionable
from kajitori.provisioner.views import Claim, StorageClass, Volume

log = get_logger(__name__)
Item = tuple[str, ObjectKey]  # ("claim" or "volume", key)


class Provisioner:
    """`run()` serves until cancelled."""

    def __init__(self, client: Client, informers: Informers, events: EventRecorder, options: Options) -> None:
        self._client, self._events, self._options = client, events, options
        self._queue: WorkQueue[Item] = WorkQueue("provisioner")
        self._claims = informers.of(Claim)
        self._volumes = informers.of(Volume)
        self._classes = informers.of(StorageClass)
        self._claims.add_handler(self._claim_seen, lambda _, new: self._claim_seen(new))
        self._volumes.add_handler(self._volume_seen, lambda _, new: self._volume_seen(new))
        self._classes.add_handler(lambda _: self._all_claims())

    def _claim_seen(self, claim: Claim) -> None:
        if not claim.spec.volume_name:
            self._queue.add(("claim", key_of(claim)))

    def _volume_seen(self, volume: Volume) -> None:
        if plan.is_doomed(volume, self._options):
            self._queue.add(("volume", key_of(volume)))

    def _all_claims(self) -> None:
        for claim in self._claims.lister.list():
            self._claim_seen(claim)

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            item = await self._queue.get()
            try:
                await (self._provision(item[1]) if item[0] == "claim" else self._delete(item[1]))
                self._queue.forget(item)
            except (StatusError, OSError) as error:
                log.error("will try again", item=item[0], key=str(item[1]), err=describe(error))
                self._queue.add_rate_limited(item)
            finally:
                self._queue.done(item)

    async def _provision(self, key: ObjectKey) -> None:
        claim = self._claims.lister.get(key)
        if claim is None:
            return
        name = claim.spec.storage_class_name or ""
        storage_class = self._classes.lister.get(ObjectKey("", name)) if name else None
        if storage_class is None or not plan.is_wanted(claim, storage_class, self._options):
            return
        if self._volumes.lister.get(ObjectKey("", f"pvc-{claim.metadata.uid}")) is not None:
            return
        text = f'External provisioner is provisioning volume for claim "{key}"'
        self._events.event(claim, "Normal", "Provisioning", text)
        try:
            volume = plan.volume_for(claim, storage_class, self._options)
        except Unprovisionable as error:
            text = f'failed to provision volume with StorageClass "{storage_class.metadata.name}": {error}'
            self._events.event(claim, "Warning", "ProvisioningFailed", text)
            return
        node = claim.metadata.annotations.get(plan.SELECTED_NODE, "")
        if not node or node == self._options.node_name:
            await asyncio.to_thread(_make_directory, volume["spec"]["hostPath"]["path"])
        try:
            await self._client.raw("POST", "/api/v1/persistentvolumes", body=volume)
        except AlreadyExists:
            log.v(1).info("the volume is there already", volume=volume["metadata"]["name"])
        text = f"Successfully provisioned volume {volume['metadata']['name']}"
        self._events.event(claim, "Normal", "ProvisioningSucceeded", text)
        log.info("provisioned a volume", claim=str(key), volume=volume["metadata"]["name"])

    async def _delete(self, key: ObjectKey) -> None:
        volume = self._volumes.lister.get(key)
        if volume is None or not plan.is_doomed(volume, self._options):
            return
        path = plan.directory_to_remove(volume, self._options)
        if path:
            await asyncio.to_thread(_remove_directory, path)
        else:
            log.warning("the volume's path is not within our directory, it stays", volume=key.name)
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": volume.metadata.uid}}
        try:
            await self._client.raw("DELETE", f"/api/v1/persistentvolumes/{key.name}", body=body)
        except NotFound:
            return
        log.info("deleted a volume", volume=key.name)


def _make_directory(path: str) -> None:
    directory = Path(path)
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o777)


def _remove_directory(path: str) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
