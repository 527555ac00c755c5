"""RuntimeClasses."""

from tests.unit.api.rulebook import made

TEXT = "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, handler: %s}"


def test_no_handler_is_a_bad_handler() -> None:
    (error,) = made(TEXT % "''")
    assert error.startswith('handler: Invalid value: "": a lowercase RFC 1123 label must consist of')
    assert made(TEXT % "runc") == []
