"""kubeconfig files: found, merged, read as a `RestConfig`, changed and written as kubectl does it.

Rules kept from upstream: of several files in $KUBECONFIG the first that names an entry or a current context wins; file
names in an entry are relative to its file; a change goes to the file where the entry stands, a new entry to the first
file that exists; entries are sorted by name. Unknown keys and extensions survive.
May import: client.{config,kubeconfigfiles,overrides}.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kajitori.client.config import ConfigError, RestConfig
from kajitori.client.kubeconfigfiles import config_paths, dump, locked, read_file, write_file
from kajitori.client.overrides import Overrides, of_certificate, rest_config, unreadable

Section = Literal["clusters", "contexts", "users"]
_SECTIONS: tuple[tuple[Section, str], ...] = (("clusters", "cluster"), ("contexts", "context"), ("users", "user"))
_INNER: dict[Section, str] = dict(_SECTIONS)
_FILE_KEYS: dict[Section, tuple[str, ...]] = {
    "clusters": ("certificate-authority",),
    "contexts": (),
    "users": ("client-certificate", "client-key", "tokenFile"),
}


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
        """From `path`, or $KUBECONFIG, or the default place. A file named by `path` must exist, else ConfigError."""
        paths = config_paths(path, environ)
        config = cls(paths)
        for file in paths:
            data = read_file(file)
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
            if (data := read_file(file)) is not None:
                config.files[file] = data
        return config

    # reading

    @property
    def current_context(self) -> str:
        """Of the first file that names one; empty if none does."""
        return next((str(d["current-context"]) for d in self.files.values() if d.get("current-context")), "")

    def names(self, section: Section) -> list[str]:
        """The names in a section (`contexts`) of all files, sorted."""
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
        """How to reach the cluster of a context. Raises ConfigError for names that are not there."""
        over = overrides or Overrides()
        name = over.context or self.current_context
        context = self.entry("contexts", name) if name else None
        if name and context is None:
            raise ConfigError(f"Error in configuration: context was not found for specified context: {name}")
        context = context or {}
        cluster = self._cluster(over.cluster or context.get("cluster", ""), named=bool(over.cluster))
        user = self._user(over.user or context.get("user", ""))
        return rest_config(cluster, user, over, namespace=over.namespace or context.get("namespace") or "default")

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
        if problems := unreadable("certificate-authority", authority, place, inline=inline):
            raise ConfigError(problems[0])
        problems = of_certificate(owner, user, over)
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
        """Writes all files, changed or not, in kubectl's form; takes no lock, see `edit`."""
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
            locks.enter_context(locked(file))
        config = KubeConfig.open(path, environ)
        before = {file: dump(data) for file, data in config.files.items()}
        yield config
        for file, data in config.files.items():
            if before.get(file) != dump(data):
                write_file(file, data)
