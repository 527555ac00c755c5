"""`minikube service NAME [--url]` and `service list`: where a Service can be reached from this machine."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from kajitori.aiokit.pflag import flag
from kajitori.cluster import access, status
from kajitori.cluster.failures import NODE_NOT_RUNNING, SERVICE_NOT_FOUND, SERVICE_UNREACHABLE, ClusterFailure
from kajitori.cluster.profile import Profile
from kajitori.machinery.errors import NotFound
from kajitori.minikube import output
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read, usage_failure
from kajitori.minikube.layout import filled

DEFAULT_FORMAT = "http://{{.IP}}:{{.Port}}"
HEADERS = ("NAMESPACE", "NAME", "TARGET PORT", "URL")
Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ServiceOptions(GlobalOptions):
    namespace: str = flag("default", "The service namespace", short="n")
    wait: int = flag(2, "Seconds to wait for the service")
    interval: int = flag(1, "Seconds between two looks")
    format: str = flag("", "How to print a URL, as a Go template; by default http://{{.IP}}:{{.Port}}")
    url: bool = flag(False, "Display the URL in the CLI instead of opening it in the default browser")
    https: bool = flag(False, "Open the service URL with https instead of http")
    all: bool = flag(False, "Forwards all services in a namespace")


def run(argv: Sequence[str]) -> int:
    args = read(ServiceOptions, argv, "service", usage="[NAME ...|list] [flags]", max_args=None)
    context = Context.of(args.profile)
    cluster = context.profile()
    if not status.is_up(context.home, cluster):
        raise ClusterFailure(
            NODE_NOT_RUNNING, "The cluster is not running", f'Start it with: "minikube start{context.hint}"'
        )
    scheme = "https" if args.https else "http"
    if args.args == ("list",):
        return show_list(context, cluster, scheme)
    if not args.args and not args.all:
        raise usage_failure("service", "You must specify service name(s) or --all")
    found = asyncio.run(look_up(context, cluster, args.namespace, args.args, args.wait))
    for service, runs in found:
        show_one(cluster, service, scheme, args.format or DEFAULT_FORMAT, url_only=args.url, runs=runs)
    return 0


async def look_up(
    context: Context, cluster: Profile, namespace: str, names: Sequence[str], wait_s: int
) -> list[tuple[Wire, bool]]:
    """The services asked for (all of the namespace without names), and whether a Pod runs behind each.

    One that is missing, or whose Pods do not run, may still come for `wait_s`.
    """
    from kajitori.client.raw import RawClient

    client = RawClient(access.rest_config(context.home, cluster))
    path = f"/api/v1/namespaces/{namespace}/services"
    try:
        if names:
            services = [await one(client, path, namespace, name, wait_s) for name in names]
        else:
            services = orjson.loads((await client.raw("GET", path)).body)["items"]
        return [(service, await has_running_pod(client, service, wait_s)) for service in services]
    finally:
        await client.close()


async def one(client: Any, path: str, namespace: str, name: str, wait_s: int) -> Wire:
    """The Service, looked for until `wait_s` are over; raises `ClusterFailure` then."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return dict(orjson.loads((await client.raw("GET", f"{path}/{name}")).body))
        except NotFound:
            if time.monotonic() >= deadline:
                raise ClusterFailure(
                    SERVICE_NOT_FOUND,
                    f"Service '{name}' was not found in '{namespace}' namespace.\n"
                    "You may select another namespace by using 'minikube service "
                    f"{name} -n <namespace>'. Or list out all the services using 'minikube service list'",
                    "",
                ) from None
        await asyncio.sleep(0.25)


async def has_running_pod(client: Any, service: Wire, wait_s: int) -> bool:
    """A Service without a selector has nobody to ask for."""
    selector = service["spec"].get("selector")
    if not selector:
        return True
    words = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    query = [("labelSelector", words), ("fieldSelector", "status.phase=Running"), ("limit", "1")]
    path = f"/api/v1/namespaces/{service['metadata']['namespace']}/pods"
    deadline = time.monotonic() + wait_s
    while True:
        if orjson.loads((await client.raw("GET", path, query=query)).body)["items"]:
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(0.25)


def ports(service: Wire) -> list[tuple[str, int]]:
    """What to call each node port, and its number."""
    found = []
    for port in service["spec"].get("ports", ()):
        if port.get("nodePort"):
            name = port.get("name", "")
            found.append((f"{name}/{port['port']}" if name else str(port["port"]), port["nodePort"]))
    return found


def show_one(cluster: Profile, service: Wire, scheme: str, template: str, *, url_only: bool, runs: bool) -> None:
    """Prints the URLs, or with --url only those, and opens them else.

    Raises `ClusterFailure` for a Service without a node port or a running Pod.
    """
    namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
    urls = []
    for title, number in ports(service):
        url = filled("service", template, {"IP": cluster.primary.ip, "Port": number, "Name": title})
        urls.append((title, f"{scheme}://{url.removeprefix('http://')}" if scheme == "https" else url))
    if not urls:
        if not url_only:
            print(output.table(HEADERS, [(namespace, name, "", "No node port")]))
        output.error_step("sad", f"service {namespace}/{name} has no node port")
        raise ClusterFailure(
            SERVICE_UNREACHABLE,
            f'service "{name}" is of type {service["spec"].get("type")}: it has no node port',
            "Expose it with --type=NodePort",
        )
    if not url_only:
        print(output.table(HEADERS, [(namespace, name, title, url) for title, url in urls]))
    if not runs:
        raise ClusterFailure(SERVICE_UNREACHABLE, f"service not available: no running pod for service {name} found", "")
    if url_only:
        print("\n".join(url for _, url in urls))
        return
    for _, url in urls:
        output.step("celebrate", f"Opening service {namespace}/{name} in default browser...")
        open_browser(url)


def open_browser(url: str) -> None:
    """Root has no browser, nor has a machine without a display: then the address itself is the answer."""
    opener = shutil.which("xdg-open")
    if opener is None or os.geteuid() == 0 or not os.environ.get("DISPLAY"):
        print(url)
        return
    subprocess.Popen([opener, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def show_list(context: Context, cluster: Profile, scheme: str) -> int:
    from kajitori.client.raw import RawClient

    async def read() -> list[Wire]:
        client = RawClient(access.rest_config(context.home, cluster))
        try:
            return list(orjson.loads((await client.raw("GET", "/api/v1/services")).body)["items"])
        finally:
            await client.close()

    rows = []
    for service in asyncio.run(read()):
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        found = ports(service)
        if not found:
            rows.append((namespace, name, "No node port", ""))
        for title, number in found:
            rows.append((namespace, name, title, f"{scheme}://{cluster.primary.ip}:{number}"))
    print(output.table(HEADERS, rows))
    return 0
