"""What a one-node cluster costs, measured as a user would meet it: `python bench/cluster.py [--quick]`.

    start    `minikube start` of a new cluster, images at hand, until the command returns with the node Ready
    pods     create to Ready one by one (p50), and twenty at once
    memory   proportional set size of every process of the cluster: the node's, and its keeper on the host
    cpu      processor time of all of these processes over a minute of idleness

Builds a cluster of its own in a temporary home, isolated, and deletes it. Needs root and `scripts/install --tests`.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.images.registry import Registry

from kajitori.client.raw import RawClient
from kajitori.cluster import access, keeping, machine, profile
from kajitori.cluster.paths import Home
from kajitori.cluster.sandbox import cgroups

IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"
PODS = "/api/v1/namespaces/default/pods"
MINIKUBE = str(Path(sys.prefix) / "bin/minikube")


def say(what: str, value: str, target: str) -> None:
    print(f"{what:<52} {value:>14}   target {target}", flush=True)


def container_of(home: Home) -> str:
    return machine.container_name(home.tag("minikube"), profile.load(home, "minikube").primary)


def pss_kb(pid: int) -> int:
    """The process's share of memory, pages shared with others counted in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def title(pid: int) -> str:
    """What a process is called in the figures: our component's name, or the program's."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    names = [word.decode(errors="replace") for word in words if word]
    if any(name.endswith("/keeper.py") for name in names):
        return "keeper"
    if "kajitori" in names:
        return names[names.index("kajitori") + 1]
    return Path(names[0]).name if names else "?"


def keeper_of(home: Home) -> int | None:
    return keeping.pid(keeping.record_path(home.tag("minikube")))


def processes(home: Home) -> set[int]:
    """Every process of the cluster, wherever it runs."""
    inside = {pid for directory in cgroups.directories(container_of(home)) for pid in cgroups.processes(directory)}
    keeper = keeper_of(home)
    return inside if keeper is None else inside | {keeper}


def memory(home: Home) -> None:
    """By process name, the largest first."""
    sizes: dict[str, int] = {}
    counts: dict[str, int] = {}
    for pid in processes(home):
        try:
            name, size = title(pid), pss_kb(pid)
        except OSError:
            continue
        sizes[name] = sizes.get(name, 0) + size
        counts[name] = counts.get(name, 0) + 1
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        print(f"    {name:<28} x{counts[name]:<3} {sizes[name] / 1024:8.1f} MB")
    say("memory of the idle cluster, all processes (PSS)", f"{sum(sizes.values()) / 1024:.0f} MB", "350 MB")


def cpu_ns(home: Home) -> int:
    """Processor time of all of the cluster's processes since it started."""
    keeper = keeper_of(home)
    return node_ns(home) + (process_ticks(keeper) * 10**9 // os.sysconf("SC_CLK_TCK") if keeper else 0)


def process_ticks(pid: int) -> int:
    """Processor time of one process, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def node_ns(home: Home) -> int:
    """What the node's cgroup has used, of either version of cgroups."""
    name = container_of(home)
    v1 = Path("/sys/fs/cgroup/cpuacct", name, "cpuacct.usage")
    if v1.exists():
        return int(v1.read_text())
    stat = Path("/sys/fs/cgroup", name, "cpu.stat").read_text().split()
    return int(stat[stat.index("usage_usec") + 1]) * 1000


def ticks(home: Home) -> dict[str, int]:
    """Processor time by process name, in clock ticks."""
    found: dict[str, int] = {}
    for pid in processes(home):
        try:
            found[title(pid)] = found.get(title(pid), 0) + process_ticks(pid)
        except OSError:
            continue
    return found


class Processor:
    """Processor time that the cluster's processes take from now on. What has ended meanwhile (runc) is "others"."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.before, self.named = cpu_ns(home), ticks(home)

    def used_s(self) -> float:
        return (cpu_ns(self.home) - self.before) / 1e9

    def by_name(self) -> dict[str, float]:
        """In ms, the largest first."""
        total, tick_ms = self.used_s() * 1000, 1000 / os.sysconf("SC_CLK_TCK")
        used = {name: (now - self.named.get(name, 0)) * tick_ms for name, now in ticks(self.home).items()}
        used["others"] = max(total - sum(used.values()), 0)
        return {name: used[name] for name in sorted(used, key=lambda name: -used[name]) if used[name]}


def idle_cpu(home: Home, seconds: int) -> None:
    """Watches the cluster do nothing for so long, and says what each process took."""
    processor, began = Processor(home), time.monotonic()
    time.sleep(seconds)
    used, took = processor.used_s(), time.monotonic() - began
    for name, ms in processor.by_name().items():
        print(f"    {name:<28} {ms / took:8.2f} ms/s")
    say(f"processor of the idle cluster, over {seconds} s", f"{100 * used / took:.2f} %", "2 %")


def pod(name: str) -> dict[str, Any]:
    container = {"name": "c", "image": IMAGE, "command": ["/agnhost", "pause"]}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


async def until(client: RawClient, done: Any, version: str) -> None:
    """Follow the pods until `done(event)` says so."""
    rest = b""
    query = [("watch", "true"), ("resourceVersion", version)]
    async with client.raw_stream("GET", PODS, query=query, timeout_s=120) as stream:
        async for chunk in stream:
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if line and done(orjson.loads(line)):
                    return


def is_ready(obj: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in obj.get("status", {}).get("conditions", ()))


async def ready_after(client: RawClient, names: list[str]) -> float:
    """Seconds from the first create until all are Ready, as a watch tells it."""
    version = orjson.loads((await client.raw("GET", PODS, query=[("limit", "1")])).body)["metadata"]["resourceVersion"]
    waiting = set(names)

    def seen(event: dict[str, Any]) -> bool:
        if is_ready(event["object"]):
            waiting.discard(event["object"]["metadata"]["name"])
        return not waiting

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(until(client, seen, version))
        for name in names:
            group.create_task(client.raw("POST", PODS, body=pod(name)))
    return time.monotonic() - began


async def gone(client: RawClient, names: list[str]) -> None:
    """Deletes the Pods and waits until none is left."""
    for name in names:
        await client.raw("DELETE", f"{PODS}/{name}")
    while orjson.loads((await client.raw("GET", PODS)).body)["items"]:  # noqa: ASYNC110 - deletion is not measured
        await asyncio.sleep(0.1)


async def pods(home: Home, rounds: int) -> None:
    client = RawClient(access.rest_config(home, profile.load(home, "minikube"), timeout_s=120))
    try:
        await ready_after(client, ["warm"])
        times = [await ready_after(client, [f"one-{n}"]) for n in range(rounds)]
        say("create a Pod until Ready, one by one, p50", f"{statistics.median(times):.2f} s", "0.7 s")
        await gone(client, ["warm", *(f"one-{n}" for n in range(rounds))])
        many = [f"many-{n}" for n in range(20)]
        processor = Processor(home)
        took = await ready_after(client, many)
        used = processor.used_s() / 20
        for name, ms in processor.by_name().items():
            print(f"    {name:<28} {ms / 20:8.1f} ms per Pod")
        say("20 Pods at once until all Ready", f"{20 / took:.1f} Pods/s", f"4 Pods/s ({used:.2f} s of processor each)")
        await gone(client, many)
    finally:
        await client.close()


def start(environ: Mapping[str, str]) -> float:
    """Seconds that `minikube start` takes."""
    began = time.monotonic()
    subprocess.run([MINIKUBE, "start"], env=dict(environ), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one start, a short idle measurement")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-", dir="/var/tmp") as folder, Registry() as registry:
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MINIKUBE", "KAJITORI"))}
        environ |= {
            "MINIKUBE_HOME": folder,
            "KUBECONFIG": f"{folder}/kubeconfig",
            "KAJITORI_ISOLATED": "1",
            "KAJITORI_REGISTRY_MIRROR": registry.url,
        }
        os.environ["MINIKUBE_HOME"] = folder
        home = Home.minikube()
        delete = [MINIKUBE, "delete", "--all"]
        try:
            times = []
            for _ in range(1 if args.quick else 3):
                subprocess.run(delete, env=environ, check=True, stdout=subprocess.DEVNULL)
                times.append(start(environ))
            say("minikube start until the node is Ready", f"{statistics.median(times):.1f} s", "8 s")
            subprocess.run([MINIKUBE, "image", "pull", IMAGE], env=environ, check=True)
            time.sleep(20)  # idle means: what a start sets in motion has ended
            memory(home)
            idle_cpu(home, 20 if args.quick else 60)
            asyncio.run(pods(home, 5 if args.quick else 15))
        finally:
            subprocess.run(delete, env=environ, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
