"""kubectl port-forward: local ports that lead into a pod. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, HelpfulError, Options, UsageError, flag
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class PortForwardOptions(Options):
    address: tuple[str, ...] = flag(
        (),
        "Addresses to listen on (comma separated): IP addresses, or localhost, which stands for 127.0.0.1 and ::1 and "
        "fails when neither can be had.",
        shown_default="[localhost]",
    )
    pod_running_timeout: Duration = flag(Duration(60), "How long to wait until at least one pod is running")

    def validate(self) -> None:
        if len(self.args) < 2:
            raise HelpfulError("port-forward", "TYPE/NAME and list of ports are required for port-forward")


async def run(opts: PortForwardOptions, ctx: Context) -> None:
    from kajitori.client.streams.portforward import PortForwarder
    from kajitori.kubectl.serving.forwarding import Listeners, LostConnection, addresses_of
    from kajitori.kubectl.serving.ports import of_pod, of_service
    from kajitori.kubectl.sessions.pods import PODS, attachable, named

    info = await named(ctx, opts.args[0])
    pod = await attachable(ctx, info, timeout_s=float(opts.pod_running_timeout))
    words = list(opts.args[1:])
    is_service = info.object.get("kind") == "Service"
    forwards = of_service(words, info.object, pod) if is_service else of_pod(words, pod)
    phase = (pod.get("status") or {}).get("phase")
    if phase != "Running":
        raise UsageError(f"error: unable to forward port because pod is not running. Current status={phase}")
    addresses = addresses_of(opts.address or ("localhost",))
    path = PODS.url(pod["metadata"]["namespace"], pod["metadata"]["name"], "portforward")
    try:
        async with PortForwarder(ctx.client().transport, path) as forwarder:
            listeners = Listeners(ctx, forwarder)
            listeners.open(forwards, addresses)
            await listeners.serve()
    except LostConnection:
        raise UsageError("error: lost connection to pod") from None
    except StatusError as error:
        raise UsageError(f"error: error upgrading connection: {error.message}") from error


COMMAND = Command(
    name="port-forward",
    short="Forward one or more local ports to a pod",
    long="""Forward one or more local ports to a pod.

 The pod may be named by a type and a name, as in deployment/mydeployment; a bare name is a pod's. Of several pods that
match, one is chosen; when that one ends, so does the session.""",
    examples="""# Local ports 5000 and 6000 to the same ports of the pod
kubectl port-forward pod/mypod 5000 6000

# To a pod of the deployment; to a port of the service, by its name
kubectl port-forward deployment/mydeployment 5000 6000
kubectl port-forward service/myservice 8443:https

# Local port 8888 to port 5000 of the pod
kubectl port-forward pod/mypod 8888:5000

# On all addresses; on chosen ones
kubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000
kubectl port-forward --address localhost,10.19.21.23 pod/mypod 8888:5000

# Any local port
kubectl port-forward pod/mypod :5000""",
    usage="port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    options=PortForwardOptions,
    run=run,
    interrupted=0,
)
