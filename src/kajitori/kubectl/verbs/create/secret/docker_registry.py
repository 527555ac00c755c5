"""kubectl create secret docker-registry: credentials for a container registry. May import: client.kinds, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.generate.contents import gather
from kajitori.kubectl.generate.secrets import docker_config, secret
from kajitori.kubectl.writing import CreateOptions, create_built, only_name

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

RESOURCE = ResourcePath("v1", "secrets", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class DockerRegistryOptions(CreateOptions):
    append_hash: bool = flag(False, "Append a hash of the secret to its name.")
    docker_email: str = flag("", "Email for Docker registry")
    docker_password: str = flag("", "Password for Docker registry authentication")
    docker_server: str = flag("https://index.docker.io/v1/", "Server location for Docker registry")
    docker_username: str = flag("", "Username for Docker registry authentication")
    from_file: tuple[str, ...] = flag((), "A Docker configuration file, or .dockerconfigjson=file.", split=False)


async def run(opts: DockerRegistryOptions, ctx: Context) -> None:
    name = only_name(opts, "create secret docker-registry")
    if opts.from_file:
        found = gather("Secret", name, files=opts.from_file, literals=(), env_files=())
        found = {".dockerconfigjson" if len(found) == 1 else key: value for key, value in found.items()}
    else:
        if not opts.docker_username or not opts.docker_password:
            raise UsageError(
                "error: either --from-file or the combination of --docker-username, --docker-password "
                "and --docker-server is required"
            )
        config = docker_config(opts.docker_server, opts.docker_username, opts.docker_password, opts.docker_email)
        found = {".dockerconfigjson": config}
    obj = secret(name, "kubernetes.io/dockerconfigjson", found, append_hash=opts.append_hash)
    await create_built(opts, ctx, obj, RESOURCE)


COMMAND = Command(
    name="create secret docker-registry",
    short="Create a secret for use with a Docker registry",
    long="Create a new secret for use with Docker registries.",
    examples="""# For a private registry
kubectl create secret docker-registry my-secret --docker-server=SERVER --docker-username=USER \\
  --docker-password=PASSWORD""",
    usage=(
        "create secret docker-registry NAME --docker-username=user --docker-password=password "
        "--docker-email=email [--docker-server=string] [--from-file=[key=]source] "
        "[--dry-run=server|client|none] [options]"
    ),
    options=DockerRegistryOptions,
    run=run,
)
