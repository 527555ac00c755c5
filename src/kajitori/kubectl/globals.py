"""The flags that every command takes (``kubectl options``), and the shared groups that verbs mix in.

May import: kubectl.flags, client (lazily).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.flags import Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.client.overrides import Overrides


@dataclass(frozen=True, kw_only=True)
class GlobalOptions(Options):
    """``kubectl options``."""

    as_: str = flag("", "Username to impersonate for the operation.", name="as")
    as_group: tuple[str, ...] = flag((), "Group to impersonate; may be repeated.", split=False)
    as_uid: str = flag("", "UID to impersonate for the operation.")
    cache_dir: str = flag("", "Default cache directory", shown_default="'$HOME/.kube/cache'")
    certificate_authority: str = flag("", "Path to a cert file for the certificate authority")
    client_certificate: str = flag("", "Path to a client certificate file for TLS")
    client_key: str = flag("", "Path to a client key file for TLS")
    cluster: str = flag("", "The name of the kubeconfig cluster to use")
    context: str = flag("", "The name of the kubeconfig context to use")
    disable_compression: bool = flag(False, "If true, responses are not compressed")
    insecure_skip_tls_verify: bool = flag(False, "If true, the server's certificate is not checked. Insecure.")
    kubeconfig: str = flag("", "Path to the kubeconfig file to use for CLI requests.")
    kuberc: str = flag("", "Path to a kuberc file with preferences; none is read.")
    log_flush_frequency: str = flag("5s", "Maximum number of seconds between log flushes", shown_default="5s")
    match_server_version: bool = flag(False, "Require server version to match client version")
    namespace: str = flag("", "If present, the namespace scope for this CLI request", short="n")
    password: str = flag("", "Password for basic authentication to the API server")
    profile: str = flag("none", "Name of profile to capture; none is.", shown_default="'none'")
    profile_output: str = flag("profile.pprof", "Name of the file to write the profile to")
    request_timeout: str = flag("0", "How long a single request may take (1s, 2m, 3h); zero means without limit.")
    server: str = flag("", "The address and port of the Kubernetes API server", short="s")
    tls_server_name: str = flag("", "Server name to use for server certificate validation.")
    token: str = flag("", "Bearer token for authentication to the API server")
    user: str = flag("", "The name of the kubeconfig user to use")
    username: str = flag("", "Username for basic authentication to the API server")
    v: int = flag(0, "number for the log level verbosity", short="v")
    vmodule: str = flag("", "Log levels by file pattern; has no effect.", shown_default="")
    warnings_as_errors: bool = flag(False, "Treat warnings received from the server as errors")

    def overrides(self) -> Overrides:
        """What these flags put over the kubeconfig file."""
        from kajitori.client.config import Impersonation
        from kajitori.client.overrides import Overrides

        timeout_s = _timeout(self.request_timeout)
        who = Impersonation(user=self.as_, groups=tuple(self.as_group), uid=self.as_uid) if self.as_ else None
        return Overrides(
            context=self.context,
            cluster=self.cluster,
            user=self.user,
            namespace=self.namespace,
            server=self.server,
            token=self.token,
            certificate_authority=self.certificate_authority,
            client_certificate=self.client_certificate,
            client_key=self.client_key,
            tls_server_name=self.tls_server_name,
            insecure=True if self.insecure_skip_tls_verify else None,
            impersonate=who,
            timeout_s=float(timeout_s) or None,
        )


def _timeout(text: str) -> float:
    """``--request-timeout``. Raises UsageError."""
    from kajitori.kubectl.flags import Duration

    try:
        return Duration.parse(f"{text}s" if text.isdigit() else text)
    except ValueError:
        raise UsageError(
            "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a "
            "corresponding time unit (e.g. 1s | 2m | 3h)"
        ) from None


@dataclass(frozen=True, kw_only=True)
class DryRunOptions(Options):
    """``--dry-run=none|server|client``; without a value it means client, as upstream still allows."""

    dry_run: str = flag(
        "none",
        'Must be "none", "server", or "client". With client only print the object that would be sent; with server '
        "send the request without keeping its result.",
        no_value="unchanged",
    )

    @property
    def dry_run_client(self) -> bool:
        return self.dry_run == "client"

    @property
    def dry_run_server(self) -> bool:
        return self.dry_run == "server"

    def validate(self) -> None:
        super().validate()
        if self.dry_run == "unchanged":
            raise UsageError(
                "error: --dry-run flag without a value was specified. "
                'A value must be set: "none", "server", or "client".'
            )
        if self.dry_run not in ("none", "server", "client"):
            raise UsageError(f'error: Invalid dry-run value ({self.dry_run}). Must be "none", "server", or "client".')


@dataclass(frozen=True, kw_only=True)
class OutputOptions(Options):
    """``-o`` and what belongs to it."""

    output: str = flag(
        "",
        "Output format. One of: (json, yaml, name, go-template, go-template-file, template, templatefile, jsonpath, "
        "jsonpath-as-json, jsonpath-file).",
        short="o",
    )
    template: str = flag(
        "", "Template string or path to template file to use when -o=go-template, -o=go-template-file."
    )
    allow_missing_template_keys: bool = flag(True, "If true, a missing field or map key in a template is no error.")
    show_managed_fields: bool = flag(False, "If true, keep the managedFields when printing objects in JSON or YAML.")


@dataclass(frozen=True, kw_only=True)
class FilenameOptions(Options):
    """``-f``, ``-k`` and ``-R``: which manifests to read."""

    filename: tuple[str, ...] = flag((), "Filename, directory, or URL to files that contain the resources.", short="f")
    kustomize: str = flag("", "Process a kustomization directory. Cannot be used together with -f or -R.", short="k")
    recursive: bool = flag(False, "Process the directory used in -f, --filename recursively.", short="R")


def default_cache_dir() -> str:
    return os.environ.get("KUBECACHEDIR") or os.path.join(os.path.expanduser("~"), ".kube", "cache")  # noqa: PTH111, PTH118 (lean)
