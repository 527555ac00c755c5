"""--admission-control-config-file: an AdmissionConfiguration, whose plugins are configured inline or by a further file.

Whatever is wrong with it is a ConfigurationError, said at start. May import: the standard library, PyYAML lazily.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kajitori.apiserver.config import ConfigError
from kajitori.machinery import yamlerrors

Object = dict[str, Any]
_GROUP, _KIND = "apiserver.config.k8s.io", "AdmissionConfiguration"


class ConfigurationError(ConfigError):
    """A flag or a configuration file names something that does not exist, or cannot be understood."""


def read_configuration(path: str) -> dict[str, Object]:
    """Plugin → its configuration. Raises ConfigurationError."""
    if not path:
        return {}
    document = _load(Path(path))
    group, _, _ = str(document.get("apiVersion") or "").partition("/")
    if (group, document.get("kind")) != (_GROUP, _KIND):
        given = f"{document.get('kind')!r} in version {document.get('apiVersion')!r}"
        raise ConfigurationError(f"unable to read admission control configuration from {path!r}: no kind {given}")
    out: dict[str, Object] = {}
    for plugin in document.get("plugins") or ():
        name, inline = str(plugin.get("name") or ""), plugin.get("configuration")
        if inline is not None:
            out[name] = inline
        elif plugin.get("path"):
            out[name] = _load(Path(path).parent / plugin["path"])
    return out


def _load(path: Path) -> Object:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        value = yaml.load(path.read_bytes(), loader)
    except (OSError, yaml.YAMLError) as error:
        reason = yamlerrors.words(error)
        raise ConfigurationError(f'unable to read admission control configuration from "{path}" [{reason}]') from error
    if not isinstance(value, dict):
        raise ConfigurationError(f'unable to read admission control configuration from "{path}": it is no object')
    return value


def check_kind(plugin: str, configuration: Object, group: str, kind: str) -> None:
    """Raises ConfigurationError unless the configuration is of the plugin's kind."""
    given_group, _, _ = str(configuration.get("apiVersion") or "").partition("/")
    if (given_group, configuration.get("kind")) != (group, kind):
        given = f"{configuration.get('apiVersion')}, Kind={configuration.get('kind')}"
        raise ConfigurationError(f'failed to initialize admission plugin "{plugin}": no kind "{kind}" but {given}')


def check_fields(plugin: str, value: Any, allowed: frozenset[str], where: str) -> Object:
    """An object with no other fields than these. Raises ConfigurationError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigurationError(f'failed to initialize admission plugin "{plugin}": {where} must be an object')
    for field in value:
        if field not in allowed:
            unknown = f'strict decoding error: unknown field "{where + "." if where else ""}{field}"'
            raise ConfigurationError(f'failed to initialize admission plugin "{plugin}": {unknown}')
    return value
