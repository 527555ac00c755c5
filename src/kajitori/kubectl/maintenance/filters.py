"""Which pods leave a drained node: each rule says yes, yes with a warning, no, or why it must not be.

The rules are asked in order; the first that says no decides. Pure, but for the daemon sets that exist, which are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Wire = dict[str, Any]
DAEMON_SET_FATAL = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
DAEMON_SET_WARNING = "ignoring DaemonSet-managed Pods"
STORAGE_FATAL = "Pods with local storage (use --delete-emptydir-data to override)"
STORAGE_WARNING = "deleting Pods with local storage"
UNMANAGED_FATAL = "cannot delete Pods that declare no controller (use --force to override)"
UNMANAGED_WARNING = "deleting Pods that declare no controller"
MIRROR = "kubernetes.io/config.mirror"


@dataclass(frozen=True)
class Verdict:
    """Whether the Pod is to go; `error` is why the whole drain must not be."""

    delete: bool
    warning: str = ""
    error: str = ""


OKAY, SKIP = Verdict(True), Verdict(False)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`missing_owner` gives the server's answer for a daemon set that is not there, "" for one that is."""

    force: bool = False
    ignore_daemonsets: bool = False
    delete_emptydir_data: bool = False
    skips: Callable[[Wire], bool] = lambda pod: False
    missing_owner: Callable[[Wire], str] = lambda pod: ""

    def judge(self, pod: Wire) -> Verdict:
        """The last rule's word, or the first no; a warning of an earlier yes is lost, as upstream."""
        verdict = OKAY
        for rule in (self._deleted, self._daemon_set, self._mirror, self._storage, self._unmanaged):
            verdict = rule(pod)
            if not verdict.delete:
                break
        return verdict

    def _deleted(self, pod: Wire) -> Verdict:
        return SKIP if self.skips(pod) else OKAY

    def _daemon_set(self, pod: Wire) -> Verdict:
        owner = controller(pod)
        if owner is None or owner.get("kind") != "DaemonSet" or _is_over(pod):
            return OKAY
        missing = self.missing_owner(pod)
        if missing:
            return Verdict(True, warning=missing) if self.force else Verdict(False, error=missing)
        if not self.ignore_daemonsets:
            return Verdict(False, error=DAEMON_SET_FATAL)
        return Verdict(False, warning=DAEMON_SET_WARNING)

    def _mirror(self, pod: Wire) -> Verdict:
        return SKIP if MIRROR in (pod["metadata"].get("annotations") or {}) else OKAY

    def _storage(self, pod: Wire) -> Verdict:
        local = any(volume.get("emptyDir") is not None for volume in pod["spec"].get("volumes") or ())
        if not local or _is_over(pod):
            return OKAY
        if not self.delete_emptydir_data:
            return Verdict(False, error=STORAGE_FATAL)
        return Verdict(True, warning=STORAGE_WARNING)

    def _unmanaged(self, pod: Wire) -> Verdict:
        if _is_over(pod) or controller(pod) is not None:
            return OKAY
        return Verdict(True, warning=UNMANAGED_WARNING) if self.force else Verdict(False, error=UNMANAGED_FATAL)


def controller(pod: Wire) -> Wire | None:
    """The owner reference of whatever controls the pod."""
    return next((one for one in pod["metadata"].get("ownerReferences") or () if one.get("controller")), None)


def _is_over(pod: Wire) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


@dataclass
class Leaving:
    """The pods to delete, and what there is to say about the others."""

    pods: list[Wire] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def add(self, pod: Wire, verdict: Verdict) -> None:
        """Sorts the Pod in; names are gathered under each text, as upstream prints them."""
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        if verdict.delete:
            self.pods.append(pod)
        if verdict.warning:
            self.warnings.setdefault(verdict.warning, []).append(name)
        if verdict.error:
            self.errors.setdefault(verdict.error, []).append(name)

    def warning_text(self) -> str:
        """All warnings in one line, each with its pods."""
        return "; ".join(f"{text}: {', '.join(names)}" for text, names in self.warnings.items())

    def error_texts(self) -> Iterator[str]:
        """One for each reason, with its pods."""
        for text, names in self.errors.items():
            yield f"cannot delete {text}: {', '.join(names)}"
