"""UUIDs are random ones by their form, and each is new, also across a fork."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

from kajitori.machinery.uuids import new_uuid


def test_uuids_are_of_version_4_and_never_repeat():
    made = [new_uuid() for _ in range(2_000)]
    assert len(set(made)) == 2_000
    for text in made:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)


def test_a_forked_process_makes_others():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_uuid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 36).decode() != new_uuid()


def test_threads_share_the_source_and_none_gets_anothers() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = [one for many in threads.map(lambda _: [new_uuid() for _ in range(3000)], range(8)) for one in many]
    assert len(set(made)) == 24_000
