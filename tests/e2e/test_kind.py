"""The `kind` command line over the same clusters."""

from pathlib import Path

from tests.e2e.conftest import Workspace


def test_a_kind_cluster_is_created_used_and_deleted(workspace: Workspace) -> None:
    environ = {**workspace.environ, "KIND_HOME": str(workspace.folder / ".kind")}
    user = Workspace(workspace.folder, environ)
    assert user.run("kind", "get", "clusters").err == "No kind clusters found.\n"
    created = user.run("kind", "create", "cluster")
    assert created.code == 0, created
    assert 'Creating cluster "kind" ...' in created.err
    assert 'Set kubectl context to "kind-kind"' in created.err
    assert user.ok("kind", "get", "clusters") == "kind\n"
    assert user.ok("kind", "get", "nodes") == "kind-control-plane\n"
    assert "certificate-authority-data" in user.ok("kind", "get", "kubeconfig")
    again = user.run("kind", "create", "cluster")
    assert again.code == 1
    assert "already exist" in again.err
    user.ok("kind", "delete", "cluster")
    assert user.ok("kind", "get", "clusters") == ""
    assert "kind-kind" not in Path(environ["KUBECONFIG"]).read_text()
