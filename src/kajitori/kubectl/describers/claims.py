"""What is told of a persistent volume claim, a whole one or the template of one inside a pod.

Pure. May import: kubectl.describers.
"""

from __future__ import annotations

from kajitori.kubectl.describers.marks import identity, labels, typed_reference, write_annotations
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, amount, meta, since, spec, status, words

_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"

_MODES = (
    ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")
)  # fmt: skip


def class_of_claim(obj: Wire) -> str:
    """The class by the old annotation, or by the spec."""
    old = meta(obj, "annotations", {}).get(_OLD_CLASS)
    return str(spec(obj, "storageClassName")) if old is None else str(old)


def access_modes(modes: list[str]) -> str:
    """`RWO,ROX,RWX,RWOP`, in this order whatever that of `modes`."""
    return ",".join(short for mode, short in _MODES if mode in modes)


def phase(obj: Wire) -> str:
    """The phase; of a volume or claim being deleted Terminating, and for how long."""
    deleted = meta(obj, "deletionTimestamp")
    return f"Terminating (lasts {since(deleted)})" if deleted else status(obj, "phase")


def write_claim(page: Page, obj: Wire, *, full: bool = True) -> None:
    """A claim, or (not full) the template of one inside a pod."""
    if full:
        identity(page, obj)
    page.row(0, "StorageClass:", class_of_claim(obj))
    if full:
        page.row(0, "Status:", phase(obj))
    page.row(0, "Volume:", spec(obj, "volumeName"))
    labels(page, "Labels", meta(obj, "labels", {}))
    write_annotations(page, "Annotations", meta(obj, "annotations", {}))
    if full:
        page.row(0, "Finalizers:", words(meta(obj, "finalizers", [])))
    bound = bool(spec(obj, "volumeName"))
    page.row(0, "Capacity:", amount(status(obj, "capacity", "storage")) if bound else "")
    page.row(0, "Access Modes:", access_modes(status(obj, "accessModes", default=[])) if bound else "")
    if spec(obj, "volumeMode"):
        page.row(0, "VolumeMode:", spec(obj, "volumeMode"))
    typed_reference(page, "DataSource:", spec(obj, "dataSource", default=None))
