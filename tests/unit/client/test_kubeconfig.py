import os
import stat
from pathlib import Path

import pytest

from kajitori.client import kubeconfig, kubeconfigfiles
from kajitori.client.config import ConfigError, RestConfig, in_cluster
from kajitori.client.kubeconfig import KubeConfig, edit
from kajitori.client.overrides import Overrides

TEXT = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: x/ca.crt
    server: https://1.2.3.4:8443
  name: c2
contexts:
- context:
    cluster: c2
    namespace: "n"
    user: u
  name: x
current-context: x
kind: Config
users:
- name: u
  user:
    token: abc
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(TEXT)
    return path


def test_the_current_context_gives_server_user_and_namespace(file: Path) -> None:
    config = kubeconfig.load(file)
    assert (config.server, config.token, config.namespace) == ("https://1.2.3.4:8443", "abc", "n")
    assert config.ca_file == str(file.parent / "x/ca.crt")


def test_flags_win_over_the_file(file: Path) -> None:
    config = kubeconfig.load(file, overrides=Overrides(server="http://other", namespace="m", token="t"))
    assert (config.server, config.namespace, config.token) == ("http://other", "m", "t")


def test_secrets_do_not_show_in_repr() -> None:
    shown = repr(RestConfig(server="s", token="hush", password="hush", client_key_data=b"hush"))
    assert "hush" not in shown


def test_what_is_written_reads_as_kubectl_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config"
    with edit(path) as config:
        config.set("users", "u", {"token": "abc"})
        config.set("contexts", "x", {"cluster": "c2", "user": "u", "namespace": "n"})
        config.set("clusters", "c2", {"server": "https://1.2.3.4:8443", "certificate-authority": "x/ca.crt"})
        config.use_context("x")
    assert path.read_text() == TEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_deleting_everything_leaves_nulls_as_kubectl_does(file: Path) -> None:
    with edit(file) as config:
        assert config.delete("clusters", "c2") and config.delete("contexts", "x") and config.delete("users", "u")
        config.use_context("")
    text = file.read_text()
    assert 'clusters: null\ncontexts: null\ncurrent-context: ""\nkind: Config\nusers: null\n' in text


def test_of_several_files_the_first_wins_and_changes_go_home(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "other"
    other.write_text(
        TEXT.replace("1.2.3.4", "9.9.9.9").replace("name: c2", "name: c3").replace("cluster: c2", "cluster: c3")
    )
    environ = {"KUBECONFIG": os.pathsep.join([str(other), str(file), str(tmp_path / "missing")])}
    config = KubeConfig.read(environ=environ)
    assert config.rest_config().server == "https://9.9.9.9:8443"
    assert config.names("clusters") == ["c2", "c3"]
    with edit(environ=environ) as changing:
        changing.set("clusters", "c2", {"server": "https://changed"})
        changing.set("clusters", "c4", {"server": "https://new"})
    assert "https://changed" in file.read_text() and "https://new" in other.read_text()
    assert not (tmp_path / "missing").exists()


def test_a_held_lock_is_waited_for_and_then_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfigfiles, "LOCK_PATIENCE_S", 0.05)
    file.with_name("config.lock").touch()
    with pytest.raises(ConfigError, match="file exists"), edit(file):
        pass


def test_an_error_in_the_block_writes_nothing(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), edit(file) as config:
        config.delete("clusters", "c2")
        raise ZeroDivisionError
    assert file.read_text() == TEXT
    assert not file.with_name("config.lock").exists()


@pytest.mark.parametrize(
    "context,message",
    [("nope", "Error in configuration: context was not found for specified context: nope")],
)
def test_what_is_missing_is_named(file: Path, context: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        kubeconfig.load(file, context)


def test_a_missing_explicit_file_is_an_error_and_a_missing_default_is_localhost(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or directory"):
        kubeconfig.load(tmp_path / "nope")
    config = KubeConfig.read(environ={"KUBECONFIG": str(tmp_path / "nope")}).rest_config()
    assert config.server == "http://localhost:8080"


@pytest.mark.parametrize(
    "text", ["a: [", "just text", "clusters:\n- cluster:\n   certificate-authority-data: '!!'\n  name: c2"]
)
def test_a_broken_file_is_told_and_not_a_traceback(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken"
    path.write_text(text)
    with pytest.raises(ConfigError):
        kubeconfig.load(path, overrides=Overrides(cluster="c2"))


def test_in_cluster_needs_environment_and_token(tmp_path: Path) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    with pytest.raises(ConfigError, match="KUBERNETES_SERVICE_HOST"):
        in_cluster(tmp_path, {})
    with pytest.raises(ConfigError, match="token"):
        in_cluster(tmp_path, environ)
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("ns")
    config = in_cluster(tmp_path, environ)
    assert (config.server, config.namespace) == ("https://10.96.0.1:443", "ns")
