"""What runc is told about a node."""

from kajitori.cluster.sandbox import bundle
from kajitori.cluster.sandbox.bundle import Sandbox

SANDBOX = Sandbox(
    hostname="n1",
    etc="/m/etc",
    var="/m/var",
    netns="/run/netns/x",
    cgroup="/kajitori-x",
    program_folders=("/opt/env", "/src"),
    capability_mask=0b1001,
    host_etc=("/etc/ssl",),
    memory_bytes=1 << 30,
    cpus=2,
)


def test_the_programs_folders_come_in_read_only_at_their_own_paths() -> None:
    mounts = {m["destination"]: m for m in bundle.mounts(SANDBOX)}
    for path in ("/usr", "/opt/env", "/src", "/etc/ssl"):
        assert mounts[path]["source"] == path
        assert "ro" in mounts[path]["options"]


def test_what_lies_inside_is_mounted_after_what_it_lies_in() -> None:
    order = [m["destination"] for m in bundle.mounts(SANDBOX)]
    assert order.index("/etc") < order.index("/etc/ssl")
    assert order.index("/sys") < order.index("/sys/fs/cgroup")
    assert order.index("/dev") < order.index("/dev/pts")


def test_a_node_gets_the_capabilities_that_we_have_and_no_other() -> None:
    assert bundle.capabilities(0b1001) == ["CAP_CHOWN", "CAP_FOWNER"]
    assert bundle.config(SANDBOX)["process"]["capabilities"]["bounding"] == ["CAP_CHOWN", "CAP_FOWNER"]


def test_every_kernel_name_space_but_the_users_is_the_nodes_own() -> None:
    kinds = {space["type"] for space in bundle.config(SANDBOX)["linux"]["namespaces"]}
    assert kinds == {"pid", "ipc", "uts", "mount", "cgroup", "network"}


def test_limits_are_set_only_where_asked_for() -> None:
    assert bundle.resources(SANDBOX)["memory"] == {"limit": 1 << 30}
    assert bundle.resources(SANDBOX)["cpu"] == {"period": 100_000, "quota": 200_000}
    unlimited = Sandbox(**{**SANDBOX.__dict__, "memory_bytes": 0, "cpus": 0})
    assert set(bundle.resources(unlimited)) == {"devices"}
