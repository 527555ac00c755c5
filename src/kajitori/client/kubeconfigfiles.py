"""kubeconfig files on disk: where they are, read, locked, written as kubectl writes them.

Rules kept from upstream: keys alphabetically; `<file>.lock` guards a change; files are 0600.
May import: client.{config,plainyaml}, machinery, PyYAML (lazily).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kajitori.client import plainyaml
from kajitori.client.config import ConfigError
from kajitori.machinery import yamlerrors

LOCK_PATIENCE_S = 2.0


def default_path() -> Path:
    return Path.home() / ".kube" / "config"


def config_paths(explicit: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The files to read, in order: an explicit one alone, else those of $KUBECONFIG, else ~/.kube/config."""
    if explicit:
        return [Path(explicit)]
    listed = [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return [Path(part) for part in dict.fromkeys(listed)] or [default_path()]


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Holds the file's lock for the length of a with block. Raises ConfigError where another does not let go."""
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


def read_file(file: Path) -> dict[str, Any] | None:
    """The document; None where there is no file. Raises ConfigError."""
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
