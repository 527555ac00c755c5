"""`python -m kajitori.kubelet.server.selfsigned DIR NAME [SAN…]`: a kubelet's own kubelet.crt and kubelet.key.

A process of its own, so that the kubelet does not carry a cryptography library in memory for this one act.
May import: machinery.certificates.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path


async def ensure(folder: Path, name: str, sans: Sequence[str]) -> tuple[Path, Path]:
    """The paths of certificate and key, made now if they are not there."""
    certificate, key = folder / "kubelet.crt", folder / "kubelet.key"
    if not (certificate.exists() and key.exists()):
        command = (sys.executable, "-m", __name__, str(folder), name, *sans)
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, err = await process.communicate()
        if process.returncode != 0:
            raise OSError(f"cannot make a serving certificate: {err.decode('utf-8', 'replace').strip()[-500:]}")
    return certificate, key


def main(folder: str, name: str, *sans: str) -> None:
    """Writes both files anew, for `name` and `sans`, valid a year, signed by an authority that is thrown away."""
    from kajitori.machinery.certificates import issue, new_ca

    authority = new_ca(f"{name}-ca")
    pair = issue(authority, name, sans=(name, *sans), usages=("server",), days=365)
    Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    for file, data, mode in (("kubelet.key", pair.key_pem, 0o600), ("kubelet.crt", pair.cert_pem, 0o644)):
        temporary = Path(folder, f".{file}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor, not a path
            out.write(data)
        temporary.replace(Path(folder, file))


if __name__ == "__main__":
    main(*sys.argv[1:])
