import asyncio
from typing import Any

import orjson
import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.client.connection import Response
from kajitori.client.events import EventRecorder
from kajitori.machinery.errors import Forbidden, NotFound

POD = {"kind": "Pod", "apiVersion": "v1", "namespace": "default", "name": "web", "uid": "u1"}


class FakeEvents:
    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.fail: list[Exception] = []

    async def raw(self, method: str, path: str, *, body: Any, content_type: str = "") -> Response:
        await asyncio.sleep(0)
        self.calls.append(method)
        if self.fail:
            raise self.fail.pop(0)
        if method == "POST":
            self.stored[body["metadata"]["name"]] = body
            return Response(201, {}, orjson.dumps(body))
        name = path.rpartition("/")[2]
        if name not in self.stored:
            raise NotFound.of("", "events", name)
        self.stored[name] |= body
        return Response(200, {}, orjson.dumps(self.stored[name]))


@pytest.fixture
def record():
    def run(script) -> FakeEvents:
        api = FakeEvents()

        async def main() -> None:
            clock = FakeClock()
            recorder = EventRecorder(api, "kubelet", "minikube", clock=clock)  # type: ignore[arg-type]
            await script(recorder, clock, api)
            while len(recorder._background):
                await clock.run_for(1)

        asyncio.run(main())
        return api

    return run


def test_an_event_says_who_what_and_when_as_upstream_words_it(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        recorder.event(POD, "Normal", "Pulled", "Container image pulled", field_path="spec.containers{web}")

    (event,) = record(script).stored.values()
    assert event["metadata"]["name"].startswith("web.") and int(event["metadata"]["name"][4:], 16) > 0
    assert event["involvedObject"] == {**POD, "fieldPath": "spec.containers{web}"}
    assert event["source"] == {"component": "kubelet", "host": "minikube"}
    assert (event["type"], event["reason"], event["count"]) == ("Normal", "Pulled", 1)
    assert event["firstTimestamp"] == event["lastTimestamp"] == "2026-01-02T03:04:05Z"
    assert (event["reportingComponent"], event["reportingInstance"]) == ("kubelet", "minikube")


def test_equal_events_become_one_with_a_count(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        for _ in range(3):
            recorder.event(POD, "Warning", "BackOff", "Back-off restarting failed container")
            await recorder.flush()
            clock.advance(10)

    api = record(script)
    (event,) = api.stored.values()
    assert event["count"] == 3
    assert event["lastTimestamp"] == "2026-01-02T03:04:25Z"
    assert api.calls == ["POST", "PATCH", "PATCH"]


def test_equal_events_recorded_in_one_breath_become_one_too(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        for _ in range(3):
            recorder.event(POD, "Warning", "BackOff", "same")

    api = record(script)
    assert [e["count"] for e in api.stored.values()] == [3]


def test_an_event_that_expired_on_the_server_is_created_again(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        recorder.event(POD, "Normal", "Pulled", "again")
        await recorder.flush()
        api.stored.clear()
        recorder.event(POD, "Normal", "Pulled", "again")

    assert len(record(script).stored) == 1


def test_many_similar_events_are_combined(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        for n in range(14):
            recorder.event(POD, "Warning", "Unhealthy", f"probe failed: {n}")

    events = list(record(script).stored.values())
    combined = [e for e in events if e["message"].startswith("(combined from similar events): ")]
    assert len(events) == 10
    assert [e["count"] for e in combined] == [5]
    assert combined[0]["message"].endswith("probe failed: 13")


def test_a_chatty_source_is_rationed_per_object(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        for n in range(60):
            recorder.event(POD, "Normal", f"Reason{n}", "x")
        recorder.event({**POD, "uid": "u2", "name": "other"}, "Normal", "Reason", "x")
        await recorder.flush()
        clock.advance(300)
        recorder.event(POD, "Normal", "Later", "x")

    names = [e["involvedObject"]["name"] for e in record(script).stored.values()]
    assert (names.count("web"), names.count("other")) == (26, 1)


def test_an_unreachable_server_is_tried_again_and_a_refusal_is_not(record) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        api.fail = [ConnectionRefusedError(), ConnectionRefusedError()]
        recorder.event(POD, "Normal", "Started", "x")
        await clock.run_for(5)
        assert len(api.stored) == 1
        api.fail = [Forbidden("namespace is being terminated")]
        recorder.event(POD, "Normal", "Killing", "x")
        await clock.run_for(60)

    api = record(script)
    assert api.calls == ["POST"] * 4
    assert len(api.stored) == 1


def test_a_full_queue_drops_news_instead_of_growing(record, capsys) -> None:
    async def script(recorder: EventRecorder, clock: FakeClock, api: FakeEvents) -> None:
        for n in range(1100):
            recorder.event({**POD, "name": f"p{n}"}, "Normal", "Started", "x")
        assert len(recorder._queue) == 1000

    record(script)
    assert "too many events" in capsys.readouterr().err
