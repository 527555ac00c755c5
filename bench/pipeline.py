"""What a request costs inside the API server's process: `python bench/pipeline.py [--profile get|configmap|pod]`.

The same pipeline as behind a socket (authentication, authorization, admission, validation, watch cache), called
directly: no TLS, no HTTP, the store in memory, 16 requests at a time. Told is the processor time of the least of ten
rounds, so that a busy machine says nearly the same as an idle one; `PYTHONPATH=TREE/src` compares another tree.
"""

import argparse
import asyncio
import cProfile
import gc
import pstats
import sys
import time
from contextlib import AbstractContextManager, nullcontext

import orjson
import uvloop
from api import CONFIG_MAP, POD

from kajitori.aiokit.http.message import Headers, Request, Response
from kajitori.testing.controlplane import ControlPlane

ROUNDS = 10
AT_A_TIME = 16
CASES = {
    "get": ("GET", "/api/v1/namespaces/bench/pods/pod-0", 3000, None),
    "configmap": ("POST", "/api/v1/namespaces/bench/configmaps", 1600, CONFIG_MAP),
    "pod": ("POST", "/api/v1/namespaces/bench/pods", 800, POD),
}


class Body:
    """A body that is there already."""

    finished = True
    peer_chain = ()

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.peer_certificate: dict[str, object] = {}

    async def read_all(self, limit: int) -> bytes:
        return self.data

    def limit(self, deadline: float, late: object) -> None:
        """Nothing here takes long."""

    def abandonable(self) -> AbstractContextManager[None]:
        return nullcontext()


class Bench:
    """One server, and what asks it."""

    def __init__(self, plane: ControlPlane) -> None:
        self._pipeline = plane.server.pipeline
        token = f"Bearer {plane.admin_token}"
        json = "application/json"
        self._headers = [("host", "x"), ("authorization", token), ("accept", json), ("content-type", json)]

    async def ask(self, method: str, path: str, body: bytes = b"") -> None:
        request = Request(method=method, target=path, headers=Headers(list(self._headers)), body=Body(body))
        answer = await self._pipeline(request)
        if not isinstance(answer, Response) or answer.status >= 300:
            raise SystemExit(f"{method} {path}: {getattr(answer, 'body', answer)!r}")

    async def create(self, path: str, obj: object) -> None:
        await self.ask("POST", path, orjson.dumps(obj))

    async def round(self, name: str, number: int) -> float:
        """Microseconds of processor for each request of one round."""
        method, path, count, obj = CASES[name]
        template = orjson.dumps(obj) if obj else b""
        bodies = [
            template.replace(b"%d", f"{number}-{i}".encode()).replace(b"%h", b"%d" % (i % 100)) for i in range(count)
        ]
        gc.collect()
        gc.freeze()
        began = time.process_time()
        for at in range(0, count, AT_A_TIME):
            await asyncio.gather(*(self.ask(method, path, body) for body in bodies[at : at + AT_A_TIME]))
        return (time.process_time() - began) / count * 1e6


async def main(profiled: str) -> None:
    profile = cProfile.Profile(builtins=False)
    async with ControlPlane() as plane:
        bench = Bench(plane)
        await bench.create("/api/v1/namespaces", {"metadata": {"name": "bench"}})
        await bench.create("/api/v1/namespaces/bench/serviceaccounts", {"metadata": {"name": "default"}})
        await bench.ask(
            "POST", "/api/v1/namespaces/bench/pods", orjson.dumps(POD).replace(b"%d", b"0").replace(b"%h", b"0")
        )
        best = dict.fromkeys(CASES, float("inf"))
        for number in range(ROUNDS):
            for name in CASES:
                if name == profiled and number:
                    profile.enable()
                best[name] = min(best[name], await bench.round(name, number))
                profile.disable()
    for name, micros in best.items():
        print(f"{name:<12}{micros:8.1f} us")
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="", choices=("", *CASES), help="what to look into")
    sys.setswitchinterval(0.0005)
    gc.set_threshold(20_000, 5, 200)
    uvloop.run(main(parser.parse_args().profile))
