"""What accompanies a write: who, how strictly, and whether for real. May import: user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kajitori.apiserver.user import LOOPBACK_USER, UserInfo


@dataclass(slots=True)
class WriteOptions:
    """CreateOptions, UpdateOptions and PatchOptions in one; `warnings` collects what the client should hear.

    `raw` has those that the client gave, by their wire names.
    """

    user: UserInfo = LOOPBACK_USER
    dry_run: bool = False
    field_manager: str = "kajitori"
    field_validation: str = "Warn"
    force: bool = False
    warnings: list[str] = field(default_factory=list)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DeleteOptions:
    """The wire DeleteOptions, read and checked."""

    grace_period_s: int | None = None
    propagation_policy: str = ""  # Orphan, Background, Foreground; "" leaves it to the object's finalizers
    orphan_dependents: bool | None = None
    uid: str | None = None
    resource_version: str | None = None
    of_collection: bool = False
    """Whether the request named a collection: admission is told no name then."""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """The outcome of a write: the object's bytes as a client gets them."""

    data: bytes
    created: bool = False


@dataclass(slots=True)
class Deleted:
    """The outcome of a deletion: the object's last bytes, and whether it is gone or merely going."""

    data: bytes
    obj: dict[str, Any]
    gone: bool
