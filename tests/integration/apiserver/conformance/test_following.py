"""Property: whoever lists and then watches ends with the server's state, whatever happens and whenever it reconnects."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

pytestmark = pytest.mark.integration
NAMES = st.sampled_from(["a", "b", "c", "d"])
LABELS = st.sampled_from(["x", "y", ""])


class Follower:
    """A reflector in twenty lines: a list, then events from its version on, for one selector."""

    def __init__(self, api: Any, path: str, selector: str, *, streaming: bool) -> None:
        self.api, self.path, self.selector, self.streaming = api, path, selector, streaming
        self.known: dict[str, Any] = {}
        self.version = ""

    def begin(self) -> None:
        if self.streaming:
            query = {"sendInitialEvents": "true", "allowWatchBookmarks": "true", "resourceVersionMatch": "NotOlderThan"}
            self.known = {}
            with self.api.watch(self.path, labelSelector=self.selector, **query) as events:
                while not self._ended(*events.take(1)[0]):
                    pass
            return
        found = self.api.get(self.path, labelSelector=self.selector).ok()
        self.known = {item["metadata"]["name"]: item["data"] for item in found["items"]}
        self.version = found["metadata"]["resourceVersion"]

    def _ended(self, kind: str, obj: Any) -> bool:
        if kind != "BOOKMARK":
            self.take(kind, obj)
            return False
        self.version = obj["metadata"]["resourceVersion"]
        return True

    def take(self, kind: str, obj: Any) -> None:
        name = obj["metadata"]["name"]
        if kind == "DELETED":
            del self.known[name]
        else:
            assert kind == ("MODIFIED" if name in self.known else "ADDED")
            self.known[name] = obj["data"]
        self.version = obj["metadata"]["resourceVersion"]

    def follow(self, until: Any) -> None:
        if self.known == until:
            return
        query = {"resourceVersion": self.version, "labelSelector": self.selector}
        with self.api.watch(self.path, **query) as events:
            while self.known != until:
                [(kind, obj)] = events.take(1)
                self.take(kind, obj)


def machine(api: Any, path: str) -> type[RuleBasedStateMachine]:
    class Watched(RuleBasedStateMachine):
        @initialize()
        def start(self) -> None:
            api.delete(path).ok()
            self.state: dict[str, tuple[str, Any]] = {}
            self.count = 0
            self.followers = [
                Follower(api, path, selector, streaming=streaming)
                for selector in ("", "l=x", "l!=x", "!l")
                for streaming in (False, True)
            ]
            for follower in self.followers:
                follower.begin()

        def body(self, name: str, label: str) -> Any:
            self.count += 1
            meta = {"name": name, "labels": {"l": label} if label else {}}
            return {"metadata": meta, "data": {"n": str(self.count)}}

        @rule(name=NAMES, label=LABELS)
        def write(self, name: str, label: str) -> None:
            body = self.body(name, label)
            if name in self.state:
                api.put(f"{path}/{name}", body).ok()
            else:
                api.post(path, body).ok()
            self.state[name] = (label, body["data"])

        @rule(name=NAMES)
        def remove(self, name: str) -> None:
            assert api.delete(f"{path}/{name}").status == (200 if name in self.state else 404)
            self.state.pop(name, None)

        @rule(index=st.integers(0, 7))
        def begin_again(self, index: int) -> None:
            self.followers[index].begin()

        @rule(index=st.integers(0, 7))
        def catch_up(self, index: int) -> None:
            follower = self.followers[index]
            follower.follow(self.seen_by(follower.selector))

        def seen_by(self, selector: str) -> Any:
            chosen = {
                "": lambda label: True,
                "l=x": lambda label: label == "x",
                "l!=x": lambda label: label != "x",
                "!l": lambda label: not label,
            }[selector]
            return {name: data for name, (label, data) in self.state.items() if chosen(label)}

        @invariant()
        def the_server_agrees(self) -> None:
            if hasattr(self, "state"):
                found = api.get(path).ok()
                assert {i["metadata"]["name"]: i["data"] for i in found["items"]} == self.seen_by("")

        def teardown(self) -> None:
            for follower in getattr(self, "followers", ()):
                follower.follow(self.seen_by(follower.selector))

    return Watched


def test_followers_end_with_the_servers_state(api, place):
    path = place("configmaps")
    config = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(machine(api, path), settings=config)


SIMPLE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), children, max_size=3)
    ),
    max_leaves=8,
)


def test_managed_fields_name_every_field_that_is_there(api, place):
    """After any sequence of writes by three managers, the union of all sets covers the data, and nothing else."""
    from hypothesis import given

    path = place("configmaps")
    data = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"), max_size=3)
    step = st.tuples(st.sampled_from(["apply", "put", "merge"]), st.sampled_from(["m1", "m2", "m3"]), data)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(step, min_size=1, max_size=6))
    def run(steps: Any) -> None:
        name = "x"
        api.delete(f"{path}/{name}")
        applied: dict[str, Any] = {}
        for kind, manager, chosen in steps:
            values = {**chosen, "always": "1"}  # an object that nobody owns a field of is no longer tracked
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": values}
            if kind == "apply":
                api.apply(f"{path}/{name}", body, manager, force="true").ok()
                applied[manager] = values
            elif api.get(f"{path}/{name}").status == 404:
                api.post(path, body, fieldManager=manager).ok()
            elif kind == "put":
                live = api.get(f"{path}/{name}").ok()
                api.put(f"{path}/{name}", {**live, "data": values}, fieldManager=manager).ok()
            else:
                api.patch(f"{path}/{name}", {"data": values}, fieldManager=manager).ok()
            live = api.get(f"{path}/{name}").ok()
            owned = set()
            for entry in live["metadata"].get("managedFields") or ():
                owned |= {key[2:] for key in entry["fieldsV1"].get("f:data", {}) if key != "."}
            assert owned == set(live.get("data") or {}), json.dumps(live)
            if kind == "apply":
                assert {k: (live.get("data") or {}).get(k) for k in values} == values

    run()
