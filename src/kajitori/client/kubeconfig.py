"""kubeconfig files: found, merged, read as a `RestConfig`, changed and written as kubectl does it.

Rules kept from upstream: of several files in $KUBECONFIG the first that names an entry or a current context wins; file
names in an entry are relative to its file; a change goes to the file where the entry stands, a new entry to the first
file that exists; entries are sorted by name, keys alphabetically; `<file>.lock` guards a change; files are 0600.
Unknown keys and extensions survive. May import: client.config, PyYAML (lazily).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kajitori.client import plainyaml
from kajitori.client.config import ConfigError, ExecConfig, Impersonation, RestConfig
from kajitori.machinery import yamlerrors

Section = Literal["clusters", "contexts", "users"]
_SECTIONS: tuple[tuple[Section, str], ...] = (("clusters", "cluster"), ("contexts", "context"), ("users", "user"))
_INNER: dict[Section, str] = dict(_SECTIONS)
_FILE_KEYS: dict[Section, tuple[str, ...]] = {
    "clusters": ("certificate-authority",),
    "contexts": (),
    "users": ("client-certificate", "client-key", "tokenFile"),
}
LOCK_PATIENCE_S = 2.0


def default_path() -> Path:
    return Path.home() / ".kube" / "config"


def config_paths(explicit: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The files to read, in order: an explicit one alone, else those of $KUBECONFIG, else ~/.kube/config."""
    if explicit:
        return [Path(explicit)]
    listed = [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return [Path(part) for part in dict.fromkeys(listed)] or [default_path()]


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What command line flags put over the file."""

    context: str = ""
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    tls_server_name: str = ""
    insecure: bool | None = None
    impersonate: Impersonation | None = None
    timeout_s: float | None = None


def load(path: str | Path | None = None, context: str = "", overrides: Overrides | None = None) -> RestConfig:
    """The configuration that kubectl would use."""
    config = KubeConfig.read(path)
    chosen = overrides or Overrides(context=context)
    return config.rest_config(chosen)


@dataclass
class KubeConfig:
    """One or several files seen as one. Methods that change it only touch memory until `write`."""

    paths: list[Path]
    files: dict[Path, dict[str, Any]] = field(default_factory=dict)  # wire form of the files that exist

    @classmethod
    def read(cls, path: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> KubeConfig:
        paths = config_paths(path, environ)
        config = cls(paths)
        for file in paths:
            data = _read_file(file)
            if data is not None:
                config.files[file] = data
            elif path:
                raise ConfigError(f"stat {file}: no such file or directory")
        return config

    @classmethod
    def open(cls, path: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> KubeConfig:
        """Like `read`, for those who will write: an explicit file need not exist yet."""
        config = cls(config_paths(path, environ))
        for file in config.paths:
            if (data := _read_file(file)) is not None:
                config.files[file] = data
        return config

    # reading

    @property
    def current_context(self) -> str:
        return next((str(d["current-context"]) for d in self.files.values() if d.get("current-context")), "")

    def names(self, section: Section) -> list[str]:
        seen = {str(e.get("name", "")) for d in self.files.values() for e in d.get(section) or ()}
        return sorted(seen)

    def entry(self, section: Section, name: str) -> dict[str, Any] | None:
        """The body of an entry, with absolute file names."""
        found = self._find(section, name)
        if found is None:
            return None
        file, entry = found
        body = dict(entry.get(_INNER[section]) or {})
        for key in _FILE_KEYS[section]:
            if body.get(key):
                body[key] = os.path.normpath(file.absolute().parent / body[key])
        return body

    def merged(self) -> dict[str, Any]:
        """One document that says what all files say, as `kubectl config view` prints it (nothing hidden)."""
        merged: dict[str, Any] = {"apiVersion": "v1"}
        for section, inner in _SECTIONS:
            names = self.names(section)
            merged[section] = [{inner: self.entry(section, name), "name": name} for name in names] or None
        merged["current-context"] = self.current_context
        merged["kind"] = "Config"
        preferences = next((d["preferences"] for d in self.files.values() if d.get("preferences")), None)
        if preferences:
            merged["preferences"] = preferences
        return merged

    def rest_config(self, overrides: Overrides | None = None) -> RestConfig:
        over = overrides or Overrides()
        name = over.context or self.current_context
        context = self.entry("contexts", name) if name else None
        if name and context is None:
            raise ConfigError(f"Error in configuration: context was not found for specified context: {name}")
        context = context or {}
        cluster = self._cluster(over.cluster or context.get("cluster", ""), named=bool(over.cluster))
        user = self._user(over.user or context.get("user", ""))
        return _rest_config(cluster, user, over, namespace=over.namespace or context.get("namespace") or "default")

    def _cluster(self, name: str, *, named: bool) -> dict[str, Any]:
        """A context whose cluster is gone leads to the default server, as upstream; one asked for must be there."""
        body = self.entry("clusters", name) if name else None
        if body is None and named:
            raise ConfigError(f'no server found for cluster "{name}"')
        return body or {}

    def _user(self, name: str) -> dict[str, Any]:
        body = self.entry("users", name) if name else {}
        if body is None:
            raise ConfigError(f'auth info "{name}" does not exist')
        return body

    def check_files(self, over: Overrides) -> None:
        """Files that are named must be readable: told at once and together, for people; raises ConfigError."""
        context = self.entry("contexts", over.context or self.current_context) or {}
        owner, place = over.user or context.get("user", ""), over.cluster or context.get("cluster", "")
        user, cluster = self._user(owner), self._cluster(place, named=False)
        authority = over.certificate_authority or cluster.get("certificate-authority", "")
        inline = None if over.certificate_authority else cluster.get("certificate-authority-data")
        if unreadable := _unreadable("certificate-authority", authority, place, inline=inline):
            raise ConfigError(unreadable[0])
        problems = _of_certificate(owner, user, over)
        if problems:
            raise ConfigError("Error in configuration: \n" + "\n".join(f"* {one}" for one in problems))

    # changing

    def set(self, section: Section, name: str, body: Mapping[str, Any]) -> None:
        """Adds an entry or puts `body` in its place."""
        found = self._find(section, name)
        if found is not None:
            found[1][_INNER[section]] = dict(body)
            return
        data = self._data(self.destination())
        data[section] = sorted(
            [*(data.get(section) or ()), {_INNER[section]: dict(body), "name": name}], key=lambda e: str(e["name"])
        )

    def delete(self, section: Section, name: str) -> bool:
        """Removes an entry from every file; says whether there was one."""
        gone = False
        for data in self.files.values():
            entries = data.get(section) or []
            kept = [e for e in entries if e.get("name") != name]
            gone = gone or len(kept) != len(entries)
            data[section] = kept or None
        return gone

    def use_context(self, name: str) -> None:
        """Sets the current context ("" unsets it) in the file that has one, else in the first."""
        for data in self.files.values():
            if data.get("current-context"):
                data["current-context"] = name
                return
        self._data(self.destination())["current-context"] = name

    def destination(self) -> Path:
        """Where new entries go."""
        return next((p for p in self.paths if p in self.files), self.paths[-1])

    def write(self) -> None:
        for file, data in self.files.items():
            write_file(file, data)

    def _find(self, section: Section, name: str) -> tuple[Path, dict[str, Any]] | None:
        for file, data in self.files.items():
            for entry in data.get(section) or ():
                if entry.get("name") == name:
                    return file, entry
        return None

    def _data(self, file: Path) -> dict[str, Any]:
        return self.files.setdefault(file, {})


@contextlib.contextmanager
def edit(path: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> Iterator[KubeConfig]:
    """Reads, lets the caller change, and writes, all under the lock files. Nothing is written when the block raises."""
    paths = config_paths(path, environ)
    with contextlib.ExitStack() as locks:
        for file in sorted(paths):
            file.parent.mkdir(parents=True, exist_ok=True)
            locks.enter_context(_lock(file))
        config = KubeConfig.open(path, environ)
        before = {file: dump(data) for file, data in config.files.items()}
        yield config
        for file, data in config.files.items():
            if before.get(file) != dump(data):
                write_file(file, data)


@contextlib.contextmanager
def _lock(file: Path) -> Iterator[None]:
    lock = file.with_name(file.name + ".lock")
    give_up_at = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            if time.monotonic() > give_up_at:
                raise ConfigError(f"open {lock}: file exists") from None
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def write_file(file: Path, data: Mapping[str, Any]) -> None:
    """Replaces a file in one step, readable by its owner only."""
    target = file.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(dump(data))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def dump(data: Mapping[str, Any]) -> str:
    """YAML with the keys in the order in which kubectl writes them."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_representer(
        str,
        lambda d, s: d.represent_scalar("tag:yaml.org,2002:str", s, style='"' if _needs_quotes(s) else None),
    )
    document = {"apiVersion": "v1", "clusters": None, "contexts": None, "current-context": "", "kind": "Config"}
    document |= {"users": None, **data}
    text = yaml.dump(document, Dumper=Dumper, sort_keys=True, default_flow_style=False, width=1 << 20)
    return str(text)


def _needs_quotes(text: str) -> bool:
    """Words that some YAML 1.1 reader takes for something other than a string."""
    import yaml

    if text.lower() in ("y", "n", "yes", "no", "on", "off", "") or "\n" in text:
        return "\n" not in text
    resolver: Any = yaml.SafeLoader(text[:1])
    resolved = resolver.resolve(yaml.ScalarNode, text, (True, False))
    return bool(resolved != "tag:yaml.org,2002:str")


def _read_file(file: Path) -> dict[str, Any] | None:
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f'error loading config file "{file}": open {file}: {error.strerror}') from error
    if text.isascii() and (plain := plainyaml.parse(text.decode("ascii"))) is not None:
        return plain
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(text, Loader=loader)  # a safe loader either way
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f'error loading config file "{file}": yaml: {yamlerrors.words(error, text)}') from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f'error loading config file "{file}": cannot read it as an object of kind Config')
    return data


def _of_certificate(owner: str, user: Mapping[str, Any], over: Overrides) -> list[str]:
    """What is wrong with the files of a client certificate and its key."""
    certificate = over.client_certificate or user.get("client-certificate", "")
    key = over.client_key or user.get("client-key", "")
    problems = []
    if certificate and not key and not user.get("client-key-data"):
        problems.append(
            f"client-key-data or client-key must be specified for {owner} to use the clientCert authentication method."
        )
    if certificate or user.get("client-certificate-data"):
        problems += _unreadable("client-cert", certificate, owner, inline=user.get("client-certificate-data"))
        problems += _unreadable("client-key", key, owner, inline=user.get("client-key-data"))
    return problems


def _unreadable(what: str, path: str, owner: str, *, inline: object) -> list[str]:
    if not path or inline or os.access(path, os.R_OK):
        return []
    try:
        Path(path).read_bytes()
    except OSError as error:
        return [f"unable to read {what} {path} for {owner} due to open {path}: {(error.strerror or '').lower()}"]
    return []


def _rest_config(cluster: Mapping[str, Any], user: Mapping[str, Any], over: Overrides, *, namespace: str) -> RestConfig:
    insecure = bool(cluster.get("insecure-skip-tls-verify")) if over.insecure is None else over.insecure
    ca_file = over.certificate_authority or cluster.get("certificate-authority", "")
    ca_data = None if over.certificate_authority else _inline(cluster, "certificate-authority-data")
    facts: dict[str, Any] = {}
    if over.timeout_s is not None:
        facts["timeout_s"] = over.timeout_s or 365 * 86400.0
    return RestConfig(
        server=over.server or cluster.get("server") or "http://localhost:8080",
        ca_data=None if insecure else ca_data,
        ca_file="" if insecure else ca_file,
        client_cert_data=None if over.client_certificate else _inline(user, "client-certificate-data"),
        client_cert_file=over.client_certificate or user.get("client-certificate", ""),
        client_key_data=None if over.client_key else _inline(user, "client-key-data"),
        client_key_file=over.client_key or user.get("client-key", ""),
        token=over.token or user.get("token", ""),
        token_file="" if over.token else user.get("tokenFile", ""),
        username=user.get("username", ""),
        password=user.get("password", ""),
        exec=_exec(user.get("exec")),
        impersonate=over.impersonate or _impersonation(user),
        insecure=insecure,
        tls_server_name=over.tls_server_name or cluster.get("tls-server-name", ""),
        namespace=namespace,
        **facts,
    )


def _inline(body: Mapping[str, Any], key: str) -> bytes | None:
    text = body.get(key)
    if not text:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ConfigError(f"illegal base64 data in {key}") from error


def _exec(body: Mapping[str, Any] | None) -> ExecConfig | None:
    if not body:
        return None
    return ExecConfig(
        command=body.get("command", ""),
        args=tuple(body.get("args") or ()),
        env={pair["name"]: pair["value"] for pair in body.get("env") or ()},
        api_version=body.get("apiVersion", "client.authentication.k8s.io/v1"),
        install_hint=body.get("installHint", ""),
        provide_cluster_info=bool(body.get("provideClusterInfo")),
        interactive_mode=body.get("interactiveMode", "IfAvailable"),
    )


def _impersonation(user: Mapping[str, Any]) -> Impersonation | None:
    if not user.get("as"):
        return None
    groups: Sequence[str] = user.get("as-groups") or ()
    return Impersonation(
        user=user["as"], uid=user.get("as-uid", ""), groups=tuple(groups), extra=user.get("as-user-extra") or {}
    )
