"""No cluster runs, or the kubeconfig cannot be used: what each verb says of it, in upstream's words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kajitori.kubectl.__main__ import main
from kajitori.testing.ports import free_port

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: gone
clusters:
- {name: c, cluster: {server: "https://127.0.0.1:1"}}
- {name: ca, cluster: {server: "https://127.0.0.1:1", certificate-authority: /no/ca}}
users:
- {name: u, user: {token: x}}
- {name: cert, user: {client-certificate: /no/cert, client-key: /no/key}}
- {name: certonly, user: {client-certificate: /no/cert}}
contexts:
- {name: ok, context: {cluster: c, user: u}}
- {name: badca, context: {cluster: ca, user: u}}
- {name: badcert, context: {cluster: c, user: cert}}
- {name: nokey, context: {cluster: c, user: certonly}}
"""
Told = Callable[..., str]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """What kubectl says on stderr, and that it failed."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*argv: str, code: int = 1) -> str:
        assert main(argv) == code
        return capsys.readouterr().err.rstrip("\n")

    return run


@pytest.mark.parametrize(
    ("words", "errand"),
    [
        (
            "create configmap x",
            'failed to create configmap: Post "{}/api/v1/namespaces/default/configmaps'
            '?fieldManager=kubectl-create&fieldValidation=Strict": {}',
        ),
        (
            "create service nodeport x --tcp=80 --dry-run=server",
            'failed to create NodePort service: Post "{}/api/v1/namespaces/default/services'
            '?dryRun=All&fieldManager=kubectl-create&fieldValidation=Strict": {}',
        ),
        (
            "create token x",
            'failed to create token: Post "{}/api/v1/namespaces/default/serviceaccounts/x/token": {}',
        ),
        (
            "apply -f cm.yaml",
            'error validating "cm.yaml": error validating data: failed to download openapi: '
            'Get "{}/openapi/v2?timeout=32s": {}; if you choose to ignore these errors, '
            "turn validation off with --validate=false",
        ),
        (
            "create -f cm.yaml --validate=false",
            'unable to recognize "cm.yaml": Get "{}/api?timeout=32s": {}',
        ),
        (
            "api-versions",
            'couldn\'t get available api versions from server: Get "{}/api?timeout=32s": {}',
        ),
    ],
    ids=lambda value: value.partition(" -")[0] if not value.startswith(("failed", "error", "unable", "could")) else "",
)
def test_writes_tell_their_request(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, errand: str
) -> None:
    (tmp_path / "cm.yaml").write_text(CONFIG_MAP)
    monkeypatch.chdir(tmp_path)
    where = f"127.0.0.1:{free_port()}"
    cause = f"dial tcp {where}: connect: connection refused"
    assert told(f"--server=http://{where}", *words.split()) == "error: " + errand.format(f"http://{where}", cause)


def test_differences_that_cannot_be_told_exit_with_more_than_one(told: Told, tmp_path: Path) -> None:
    (tmp_path / "cm.yaml").write_text(CONFIG_MAP)
    said = told(f"--server=http://127.0.0.1:{free_port()}", "diff", "-f", str(tmp_path / "cm.yaml"), code=2)
    assert said.startswith("error: unable to recognize")


def test_local_changes_need_no_server(told: Told, tmp_path: Path) -> None:
    (tmp_path / "cm.yaml").write_text(CONFIG_MAP)
    where = f"--server=http://127.0.0.1:{free_port()}"
    assert told(where, "label", "--local", "-f", str(tmp_path / "cm.yaml"), "a=b", "-oyaml", code=0) == ""


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("", "Error in configuration: context was not found for specified context: gone"),
        ("--context=nope", "Error in configuration: context was not found for specified context: nope"),
        ("--context=ok --cluster=nope", 'error: no server found for cluster "nope"'),
        ("--context=ok --user=nope", 'error: auth info "nope" does not exist'),
        (
            "--context=badca",
            "error: unable to read certificate-authority /no/ca for ca due to open /no/ca: no such file or directory",
        ),
        (
            "--context=badcert",
            "Error in configuration: \n"
            "* unable to read client-cert /no/cert for cert due to open /no/cert: no such file or directory\n"
            "* unable to read client-key /no/key for cert due to open /no/key: no such file or directory",
        ),
        (
            "--context=nokey",
            "Error in configuration: \n"
            "* client-key-data or client-key must be specified for certonly to use the clientCert authentication "
            "method.\n"
            "* unable to read client-cert /no/cert for certonly due to open /no/cert: no such file or directory",
        ),
        (
            "--context=ok --request-timeout=x",
            "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a "
            "corresponding time unit (e.g. 1s | 2m | 3h)",
        ),
    ],
)
def test_a_configuration_that_cannot_be_used_says_why(told: Told, tmp_path: Path, flags: str, said: str) -> None:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    assert told("get", "pods", *flags.split()) == said


@pytest.mark.parametrize(
    ("words", "warned"),
    [
        ("get pods", ["the server doesn't have a resource type 'pods'"]),
        ("get pods.apps", ["the server doesn't have a resource type 'pods' in group 'apps'"]),
        ("fly users", ["verb 'fly' is not a known verb"]),
        ("get /healthz", []),
    ],
)
def test_access_to_what_nobody_can_look_up_is_asked_for_as_it_was_named(
    told: Told, words: str, warned: list[str]
) -> None:
    refused = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?"
    said = told("auth", "can-i", *words.split(), "--server=http://127.0.0.1:1")
    assert said == "\n".join([*(f"Warning: {text}\n" for text in warned), refused])
