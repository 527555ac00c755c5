"""Names of images that archives bring in."""

import pytest

from kajitori.cluster.images import full_name, imported


def test_what_the_client_unpacked_is_known_by_name() -> None:
    output = "unpacking docker.io/library/a:1 (sha256:bc00)...done\nunpacking b:2 (sha256:1b08)...time=now level=info\ndone\n"
    assert imported(output) == ["docker.io/library/a:1", "b:2"]
    assert imported("") == []


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("app", "docker.io/library/app:latest"),
        ("app:1", "docker.io/library/app:1"),
        ("me/app:1", "docker.io/me/app:1"),
        ("localhost/app:1", "localhost/app:1"),
        ("host:5000/app", "host:5000/app:latest"),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
    ],
)
def test_names_are_completed_as_the_runtime_completes_those_of_pods(name: str, full: str) -> None:
    assert full_name(name) == full
