"""`python -m tests.images up|down|url`: a registry that outlives the command, for `make start`."""

import contextlib
import json
import os
import signal
import sys

from tests.images.registry import DEFAULT_FOLDER, Registry

STATE = DEFAULT_FOLDER / "running.json"


def running() -> Registry | None:
    """The registry that an earlier `up` left, if it still answers."""
    if not STATE.exists():
        return None
    registry = Registry(port=json.loads(STATE.read_text())["port"])
    return registry if registry.answers() else None


def up() -> None:
    registry = running()
    if registry is None:
        registry = Registry()
        pid = registry.start(detached=True)
        STATE.write_text(json.dumps({"port": registry.port, "pid": pid}))
    registry.fill()
    print(registry.url)


def down() -> None:
    if STATE.exists():
        if running() is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(json.loads(STATE.read_text())["pid"], signal.SIGTERM)
        STATE.unlink()


def main(words: list[str]) -> int:
    if words == ["up"]:
        up()
    elif words == ["down"]:
        down()
    elif words == ["url"]:
        found = running()
        if found is None:
            return 1
        print(found.url)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
