"""The restricted standard: what baseline forbids, and hardening on top, one function per rule.

Pure; wire dicts. May import: podsecurity.{baseline,rule}.
"""

from __future__ import annotations

from kajitori.apiserver.admission.podsecurity.baseline import seccomp_baseline
from kajitori.apiserver.admission.podsecurity.rule import (
    Check,
    Object,
    Rule,
    Violation,
    is_windows,
    named,
    names_of,
    quoted,
    security,
    setters_of,
)

_VOLUMES = frozenset(
    [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ]
)


def privilege_escalation(metadata: Object, spec: Object) -> Violation | None:
    """securityContext.allowPrivilegeEscalation of containers: false."""
    if is_windows(spec):
        return None
    bad = names_of(spec, lambda c: security(c).get("allowPrivilegeEscalation") is not False)
    detail = f"{named(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", detail) if bad else None


def capabilities_restricted(metadata: Object, spec: Object) -> Violation | None:
    """securityContext.capabilities of containers: drop ALL; add nothing but NET_BIND_SERVICE."""
    if is_windows(spec):
        return None
    added: set[str] = set()

    def adds(container: Object) -> bool:
        wrong = set((security(container).get("capabilities") or {}).get("add") or ()) - {"NET_BIND_SERVICE"}
        added.update(wrong)
        return bool(wrong)

    keeping = names_of(spec, lambda c: "ALL" not in ((security(c).get("capabilities") or {}).get("drop") or ()))
    adding = names_of(spec, adds)
    details = []
    if keeping:
        details.append(f'{named(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        details.append(f"{named(adding)} must not include {quoted(sorted(added))} in securityContext.capabilities.add")
    return Violation("unrestricted capabilities", "; ".join(details)) if details else None


def restricted_volumes(metadata: Object, spec: Object) -> Violation | None:
    """volumes[*]: only the kinds that hold nothing of the node."""
    bad: list[str] = []
    types: set[str] = set()
    for volume in spec.get("volumes") or ():
        kinds = [key for key, value in volume.items() if key != "name" and value is not None]
        wrong = [kind for kind in kinds if kind not in _VOLUMES]
        if wrong:
            bad.append(volume["name"])
            types.update(wrong)
    if not bad:
        return None
    verb = "volume {} uses" if len(bad) == 1 else "volumes {} use"
    noun = "type" if len(types) == 1 else "types"
    detail = f"{verb.format(quoted(bad))} restricted volume {noun} {quoted(sorted(types))}"
    return Violation("restricted volume types", detail)


def run_as_non_root(metadata: Object, spec: Object) -> Violation | None:
    """runAsNonRoot: true, of the Pod or of every container."""
    of_pod = security(spec).get("runAsNonRoot")
    setters = setters_of(spec, lambda holder: security(holder).get("runAsNonRoot") is False)
    if setters:
        return Violation("runAsNonRoot != true", f"{setters} must not set securityContext.runAsNonRoot=false")
    if of_pod:
        return None
    bad = names_of(spec, lambda c: security(c).get("runAsNonRoot") is None)
    detail = f"pod or {named(bad)} must set securityContext.runAsNonRoot=true"
    return Violation("runAsNonRoot != true", detail) if bad else None


def run_as_user(metadata: Object, spec: Object) -> Violation | None:
    """runAsUser: anything but 0."""
    setters = setters_of(spec, lambda holder: security(holder).get("runAsUser") == 0)
    return Violation("runAsUser=0", f"{setters} must not set runAsUser=0") if setters else None


def seccomp_restricted(metadata: Object, spec: Object) -> Violation | None:
    """seccompProfile.type: RuntimeDefault or Localhost, of the Pod or of every container."""
    if is_windows(spec):
        return None
    if found := seccomp_baseline(metadata, spec):
        return found
    if security(spec).get("seccompProfile") is not None:
        return None
    bad = names_of(spec, lambda c: security(c).get("seccompProfile") is None)
    detail = f'pod or {named(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", detail) if bad else None


def _even_on_windows(check: Check) -> Check:
    """A rule as it was before v1.25, when a Pod's word to be for Windows excused nothing."""
    return lambda metadata, spec: check(metadata, {key: value for key, value in spec.items() if key != "os"})


RESTRICTED: tuple[Rule, ...] = (
    Rule("allowPrivilegeEscalation", ((25, privilege_escalation), (8, _even_on_windows(privilege_escalation)))),
    Rule(
        "capabilities_restricted",
        ((25, capabilities_restricted), (22, _even_on_windows(capabilities_restricted))),
        replaces="capabilities_baseline",
    ),
    Rule("restrictedVolumes", ((0, restricted_volumes),), replaces="hostPathVolumes"),
    Rule("runAsNonRoot", ((0, run_as_non_root),)),
    Rule("runAsUser", ((23, run_as_user),)),
    Rule(
        "seccompProfile_restricted",
        ((25, seccomp_restricted), (19, _even_on_windows(seccomp_restricted))),
        replaces="seccompProfile_baseline",
    ),
)
