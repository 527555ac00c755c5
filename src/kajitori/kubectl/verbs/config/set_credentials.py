"""kubectl config set-credentials: makes or changes a user entry. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import put_file, refuse_args
from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetCredentialsOptions(Options):
    auth_provider: str = flag("", "Auth provider for the user entry in kubeconfig")
    auth_provider_arg: tuple[str, ...] = flag((), "'key=value' arguments for the auth provider")
    client_certificate: str = flag("", "Path to client-certificate file for the user entry in kubeconfig")
    client_key: str = flag("", "Path to client-key file for the user entry in kubeconfig")
    embed_certs: bool = flag(False, "Put the certificate's and key's content into the file.")
    exec_api_version: str = flag("", "API version of the exec credential plugin.")
    exec_arg: tuple[str, ...] = flag((), "Arguments of the exec credential plugin.")
    exec_command: str = flag("", "Command of the exec credential plugin.")
    exec_env: tuple[str, ...] = flag((), "Environment of the exec credential plugin, as key=value.", split=False)
    exec_interactive_mode: str = flag("", "Interactive mode of the exec credential plugin.")
    exec_provide_cluster_info: bool = flag(False, "Whether the exec credential plugin is told of the cluster.")
    password: str = flag("", "password for the user entry in kubeconfig")
    token: str = flag("", "token for the user entry in kubeconfig")
    username: str = flag("", "username for the user entry in kubeconfig")


async def run(opts: SetCredentialsOptions, ctx: Context) -> int | None:
    if len(opts.args) != 1:
        return refuse_args(ctx, COMMAND, opts.args)
    if opts.token and (opts.username or opts.password):
        raise UsageError(
            "error: you cannot specify more than one authentication method at the same time: "
            "--token, --username/--password"
        )
    with edit(ctx.options.kubeconfig or None) as config:
        body = dict(config.entry("users", opts.args[0]) or {})
        if opts.token:
            body["token"] = opts.token
            body.pop("username", None)
            body.pop("password", None)
        if opts.username or opts.password:
            body |= {key: value for key, value in (("username", opts.username), ("password", opts.password)) if value}
            body.pop("token", None)
        if opts.client_certificate:
            put_file(body, "client-certificate", opts.client_certificate, embed=opts.embed_certs)
        if opts.client_key:
            put_file(body, "client-key", opts.client_key, embed=opts.embed_certs)
        if opts.auth_provider:
            arguments = dict(word.split("=", 1) for word in opts.auth_provider_arg if "=" in word)
            body["auth-provider"] = {"config": arguments or None, "name": opts.auth_provider}
        if opts.exec_command:
            body["exec"] = _exec(opts)
        config.set("users", opts.args[0], body)
    ctx.streams.print(f'User "{opts.args[0]}" set.')
    return None


def _exec(opts: SetCredentialsOptions) -> dict[str, Any]:
    env = [dict(zip(("name", "value"), word.split("=", 1), strict=True)) for word in opts.exec_env]
    return {
        "apiVersion": opts.exec_api_version or "client.authentication.k8s.io/v1",
        "args": list(opts.exec_arg) or None,
        "command": opts.exec_command,
        "env": env or None,
        "interactiveMode": opts.exec_interactive_mode or "IfAvailable",
        "provideClusterInfo": opts.exec_provide_cluster_info,
    }


COMMAND = Command(
    name="config set-credentials",
    short="Set a user entry in kubeconfig",
    long="""Set a user entry in kubeconfig.""",
    examples="""# A token
kubectl config set-credentials cluster-admin --token=bearer_token""",
    usage=(
        "config set-credentials NAME [--client-certificate=path/to/certfile] "
        "[--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] "
        "[--password=basic_password] [--auth-provider=provider_name] "
        "[--auth-provider-arg=key=value] [--exec-command=exec_command] "
        "[--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value] [options]"
    ),
    options=SetCredentialsOptions,
    run=run,
)
