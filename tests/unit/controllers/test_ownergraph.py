from kajitori.client.sources import LeanMeta, OwnerReference
from kajitori.controllers.ownergraph import FOREGROUND, ORPHAN, Identity, OwnerGraph


def _id(name: str, kind: str = "ConfigMap", namespace: str = "ns") -> Identity:
    return Identity("v1", kind, namespace, name, f"uid-{name}")


def _meta(*owners: str, deleting: bool = False, finalizers: tuple[str, ...] = (), block: bool = False) -> LeanMeta:
    refs = [OwnerReference("v1", "ConfigMap", o, f"uid-{o}", block_owner_deletion=block) for o in owners]
    stamp = "2026-01-01T00:00:00Z" if deleting else None
    return LeanMeta(owner_references=refs, finalizers=list(finalizers), deletion_timestamp=stamp)


def _names(nodes) -> list[str]:
    return sorted({node.identity.name for node in nodes})


def test_an_unknown_owner_is_looked_for_and_its_dependents_when_it_is_not_there() -> None:
    graph = OwnerGraph()
    assert _names(graph.put(_id("child"), _meta("ghost")).look_at) == ["ghost"]
    assert graph.get("uid-ghost").is_virtual
    assert _names(graph.remove("uid-ghost").look_at) == ["child"]


def test_an_owner_that_appears_late_is_no_ghost() -> None:
    graph = OwnerGraph()
    graph.put(_id("child"), _meta("parent"))
    assert graph.put(_id("parent"), _meta()).look_at == []
    assert not graph.get("uid-parent").is_virtual
    assert _names(graph.get("uid-parent").dependents) == ["child"]


def test_losing_an_owner_wakes_its_dependents_only() -> None:
    graph = OwnerGraph()
    graph.put(_id("parent"), _meta())
    graph.put(_id("child"), _meta("parent"))
    graph.put(_id("grandchild"), _meta("child"))
    assert _names(graph.remove("uid-parent").look_at) == ["child"]


def test_foreground_deletion_looks_at_dependents_and_at_the_owner_each_time_one_goes() -> None:
    graph = OwnerGraph()
    graph.put(_id("parent"), _meta())
    graph.put(_id("blocking"), _meta("parent", block=True))
    graph.put(_id("free"), _meta("parent"))
    work = graph.put(_id("parent"), _meta(deleting=True, finalizers=(FOREGROUND,)))
    assert _names(work.look_at) == ["blocking", "free", "parent"]
    assert _names(graph.get("uid-parent").blocking_dependents()) == ["blocking"]
    assert _names(graph.remove("uid-blocking").look_at) == ["parent"]
    assert graph.get("uid-parent").blocking_dependents() == []


def test_an_owner_that_waits_is_looked_at_when_a_dependent_lets_go_of_it() -> None:
    graph = OwnerGraph()
    graph.put(_id("parent"), _meta(deleting=True, finalizers=(FOREGROUND,)))
    graph.put(_id("child"), _meta("parent", block=True))
    assert _names(graph.put(_id("child"), _meta()).look_at) == ["parent"]


def test_orphaning_asks_for_letting_go() -> None:
    graph = OwnerGraph()
    graph.put(_id("child"), _meta("parent"))
    work = graph.put(_id("parent"), _meta(deleting=True, finalizers=(ORPHAN,)))
    assert _names(work.let_go) == ["parent"]


def test_a_reference_across_namespaces_does_not_count() -> None:
    graph = OwnerGraph()
    graph.put(_id("parent", namespace="other"), _meta())
    assert _names(graph.put(_id("child"), _meta("parent")).look_at) == ["child"]


def test_a_ghost_nobody_names_any_more_is_forgotten() -> None:
    graph = OwnerGraph()
    graph.put(_id("child"), _meta("ghost"))
    graph.remove("uid-child")
    assert graph.get("uid-ghost") is None
    assert len(graph) == 0
