"""A key management plugin as a process: `kmsplugin.py SOCKET CONTROL LOG`.

CONTROL is a JSON file that says which key it writes with and how it is; LOG gets a line for each call.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from grpclib.const import Cardinality, Handler
from grpclib.server import Server

from kajitori.apiserver.encryption import kms_pb2 as pb


def key(key_id: str) -> AESGCM:
    return AESGCM(hashlib.sha256(key_id.encode()).digest())


class KeyManagementService:
    def __init__(self, control: Path, log: Path) -> None:
        self._control, self._log = control, log

    def _note(self, call: str) -> Any:
        with self._log.open("a") as log:
            log.write(f"{call}\n")
        return json.loads(self._control.read_text())

    async def status(self, stream: Any) -> None:
        await stream.recv_message()
        now = self._note("status")
        await stream.send_message(pb.StatusResponse(version="v2", healthz=now["healthz"], key_id=now["key_id"]))

    async def encrypt(self, stream: Any) -> None:
        request = await stream.recv_message()
        key_id, nonce = self._note("encrypt")["key_id"], os.urandom(12)
        sealed = nonce + key(key_id).encrypt(nonce, request.plaintext, None)
        annotations = {"made.by.test": b"kmsplugin"}
        await stream.send_message(pb.EncryptResponse(ciphertext=sealed, key_id=key_id, annotations=annotations))

    async def decrypt(self, stream: Any) -> None:
        request = await stream.recv_message()
        self._note(f"decrypt {request.key_id}")
        assert dict(request.annotations) == {"made.by.test": b"kmsplugin"}
        opened = key(request.key_id).decrypt(request.ciphertext[:12], request.ciphertext[12:], None)
        await stream.send_message(pb.DecryptResponse(plaintext=opened))

    def __mapping__(self) -> dict[str, Handler]:
        calls = {
            "Status": (self.status, pb.StatusRequest, pb.StatusResponse),
            "Encrypt": (self.encrypt, pb.EncryptRequest, pb.EncryptResponse),
            "Decrypt": (self.decrypt, pb.DecryptRequest, pb.DecryptResponse),
        }
        return {
            f"/v2.KeyManagementService/{name}": Handler(call, Cardinality.UNARY_UNARY, request, reply)
            for name, (call, request, reply) in calls.items()
        }


async def main(socket: str, control: str, log: str) -> None:
    server = Server([KeyManagementService(Path(control), Path(log))])
    await server.start(path=socket)
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
