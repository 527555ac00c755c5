"""What can go wrong while a cluster is built, each with a stable id, an exit code and a way out.

    ClusterFailure(reason, message, advice)

A command line prints `message` once, then `advice`, and exits with `reason.exit_code`. Ids and codes are minikube's,
so that scripts written for it keep working. May import: nothing of Kajitori.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A stable name for a kind of failure, and the exit code that goes with it."""

    id: str
    exit_code: int


INTERNAL = Reason("GUEST_START", 80)
USAGE = Reason("MK_USAGE", 14)
PROFILE_NOT_FOUND = Reason("GUEST_PROFILE_NOT_FOUND", 85)
PROFILE_UNREADABLE = Reason("HOST_CONFIG_LOAD", 30)
NODE_NOT_FOUND = Reason("GUEST_NODE_RETRIEVE", 80)
NODE_NOT_RUNNING = Reason("GUEST_NODE_NOT_RUNNING", 83)
NEEDS_ROOT = Reason("DRV_NEEDS_ROOT", 57)
UNSUPPORTED_DRIVER = Reason("DRV_UNSUPPORTED_OS", 56)
RUNC_NOT_FOUND = Reason("PROVIDER_RUNC_NOT_FOUND", 45)
CONTAINERD_NOT_FOUND = Reason("PROVIDER_CONTAINERD_NOT_FOUND", 45)
NETWORK = Reason("IF_BRIDGE_CREATE", 60)
NO_FREE_SUBNET = Reason("IF_SUBNET_EXHAUSTED", 61)
STORAGE = Reason("RSRC_INSUFFICIENT_STORAGE", 26)
MEMORY = Reason("RSRC_INSUFFICIENT_REQ_MEMORY", 23)
CORES = Reason("RSRC_INSUFFICIENT_CORES", 29)
LOCKED = Reason("GUEST_PROFILE_LOCKED", 81)
VERSION_UNSUPPORTED = Reason("K8S_UNSUPPORTED_VERSION", 106)
NODES_UNSUPPORTED = Reason("GUEST_NODE_ADD", 86)
NODE_CREATE = Reason("GUEST_PROVISION", 80)
RUNTIME_ENABLE = Reason("RUNTIME_ENABLE", 90)
APISERVER_TIMEOUT = Reason("K8S_APISERVER_TIMEOUT", 102)
NODE_TIMEOUT = Reason("GUEST_START", 82)
IMAGE = Reason("GUEST_IMAGE_LOAD", 80)
SERVICE_NOT_FOUND = Reason("SVC_NOT_FOUND", 115)
SERVICE_UNREACHABLE = Reason("SVC_UNREACHABLE", 119)
DELETE = Reason("GUEST_DELETION", 80)


class ClusterFailure(Exception):
    """A failure that a person can act on: what happened (`str`), and how to get out of it (`advice`)."""

    def __init__(self, reason: Reason, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.advice = advice
