"""Watches: concurrent ones agree, they restart from a version, and leaving a selector is a deletion."""

import threading

import pytest

pytestmark = pytest.mark.integration


def test_watchers_by_label_see_what_enters_and_leaves_their_selector(api, place, make):
    path = place("configmaps")
    start = api.get(path).ok()["metadata"]["resourceVersion"]
    with (
        api.watch(path, resourceVersion=start, labelSelector="w=A") as a,
        api.watch(path, resourceVersion=start, labelSelector="w=B") as b,
        api.watch(path, resourceVersion=start, labelSelector="w in (A,B)") as both,
    ):
        api.post(path, make.config_map("a", labels={"w": "A"})).ok()
        api.patch(place("configmaps", "a"), {"data": {"mutation": "1"}}).ok()
        api.patch(place("configmaps", "a"), {"metadata": {"labels": {"w": "B"}}}).ok()
        api.delete(place("configmaps", "a")).ok()
        assert [kind for kind, _ in a.take(3)] == ["ADDED", "MODIFIED", "DELETED"]
        assert [kind for kind, _ in b.take(2)] == ["ADDED", "DELETED"]
        assert [kind for kind, _ in both.take(4)] == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]


def test_an_object_that_leaves_a_selector_is_shown_as_it_last_was_inside(api, place, make):
    path = place("configmaps")
    made = api.post(path, make.config_map("x", labels={"in": "yes"})).ok()
    with api.watch(path, resourceVersion=made["metadata"]["resourceVersion"], labelSelector="in=yes") as events:
        changed = api.patch(place("configmaps", "x"), {"metadata": {"labels": {"in": "no"}}, "data": {"a": "z"}}).ok()
        [(kind, obj)] = events.take(1)
    assert kind == "DELETED"
    assert obj["data"] == {"a": "b"}
    assert obj["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]


def test_a_watch_restarts_after_the_last_version_seen(api, place, make):
    path = place("configmaps")
    start = api.get(path).ok()["metadata"]["resourceVersion"]
    api.post(path, make.config_map("x")).ok()
    with api.watch(path, resourceVersion=start) as events:
        [(_, first)] = events.take(1)
    api.patch(place("configmaps", "x"), {"data": {"n": "1"}}).ok()
    api.delete(place("configmaps", "x")).ok()
    with api.watch(path, resourceVersion=first["metadata"]["resourceVersion"]) as events:
        assert [kind for kind, _ in events.take(2)] == ["MODIFIED", "DELETED"]


def test_concurrent_watches_from_every_version_agree_on_the_order(api, place, make):
    path = place("configmaps")
    versions = [api.get(path).ok()["metadata"]["resourceVersion"]]
    for number in range(12):
        versions.append(api.post(path, make.config_map(f"c{number}")).ok()["metadata"]["resourceVersion"])
        if number % 3 == 0:
            versions.append(
                api.patch(place("configmaps", f"c{number}"), {"data": {"a": "c"}}).ok()["metadata"]["resourceVersion"]
            )
        if number % 4 == 3:
            api.delete(place("configmaps", f"c{number - 1}")).ok()
    total = 12 + 4 + 3
    with api.watch(path, resourceVersion=versions[0]) as events:
        everything = [obj["metadata"]["resourceVersion"] for _, obj in events.take(total)]
    assert everything == sorted(everything, key=int)
    seen: dict[str, list[str]] = {}

    def follow(version: str) -> None:
        count = sum(int(one) > int(version) for one in everything)
        with api.watch(path, resourceVersion=version) as events:
            seen[version] = [obj["metadata"]["resourceVersion"] for _, obj in events.take(count)]

    threads = [threading.Thread(target=follow, args=(version,)) for version in versions[:-1]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {v: [one for one in everything if int(one) > int(v)] for v in versions[:-1]}


def test_a_watch_without_a_version_begins_with_what_is_there(api, place, make):
    path = place("configmaps")
    api.post(path, make.config_map("x")).ok()
    for query in ({}, {"resourceVersion": "0"}):
        with api.watch(path, **query) as events:
            assert events.names(1) == [("ADDED", "x")]


def test_send_initial_events_ends_with_a_marked_bookmark(api, place, make):
    path = place("configmaps")
    api.post(path, make.config_map("x")).ok()
    query = {"sendInitialEvents": "true", "allowWatchBookmarks": "true", "resourceVersionMatch": "NotOlderThan"}
    with api.watch(path, **query) as events:
        (first, _), (second, end) = events.take(2)
        assert (first, second) == ("ADDED", "BOOKMARK")
        assert end["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert end["kind"] == "ConfigMap"
        assert int(end["metadata"]["resourceVersion"]) > 0
        api.post(path, make.config_map("y")).ok()
        assert events.names(1) == [("ADDED", "y")]


def test_send_initial_events_false_shows_only_what_follows(api, place, make):
    path = place("configmaps")
    api.post(path, make.config_map("x")).ok()
    with api.watch(path, sendInitialEvents="false", resourceVersionMatch="NotOlderThan") as events:
        api.post(path, make.config_map("y")).ok()
        assert events.names(1) == [("ADDED", "y")]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"resourceVersionMatch": "NotOlderThan"},
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
        (
            {"sendInitialEvents": "true"},
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        ),
        (
            {"sendInitialEvents": "true", "resourceVersionMatch": "Exact", "resourceVersion": "1"},
            'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
        ),
    ],
)
def test_watch_options_that_contradict_each_other_are_invalid(api, place, query, message):
    api.get(place("configmaps"), watch="true", **query).fails(422, "Invalid", message)


def test_send_initial_events_is_for_watches_only(api, place):
    answer = api.get(place("configmaps"), sendInitialEvents="true", resourceVersionMatch="NotOlderThan")
    answer.fails(
        422,
        "Invalid",
        'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden '
        "unless resourceVersion is provided, sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list]",
    )


def test_a_watch_from_an_unreadable_version_is_refused(api, place):
    answer = api.get(place("configmaps"), watch="true", resourceVersion="abc")
    answer.fails(
        400,
        "BadRequest",
        'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    )


def test_a_watch_of_a_version_that_is_gone_ends_with_410(api, place, make, forget):
    path = place("podtemplates")
    start = api.get(path).ok()["metadata"]["resourceVersion"]
    api.post(path, {"metadata": {"name": "x"}, "template": {"spec": make.pod("x")["spec"]}}).ok()
    forget("podtemplates")
    with api.watch(path, resourceVersion=start) as events:
        assert events.status == 200
        [(kind, status)] = events.rest()
    assert (kind, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
    assert status["message"].startswith(f"too old resource version: {start} (")


def test_a_watch_of_one_name_sees_that_object_only(api, place, make):
    path = place("configmaps")
    start = api.get(path).ok()["metadata"]["resourceVersion"]
    for name in ("x", "y", "x2"):
        api.post(path, make.config_map(name)).ok()
    api.delete(place("configmaps", "y")).ok()
    with api.watch(path, fieldSelector="metadata.name=y", resourceVersion=start) as events:
        assert events.names(2) == [("ADDED", "y"), ("DELETED", "y")]


def test_the_old_watch_paths_still_watch(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    api.post(place("configmaps"), make.config_map("y")).ok()
    with api.watch(f"/api/v1/watch/namespaces/{place.name}/configmaps") as events:
        assert events.names(2) == [("ADDED", "x"), ("ADDED", "y")]
    with api.watch(f"/api/v1/watch/namespaces/{place.name}/configmaps/y") as events:
        assert events.names(1) == [("ADDED", "y")]


def test_a_watch_ends_after_its_timeout(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    with api.watch(place("configmaps"), timeoutSeconds=1) as events:
        assert [kind for kind, _ in events.rest()] == ["ADDED"]


def test_a_watch_of_partial_metadata_and_of_tables(api, place, make):
    path = place("configmaps")
    api.post(path, make.config_map("x")).ok()
    with api.watch(path, accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1") as events:
        [(_, obj)] = events.take(1)
    assert (obj["kind"], obj["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    assert set(obj) == {"kind", "apiVersion", "metadata"}
    with api.watch(path, accept="application/json;as=Table;g=meta.k8s.io;v=v1") as events:
        api.post(path, make.config_map("y")).ok()
        (_, first), (_, second) = events.take(2)
    assert first["columnDefinitions"][0]["name"] == "Name"
    assert second["columnDefinitions"] is None
    assert second["rows"][0]["object"]["metadata"]["name"] == "y"


def test_a_bookmark_among_tables_is_a_table_with_the_metadata_alone(api, place):
    query = {"sendInitialEvents": "true", "allowWatchBookmarks": "true", "resourceVersionMatch": "NotOlderThan"}
    with api.watch(place("secrets"), accept="application/json;as=Table;g=meta.k8s.io;v=v1", **query) as events:
        [(kind, table)] = events.take(1)
    assert (kind, table["kind"]) == ("BOOKMARK", "Table")
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    assert table["rows"][0]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
