"""The victim of test_crash.py: writes as fast as it can and says on stdout what has been acknowledged.

One line per acknowledgement: `KEY REVISION NUMBER` (NUMBER -1: deleted). Started with: crashwriter.py DATA_DIR SEED.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from kajitori.storage.interface import RevisionMismatch
from kajitori.storage.opening import open_storage


async def main() -> None:
    directory, seed = Path(sys.argv[1]), int(sys.argv[2])
    store = await open_storage("sqlite", directory)
    found = {item.key: item.revision for item in (await store.range("/")).items}
    rng = random.Random(seed)

    def say(text: str) -> None:
        os.write(1, text.encode())  # unbuffered: what is acknowledged is said before anything else happens

    async def write(lane: int) -> None:
        number = 0
        while True:
            key = f"/k/{lane}/{rng.randrange(20)}"
            number += 1
            value = b"%d:%d:%b" % (seed, number, b"x" * rng.randrange(2000))
            try:
                if key not in found:
                    found[key] = await store.create(key, value)
                elif rng.random() < 0.2:
                    revision = await store.delete(key, found.pop(key))
                    say(f"{key} {revision} {seed} -1\n")
                    continue
                else:
                    found[key] = await store.update(key, value, found[key])
            except RevisionMismatch as error:
                say(f"! {error}\n")
                return
            say(f"{key} {found[key]} {seed} {number}\n")

    async def compact() -> None:
        while True:
            await asyncio.sleep(0.05)
            await store.compact(store.revision() - 100)

    say("ready\n")
    await asyncio.gather(compact(), *(write(lane) for lane in range(8)))


asyncio.run(main())
