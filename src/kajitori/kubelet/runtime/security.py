"""A Pod's and a container's securityContext in the runtime's words.

Pure, except that images are looked at to decide runAsNonRoot (the caller passes what it found).
May import: of the kubelet, `cri` (messages), `interfaces`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..cri import cri_pb2 as pb
from ..interfaces import ConfigError

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod

MASKED_PATHS = (
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    "/sys/devices/virtual/powercap",
)  # fmt: skip
READONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def effective(pod: Pod, container: Container, field: str) -> Any:
    """The container's setting, else the Pod's."""
    for context in (container.security_context, pod.spec.security_context):
        value = getattr(context, field, None) if context is not None else None
        if value is not None:
            return value
    return None


def namespaces(pod: Pod, target_id: str = "") -> pb.NamespaceOption:
    """Which namespaces the Pod shares with the node, and whether its containers share one PID namespace; an ephemeral
    container joins that of its target."""
    if pod.spec.host_pid:
        pid = pb.NODE
    elif pod.spec.share_process_namespace:
        pid = pb.POD
    else:
        pid = pb.TARGET if target_id else pb.CONTAINER
    return pb.NamespaceOption(
        target_id=target_id if pid == pb.TARGET else "",
        network=pb.NODE if pod.spec.host_network else pb.POD,
        ipc=pb.NODE if pod.spec.host_ipc else pb.POD,
        pid=pid,
    )


def seccomp(profile: Any, seccomp_root: str, *, default_runtime: bool) -> pb.SecurityProfile:
    """A seccompProfile; none means Unconfined unless the kubelet runs with --seccomp-default."""
    kind = profile.type if profile is not None else None
    if kind == "RuntimeDefault" or (kind is None and default_runtime):
        return pb.SecurityProfile(profile_type=pb.SecurityProfile.RuntimeDefault)
    if kind == "Localhost":
        return pb.SecurityProfile(
            profile_type=pb.SecurityProfile.Localhost, localhost_ref=f"{seccomp_root}/{profile.localhost_profile}"
        )
    return pb.SecurityProfile(profile_type=pb.SecurityProfile.Unconfined)


def apparmor(profile: Any) -> pb.SecurityProfile | None:
    """An appArmorProfile; None leaves the choice to the runtime."""
    kind = profile.type if profile is not None else None
    if kind == "RuntimeDefault":
        return pb.SecurityProfile(profile_type=pb.SecurityProfile.RuntimeDefault)
    if kind == "Unconfined":
        return pb.SecurityProfile(profile_type=pb.SecurityProfile.Unconfined)
    if kind == "Localhost":
        return pb.SecurityProfile(
            profile_type=pb.SecurityProfile.Localhost, localhost_ref=f"localhost/{profile.localhost_profile}"
        )
    return None


def selinux(options: Any) -> pb.SELinuxOption | None:
    """seLinuxOptions as they are."""
    if options is None:
        return None
    return pb.SELinuxOption(
        user=options.user or "", role=options.role or "", type=options.type or "", level=options.level or ""
    )


def supplemental_groups(pod: Pod) -> list[int]:
    """Groups from the Pod: supplementalGroups and fsGroup."""
    context = pod.spec.security_context
    if context is None:
        return []
    groups = [int(g) for g in context.supplemental_groups]
    if context.fs_group is not None and context.fs_group not in groups:
        groups.append(int(context.fs_group))
    return groups


def groups_policy(pod: Pod) -> pb.SupplementalGroupsPolicy:
    """Whether the image's own groups of the user count too."""
    context = pod.spec.security_context
    return pb.Strict if context is not None and context.supplemental_groups_policy == "Strict" else pb.Merge


def is_privileged(container: Container) -> bool:
    """Whether it runs with all the node's rights."""
    return bool(container.security_context is not None and container.security_context.privileged)


def capabilities(container: Container) -> pb.Capability:
    """Added and dropped capabilities, without their prefix."""
    context = container.security_context
    wanted = context.capabilities if context is not None else None
    if wanted is None:
        return pb.Capability()
    plain = [[c.removeprefix("CAP_") for c in names] for names in (wanted.add, wanted.drop)]
    return pb.Capability(add_capabilities=plain[0], drop_capabilities=plain[1])


def container_security(
    pod: Pod, container: Container, *, image_user: str, seccomp_root: str, seccomp_default: bool, target_id: str = ""
) -> pb.LinuxContainerSecurityContext:
    """The whole security context; ``image_user`` is the image's USER, for a spec that names none, ``target_id`` the
    container whose processes an ephemeral container sees."""
    context = container.security_context
    privileged = is_privileged(container)
    result = pb.LinuxContainerSecurityContext(
        capabilities=capabilities(container),
        privileged=privileged,
        namespace_options=namespaces(pod, target_id),
        readonly_rootfs=bool(context is not None and context.read_only_root_filesystem),
        supplemental_groups=supplemental_groups(pod),
        supplemental_groups_policy=groups_policy(pod),
        no_new_privs=bool(context is not None and context.allow_privilege_escalation is False),
        seccomp=pb.SecurityProfile(profile_type=pb.SecurityProfile.Unconfined)
        if privileged
        else seccomp(effective(pod, container, "seccomp_profile"), seccomp_root, default_runtime=seccomp_default),
        apparmor=None if privileged else apparmor(effective(pod, container, "app_armor_profile")),
        selinux_options=selinux(effective(pod, container, "se_linux_options")),
    )
    if not (context is not None and context.proc_mount == "Unmasked") and not privileged:
        result.masked_paths.extend(MASKED_PATHS)
        result.readonly_paths.extend(READONLY_PATHS)
    user, group = effective(pod, container, "run_as_user"), effective(pod, container, "run_as_group")
    if user is not None:
        result.run_as_user.value = int(user)
    elif image_user:
        if image_user.isdecimal():
            result.run_as_user.value = int(image_user)
        else:
            result.run_as_username = image_user
    if group is not None:
        result.run_as_group.value = int(group)
    return result


def verify_non_root(pod: Pod, container: Container, image_user: str) -> None:
    """Refuse a container that must not be root but would be; raises `ConfigError` as upstream words it."""
    if not effective(pod, container, "run_as_non_root"):
        return
    where = f'(pod: "{pod.metadata.name}_{pod.metadata.namespace}({pod.metadata.uid})", container: {container.name})'
    user = effective(pod, container, "run_as_user")
    if user is not None:
        if int(user) == 0:
            raise ConfigError(f"container's runAsUser breaks non-root policy {where}")
        return
    if image_user in ("", "0"):
        raise ConfigError(f"container has runAsNonRoot and image will run as root {where}")
    if not image_user.isdecimal():
        raise ConfigError(
            f"container has runAsNonRoot and image has non-numeric user ({image_user}), "
            f"cannot verify user is non-root {where}"
        )
