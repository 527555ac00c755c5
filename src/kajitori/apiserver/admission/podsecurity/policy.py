"""Which Pod Security Standard holds where: levels, versions, namespace labels, the plugin's configuration. Pure.

May import: admission.configuration, podsecurity.standards, machinery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from kajitori.apiserver.admission.configuration import ConfigurationError, check_fields, check_kind
from kajitori.apiserver.admission.podsecurity.standards import LATEST, LEVELS
from kajitori.machinery.fieldpath import FieldError, Path, invalid

PREFIX = "pod-security.kubernetes.io/"
PLUGIN, CONFIG_GROUP, CONFIG_KIND = "PodSecurity", "pod-security.admission.config.k8s.io", "PodSecurityConfiguration"
MODES = ("enforce", "audit", "warn")
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)\Z")
_LEVEL_FAULT, _VERSION_FAULT = f"must be one of {', '.join(LEVELS)}", 'must be "latest" or "v1.x"'
_ALL = frozenset(PREFIX + mode + suffix for mode in MODES for suffix in ("", "-version"))


class Standard(NamedTuple):
    """A level in a version; printed `baseline:latest`."""

    level: str = "privileged"
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    @property
    def minor(self) -> int:
        """The minor version whose rules hold."""
        return LATEST if self.version == "latest" else min(int(self.version.removeprefix("v1.")), LATEST)

    @property
    def is_future(self) -> bool:
        """Whether the version is one that this server does not know."""
        return self.version != "latest" and int(self.version.removeprefix("v1.")) > LATEST

    @property
    def is_privileged(self) -> bool:
        return self.level == "privileged"

    def is_stricter_than(self, other: Standard) -> bool:
        """Compares levels; versions do not count."""
        return LEVELS.index(self.level) > LEVELS.index(other.level)


class Policy(NamedTuple):
    """The standards for each of the three modes; by default all are privileged."""

    enforce: Standard = Standard()
    audit: Standard = Standard()
    warn: Standard = Standard()


class Exemptions(NamedTuple):
    """Users, RuntimeClasses and namespaces that are held to nothing."""

    usernames: frozenset[str] = frozenset()
    runtime_classes: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()


class Configuration(NamedTuple):
    """PodSecurityConfiguration: what holds where a namespace's labels say nothing, and for whom nothing holds."""

    defaults: Policy = Policy()
    exemptions: Exemptions = Exemptions()


def is_version(text: str) -> bool:
    """`latest` or `v1.<minor>`."""
    return text == "latest" or _VERSION.match(text) is not None


def policy_of(labels: Mapping[str, str], defaults: Policy) -> tuple[Policy, list[FieldError]]:
    """What a namespace's labels say; where they make no sense, enforce is strict, audit and warn are silent.

    A namespace that enforces more than it is told to warn of by default warns of that, too.
    """
    if _ALL.isdisjoint(labels):
        return defaults, []
    errors: list[FieldError] = []
    found = {mode: _standard(labels, mode, getattr(defaults, mode), errors) for mode in MODES}
    has_warning = PREFIX + "warn" in labels
    enforce, warn = found["enforce"], found["warn"]
    if not has_warning and labels.get(PREFIX + "enforce") in LEVELS and enforce.is_stricter_than(warn):
        version = warn.version if PREFIX + "warn-version" in labels else enforce.version
        found["warn"] = Standard(enforce.level, version)
    return Policy(**found), errors


def _standard(labels: Mapping[str, str], mode: str, default: Standard, errors: list[FieldError]) -> Standard:
    level, version = labels.get(PREFIX + mode), labels.get(f"{PREFIX}{mode}-version")
    at = Path("metadata", "labels")
    if level is not None and level not in LEVELS:
        errors.append(invalid(at.key(PREFIX + mode), level, _LEVEL_FAULT))
        level = "restricted" if mode == "enforce" else "privileged"
    if version is not None and not is_version(version):
        errors.append(invalid(at.key(f"{PREFIX}{mode}-version"), version, _VERSION_FAULT))
        version = "latest"
    return Standard(default.level if level is None else level, default.version if version is None else version)


def ignored_labels(labels: Mapping[str, str], policy: Policy, defaults: Policy) -> str:
    """What the labels of an exempt namespace ask for in vain: `enforce=baseline:latest, …`; empty for nothing."""
    if policy == defaults:
        return ""
    return ", ".join(
        f"{mode}={getattr(policy, mode)}"
        for mode in MODES
        if not getattr(policy, mode).is_privileged and (PREFIX + mode in labels or f"{PREFIX}{mode}-version" in labels)
    )


def read_podsecurity(configuration: Mapping[str, Any] | None) -> Configuration:
    """A PodSecurityConfiguration. Raises ConfigurationError."""
    if configuration is None:
        return Configuration()
    given = dict(configuration)
    check_kind(PLUGIN, given, CONFIG_GROUP, CONFIG_KIND)
    check_fields(PLUGIN, given, frozenset({"apiVersion", "kind", "defaults", "exemptions"}), "")
    names = frozenset(f"{mode}{suffix}" for mode in MODES for suffix in ("", "-version"))
    defaults = check_fields(PLUGIN, given.get("defaults"), names, "defaults")
    lists = check_fields(
        PLUGIN, given.get("exemptions"), frozenset({"usernames", "runtimeClasses", "namespaces"}), "exemptions"
    )
    for mode in MODES:
        level, version = defaults.get(mode) or "privileged", defaults.get(f"{mode}-version") or "latest"
        if level not in LEVELS:
            raise ConfigurationError(f'defaults.{mode}: Invalid value: "{level}": {_LEVEL_FAULT}')
        if not is_version(str(version)):
            raise ConfigurationError(f'defaults.{mode}-version: Invalid value: "{version}": {_VERSION_FAULT}')
    standards = {m: Standard(defaults.get(m) or "privileged", defaults.get(f"{m}-version") or "latest") for m in MODES}
    exempt = {key: frozenset(map(str, lists.get(key) or ())) for key in ("usernames", "runtimeClasses", "namespaces")}
    return Configuration(
        Policy(**standards), Exemptions(exempt["usernames"], exempt["runtimeClasses"], exempt["namespaces"])
    )
