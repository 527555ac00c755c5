"""The port in a node proxy's name; the wrong ones were found by fuzzing and answered with a 500."""

import pytest

from kajitori.apiserver.proxying.places import Name, node_port
from kajitori.machinery.errors import BadRequest


@pytest.mark.parametrize("port", ["y", "0", "65536", "-1"])
def test_a_port_that_is_no_port_is_the_clients_mistake(port: str) -> None:
    with pytest.raises(BadRequest, match=f"invalid port {port}"):
        node_port(Name("", "node", port), 10250)


def test_without_a_port_the_kubelet_is_meant() -> None:
    assert node_port(Name("", "node", ""), 10250) == 10250
    assert node_port(Name("", "node", "8080"), 10250) == 8080
