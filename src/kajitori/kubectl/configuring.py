"""What the subcommands of ``kubectl config`` share: removing entries, hiding secrets, shrinking, values by path.

May import: client.kubeconfig, kubectl.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kajitori.kubectl.flags import UsageError

if TYPE_CHECKING:
    from kajitori.client.kubeconfig import KubeConfig, Section
    from kajitori.kubectl.command import Command
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
_OMITTED = "DATA+OMITTED"
_DATA = ("certificate-authority-data", "client-certificate-data", "client-key-data")
_SECRETS = ("token", "password")
_FILES = ("certificate-authority", "client-certificate", "client-key")
_INNER = {"clusters": "cluster", "contexts": "context", "users": "user"}
_ORDER = {
    "": ("kind", "apiVersion", "preferences", "clusters", "users", "contexts", "current-context", "extensions"),
    "entry": ("name", "cluster", "context", "user"),
    "body": (
        "server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority", "certificate-authority-data",
        "proxy-url", "disable-compression", "cluster", "client-certificate", "client-certificate-data", "client-key",
        "client-key-data", "token", "tokenFile", "as", "as-uid", "as-groups", "as-user-extra", "username", "password",
        "auth-provider", "exec", "user", "namespace", "extensions",
    ),
}  # fmt: skip


def refuse_args(ctx: Context, command: Command, args: Sequence[str]) -> int:
    """The command's help, and that its arguments make no sense."""
    from kajitori.kubectl.help import of_command

    ctx.streams.out.write(of_command(command))
    ctx.streams.out.flush()
    ctx.streams.warn(f"error: Unexpected args: [{' '.join(args)}]")
    return 1


def delete_entry(ctx: Context, command: Command, args: Sequence[str], section: Section) -> int | None:
    """Remove the entry that the one argument names; losing the active context deserves a warning."""
    from kajitori.client.kubeconfig import edit

    if len(args) != 1:
        return refuse_args(ctx, command, args)
    name, word = args[0], section.removesuffix("s")
    with edit(ctx.options.kubeconfig or None) as config:
        if not config.delete(section, name):
            raise UsageError(f"error: cannot delete {word} {name}, not in {config.destination()}")
        if section == "contexts" and config.current_context == name:
            ctx.streams.warn(
                'warning: this removed your active context, use "kubectl config use-context" to select a different one'
            )
    ctx.streams.print(f"deleted {word} {name} from {config.destination()}")
    return None


def hidden(data: Wire) -> Wire:
    """Without certificate data and secrets."""
    shown = copy.deepcopy(data)
    for section, inner in _INNER.items():
        for entry in shown.get(section) or ():
            body = entry.get(inner) or {}
            body |= {key: _OMITTED for key in _DATA if body.get(key)}
            body |= {key: "REDACTED" for key in _SECRETS if body.get(key)}
    return shown


def flattened(data: Wire) -> Wire:
    """With the content of files in place of their names."""
    shown = copy.deepcopy(data)
    for section, inner in _INNER.items():
        for entry in shown.get(section) or ():
            body = entry.get(inner) or {}
            for key in _FILES:
                name = body.pop(key, None)
                if name:
                    body[f"{key}-data"] = base64.b64encode(_content(name)).decode()
    return shown


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"error: open {name}: {(error.strerror or '').lower()}") from error


def minified(data: Wire, context: str) -> Wire:
    """Only what one context uses."""
    found = [entry for entry in data.get("contexts") or () if entry["name"] == context]
    if not found:
        raise UsageError(f"error: cannot locate context {context}")
    body = found[0].get("context") or {}
    kept = {"contexts": context, "clusters": body.get("cluster"), "users": body.get("user")}
    shrunk: Wire = {**data, "current-context": context}
    for section, name in kept.items():
        shrunk[section] = [entry for entry in data.get(section) or () if entry["name"] == name] or None
    return shrunk


def ordered(data: Wire) -> Wire:
    """The keys in the order of Go's structs, for JSON."""
    shown = _sorted(data, "")
    for section, inner in _INNER.items():
        shown[section] = [
            _sorted(entry, "entry") | {inner: _sorted(entry.get(inner) or {}, "body")}
            for entry in data.get(section) or ()
        ] or None
    return shown


def _sorted(value: Wire, kind: str) -> Wire:
    order = _ORDER[kind]
    known = {key: value[key] for key in order if key in value}
    return known | {key: value[key] for key in value if key not in known}


def put_file(body: Wire, key: str, name: str, *, embed: bool) -> None:
    """A certificate or key as its file's name, or as its content."""
    body.pop(key, None)
    body.pop(f"{key}-data", None)
    if embed:
        body[f"{key}-data"] = base64.b64encode(_content(name)).decode()
    else:
        body[key] = str(Path(name).absolute())


def set_property(config: KubeConfig, path: str, value: str, *, raw_bytes: bool) -> None:
    """``clusters.x.server``, ``contexts.x.namespace``, ``users.x.token``, ``current-context``. Raises UsageError."""
    if path == "current-context":
        config.use_context(value)
        return
    section, name, field = _split(config, path)
    if not field:
        raise UsageError("error: can't set a map to a value: " + value)
    if field in _DATA and raw_bytes:
        value = base64.b64encode(value.encode()).decode()
    elif field in _DATA:
        try:
            base64.b64decode(value, validate=True)
        except ValueError:
            raise UsageError("error: error decoding base64 value") from None
    body = dict(config.entry(section, name) or {})
    body[field] = value == "true" if field == "insecure-skip-tls-verify" else value
    config.set(section, name, body)


def unset_property(config: KubeConfig, path: str) -> None:
    """Removes what a path like `users.NAME.token` names: a field, an entry, or all of a section.

    Raises `UsageError` for a field of an entry that does not exist; an entry that is not there is no error.
    """
    if path == "current-context":
        config.use_context("")
        return
    if path in _INNER:
        for name in config.names(cast("Section", path)):
            config.delete(cast("Section", path), name)
        return
    section, name, field = _split(config, path)
    body = config.entry(section, name)
    if body is None and field:
        raise UsageError(f"error: current map key `{name}` is invalid")
    if body is None or not field:
        config.delete(section, name)
        return
    body.pop(field, None)
    config.set(section, name, body)


def _split(config: KubeConfig, path: str) -> tuple[Section, str, str]:
    """Section, entry and field. An entry's name may hold dots when it exists already."""
    section, _, rest = path.partition(".")
    if section not in _INNER or not rest:
        raise UsageError(f"error: unable to parse {path} after [] at api.Config")
    known = cast("Section", section)
    for name in sorted(config.names(known), key=len, reverse=True):
        if rest == name or rest.startswith(f"{name}."):
            return known, name, rest[len(name) + 1 :]
    name, _, field = rest.partition(".")
    return known, name, field
