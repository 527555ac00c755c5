import pytest

from kajitori.controllers.deployment_sizes import limits_of, new_size, proportional, shrink_old


@pytest.mark.parametrize(
    "replicas,surge,unavailable,expected",
    [
        (3, "25%", "25%", (1, 0)),
        (4, "25%", "25%", (1, 1)),
        (10, "25%", "25%", (3, 2)),
        (1, 0, "25%", (0, 1)),  # neither may move: one must be unavailable
        (2, 0, 0, (0, 1)),
        (5, 2, 7, (2, 5)),
        (0, 1, 1, (1, 0)),
    ],
)
def test_surge_rounds_up_and_unavailable_down(deployment, replicas, surge, unavailable, expected) -> None:
    limits = limits_of(deployment(replicas, surge, unavailable))
    assert (limits.surge, limits.unavailable) == expected


@pytest.mark.parametrize(
    "replicas,surge,old,new,expected",
    [
        (3, 1, 3, None, 1),
        (3, 1, 3, 1, 1),  # no room left
        (3, 1, 2, 1, 2),
        (10, "50%", 10, 0, 5),
        (3, 0, 3, 0, 0),
        (3, 1, 0, 5, 3),  # larger than wanted: comes down
    ],
)
def test_the_new_set_grows_into_the_surge(deployment, replicaset, replicas, surge, old, new, expected) -> None:
    d = deployment(replicas, surge, 0)
    sets = [replicaset("old", old)]
    fresh = None if new is None else replicaset("new", new)
    assert new_size(d, [*sets, *([fresh] if fresh else [])], fresh) == expected


def test_recreate_makes_all_at_once(deployment) -> None:
    assert new_size(deployment(5, strategy={"type": "Recreate"}), [], None) == 5


@pytest.mark.parametrize(
    "unavailable,old,old_available,new,new_available,expected",
    [
        pytest.param(0, 3, 3, 1, 0, {}, id="wait for the new one"),
        pytest.param(0, 3, 3, 1, 1, {"old": 2}, id="one for one"),
        pytest.param(1, 3, 3, 0, 0, {"old": 2}, id="one may be missing"),
        pytest.param(1, 3, 1, 1, 0, {"old": 2}, id="unhealthy ones go first"),
        pytest.param(3, 3, 3, 0, 0, {"old": 0}, id="all may be missing"),
    ],
)
def test_old_sets_shrink_as_far_as_availability_allows(
    deployment, replicaset, unavailable, old, old_available, new, new_available, expected
) -> None:
    d = deployment(3, 1, unavailable)
    sizes = shrink_old(d, [replicaset("old", old, old_available)], replicaset("new", new, new_available))
    assert sizes == expected


def test_unhealthy_pods_of_every_old_set_go_before_healthy_ones_of_any(deployment, replicaset) -> None:
    d = deployment(4, 1, 1)
    old = [
        replicaset("older", 3, 3, created="2026-01-01T00:00:00Z"),
        replicaset("newer", 1, 0, created="2026-01-01T00:01:00Z"),
    ]
    assert shrink_old(d, old, replicaset("new", 1, 0)) == {"newer": 0}


@pytest.mark.parametrize(
    "replicas,sizes,before,expected",
    [
        pytest.param(20, {"a": 5, "b": 5}, 10, {"a": 10, "b": 10}, id="doubled"),
        pytest.param(5, {"a": 8, "b": 2}, 10, {"a": 4, "b": 1}, id="halved"),
        pytest.param(0, {"a": 5, "b": 5}, 10, {"a": 0, "b": 0}, id="to nothing"),
        pytest.param(11, {"a": 5, "b": 5}, 10, {"a": 5, "b": 6}, id="the newest of the largest takes the rest"),
    ],
)
def test_scaling_within_a_rollout_keeps_the_shares(deployment, replicaset, replicas, sizes, before, expected) -> None:
    d = deployment(replicas, 0, 1)
    sets = [replicaset(name, size, created=f"2026-01-01T00:0{n}:00Z") for n, (name, size) in enumerate(sizes.items())]
    assert proportional(d, sets, dict.fromkeys(sizes, before)) == expected
    assert sum(expected.values()) == replicas
