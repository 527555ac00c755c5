"""Who owns whom: the garbage collector's graph, and what each change of an object means for it. Pure, no I/O.

A node stands for an object by its UID. An owner that somebody names but that we have not seen is a *virtual* node: it
is asked for, and if it does not exist its dependents are looked at.

    change of an object                              what the collector does next
    appears, or changes its owners                   looks at the object if an owner is missing
    disappears                                       looks at its dependents, and at owners that wait for it
    is being deleted, finalizer foregroundDeletion   marks it as waiting, looks at its dependents, then at itself
    is being deleted, finalizer orphan               lets its dependents go, then removes the finalizer

May import: client.sources (types).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


@dataclass(frozen=True)
class Identity:
    """What an owner reference and the object itself have in common; `namespace` is empty for cluster-wide kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


@dataclass(frozen=True)
class Owner:
    """What the collector needs of an owner reference."""

    api_version: str
    kind: str
    name: str
    uid: str
    blocks: bool  # blockOwnerDeletion


@dataclass(eq=False)
class Node:
    """An object and its edges both ways."""

    identity: Identity
    owners: tuple[Owner, ...] = ()
    dependents: set[Node] = field(default_factory=set)
    is_virtual: bool = False
    is_being_deleted: bool = False
    waits_for_dependents: bool = False

    def blocking_dependents(self) -> list[Node]:
        """Those whose reference to us says that we must outlive them."""
        uid = self.identity.uid
        return [d for d in self.dependents if any(o.uid == uid and o.blocks for o in d.owners)]


@dataclass
class Work:
    """What a change asks for: nodes to be looked at, nodes whose dependents are to be let go."""

    look_at: list[Node] = field(default_factory=list)
    let_go: list[Node] = field(default_factory=list)


def owners_of(metadata: Any) -> tuple[Owner, ...]:
    """The ownerReferences of typed metadata."""
    return tuple(
        Owner(ref.api_version or "", ref.kind or "", ref.name or "", ref.uid or "", bool(ref.block_owner_deletion))
        for ref in metadata.owner_references
    )


class OwnerGraph:
    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, uid: str) -> Node | None:
        return self._nodes.get(uid)

    def put(self, identity: Identity, metadata: Any) -> Work:
        """An object was seen, for the first time or changed."""
        work = Work()
        owners = owners_of(metadata)
        node = self._nodes.get(identity.uid)
        if node is None:
            if not owners and not metadata.deletion_timestamp:
                # Most objects neither own nor are owned: a node is made when somebody names them as an owner.
                self._nodes[identity.uid] = Node(identity)
                return work
            node = self._nodes[identity.uid] = Node(identity)
        elif node.is_virtual:
            if node.identity != identity:  # a reference with the wrong kind or namespace: those who made it are adrift
                work.look_at += [d for d in node.dependents if not _names(d, identity)]
            node.identity, node.is_virtual = identity, False
        self._set_owners(node, owners, work)
        self._note_deletion(node, metadata, work)
        return work

    def remove(self, uid: str) -> Work:
        """An object is gone, or an owner that somebody named never was."""
        work = Work()
        node = self._nodes.pop(uid, None)
        if node is None:
            return work
        for owner in node.owners:
            parent = self._nodes.get(owner.uid)
            if parent is None:
                continue
            parent.dependents.discard(node)
            if parent.waits_for_dependents:
                work.look_at.append(parent)
            elif parent.is_virtual and not parent.dependents:
                del self._nodes[owner.uid]
        work.look_at += node.dependents
        return work

    def _set_owners(self, node: Node, owners: tuple[Owner, ...], work: Work) -> None:
        before = {owner.uid: owner for owner in node.owners}
        after = {owner.uid: owner for owner in owners}
        node.owners = owners
        for uid in before.keys() - after.keys():
            parent = self._nodes.get(uid)
            if parent is not None:
                parent.dependents.discard(node)
                if parent.waits_for_dependents:
                    work.look_at.append(parent)
        for uid, owner in after.items():
            parent = self._nodes.get(uid)
            if parent is None:
                parent = self._nodes[uid] = Node(_referred(owner, node.identity.namespace), is_virtual=True)
                work.look_at.append(parent)
            elif not _is_named_by(parent, owner, node.identity.namespace):
                work.look_at.append(node)
            parent.dependents.add(node)
            if parent.waits_for_dependents and (uid not in before or before[uid].blocks != owner.blocks):
                work.look_at += [node, parent]

    def _note_deletion(self, node: Node, metadata: Any, work: Work) -> None:
        if not metadata.deletion_timestamp:
            return
        node.is_being_deleted = True
        if ORPHAN in metadata.finalizers:
            work.let_go.append(node)
        if FOREGROUND in metadata.finalizers:
            if not node.waits_for_dependents:
                node.waits_for_dependents = True
                work.look_at += [*node.dependents, node]
        elif node.waits_for_dependents:
            node.waits_for_dependents = False


def _referred(owner: Owner, namespace: str) -> Identity:
    """The owner by its reference: in the dependent's namespace, unless it turns out to be cluster-scoped."""
    return Identity(owner.api_version, owner.kind, namespace, owner.name, owner.uid)


def _is_named_by(parent: Node, owner: Owner, namespace: str) -> bool:
    identity = parent.identity
    if (identity.kind, identity.name) != (owner.kind, owner.name):
        return False
    return not identity.namespace or identity.namespace == namespace or parent.is_virtual


def _names(dependent: Node, identity: Identity) -> bool:
    """Whether a dependent's reference fits the object that its UID turned out to be."""
    if identity.namespace and identity.namespace != dependent.identity.namespace:
        return False
    return any((o.uid, o.kind, o.name) == (identity.uid, identity.kind, identity.name) for o in dependent.owners)
