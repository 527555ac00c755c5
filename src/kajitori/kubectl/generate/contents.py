"""What goes into config maps and secrets: files, folders, literals, env files; and the hash that can end their names.

May import: kubectl.flags, machinery.names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.names import is_config_map_key, is_env_var_name


def gather(
    kind: str, name: str, *, files: Sequence[str], literals: Sequence[str], env_files: Sequence[str]
) -> dict[str, bytes]:
    """All keys with their contents. Raises UsageError for bad, missing and repeated ones."""
    if env_files and (files or literals):
        raise UsageError("error: from-env-file cannot be combined with from-file or from-literal")
    found: dict[str, bytes] = {}
    for key, value in (*_literals(literals), *_files(files), *_env_files(env_files)):
        problems = is_config_map_key(key)
        if problems:
            raise UsageError(f'error: "{key}" is not a valid key name for a {kind}: {",".join(problems)}')
        if key in found:
            raise UsageError(
                f"error: cannot add key {key}, another key by that name already exists in Data for {kind} {name}"
                if kind == "Secret"
                else f'error: cannot add key "{key}", another key by that name already exists in Data for '
                f'{kind} "{name}"'
            )
        found[key] = value
    return found


def _literals(literals: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for literal in literals:
        key, equals, value = literal.partition("=")
        if not equals or not key:
            raise UsageError(f"error: invalid literal source {literal}, expected key=value")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield key, value.encode()


def _files(sources: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for source in sources:
        key, equals, file = source.partition("=")
        if source.count("=") > 1:
            raise UsageError("error: key names or file paths cannot contain '='")
        if equals and (not key or not file):
            missing = "key name" if not key else "file path"
            what = (
                f"{missing} for file path {file or key} missing" if not key else f"file path for key name {key} missing"
            )
            raise UsageError(f"error: {what}")
        path = Path(file if equals else source)
        if path.is_dir():
            if equals:
                raise UsageError("error: cannot give a key name for a directory path")
            for one in sorted(path.iterdir()):
                if one.is_file() and not is_config_map_key(one.name):
                    yield one.name, one.read_bytes()
            continue
        yield (key if equals else path.name), _read(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"error: error reading {path}: {(error.strerror or '').lower()}") from error


def _env_files(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        for number, line in enumerate(_read(Path(name)).decode("utf-8-sig").splitlines(), start=1):
            text = line.lstrip()
            if not text or text.startswith("#"):
                continue
            key, equals, value = text.partition("=")
            problems = is_env_var_name(key)
            if problems:
                raise UsageError(f'error: "{key}" is not a valid key name: {";".join(problems)}')
            del number
            yield key, (value if equals else os.environ.get(key, "")).encode()


def name_hash(content: dict[str, Any]) -> str:
    """Ten letters that stand for the content, in upstream's alphabet."""
    from kajitori.kubectl.printers.jsontext import dumps

    digest = hashlib.sha256(dumps(content, indent=None).encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))
