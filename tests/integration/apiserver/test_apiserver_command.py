"""`kajitori apiserver` as a process: starts from nothing, survives kill -9, says what is wrong, stops in order."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kajitori.testing.ports import free_port

pytestmark = pytest.mark.integration
KAJITORI = str(Path(sys.executable).parent / "kajitori")


class Process:
    """One server; `start` returns once it serves."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.port = directory, free_port()
        self.log = directory / "log"

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    KAJITORI,
                    "apiserver",
                    f"--data-dir={self.directory / 'data'}",
                    f"--secure-port={self.port}",
                    "--bind-address=127.0.0.1",
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.kubeconfig = self.process.stdout.readline().removeprefix("The admin kubeconfig is ").strip()
            for line in self.process.stderr:
                log.write(line)
                if "serving securely" in line:
                    return
        raise AssertionError(self.log.read_text())

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def server(tmp_path: Path):
    process = Process(tmp_path)
    process.start()
    yield process
    if process.process.poll() is None:
        process.stop(signal.SIGKILL)


def kubectl(binary: str, server: Process, *arguments: str) -> str:
    done = subprocess.run(
        [binary, "--kubeconfig", server.kubeconfig, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_private_files_are_for_their_owner_alone(server):
    data = server.directory / "data"
    private = [data / "admin.kubeconfig", data / "store.db", *data.glob("pki/*.key")]
    assert len(private) >= 5
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in private} == {p.name: "0o600" for p in private}


def test_an_acknowledged_write_survives_kill_9(server, kubectl_binary):
    kubectl(kubectl_binary, server, "create", "configmap", "kept", "--from-literal=a=b")
    server.stop(signal.SIGKILL)
    server.start()
    assert "kept" in kubectl(kubectl_binary, server, "get", "configmap", "kept", "-o", "name")


def test_sigterm_ends_watches_and_exits_with_0(server, kubectl_binary):
    watching = subprocess.Popen(
        [kubectl_binary, "--kubeconfig", server.kubeconfig, "get", "namespaces", "-w", "-o", "name"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert watching.stdout.readline().startswith("namespace/")
        assert server.stop(signal.SIGTERM) == 0
    finally:
        watching.kill()
        watching.communicate()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KAJITORI, "apiserver", *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_an_unknown_flag_is_an_error():
    done = run("--no-such-flag=1")
    hint = 'Run "kajitori apiserver --help" for usage.\n'
    assert (done.returncode, done.stderr) == (1, f"Error: unknown flag: --no-such-flag\n{hint}")


def test_a_busy_port_is_told_with_a_way_out(tmp_path):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        done = run(f"--data-dir={tmp_path}", f"--secure-port={port}", "--bind-address=127.0.0.1")
    assert done.returncode == 1
    assert re.search(
        rf"Error: failed to listen on 127.0.0.1:{port}: address already in use.*--secure-port", done.stderr
    )


def test_a_store_in_use_is_refused(server):
    done = run(f"--data-dir={server.directory / 'data'}", "--secure-port=0", "--bind-address=127.0.0.1")
    assert done.returncode == 1
    assert "database is locked" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--authorization-mode=Foo", 'unknown authorization mode "Foo" specified'),
        ("--enable-admission-plugins=Foo", 'enable-admission-plugins plugin "Foo" is unknown'),
        ("--token-auth-file={junk}", "line 1: expected at least 3 columns (token, user name, user uid)"),
        ("--token-auth-file=/nonexistent", "No such file or directory: '/nonexistent'"),
        ("--client-ca-file={junk}", "unable to load client CA provider: {junk}: data does not contain a valid"),
        ("--service-account-key-file={junk}", "{junk}: holds neither a public nor a private key"),
        ("--admission-control-config-file={broken}", "did not find expected node content"),
        ("--encryption-provider-config={broken}", "error decoding encryption provider configuration file"),
        ("--service-cluster-ip-range=foo", "'foo' does not appear to be an IPv4 or IPv6 network"),
    ],
)
def test_a_file_or_value_that_cannot_be_used_is_told_in_one_line(tmp_path, flag, told):
    files = {"junk": tmp_path / "junk", "broken": tmp_path / "broken.yaml"}
    files["junk"].write_text("junk\n")
    files["broken"].write_text("{:bad\n")
    done = run(f"--data-dir={tmp_path}", "--secure-port=0", "--bind-address=127.0.0.1", flag.format(**files))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert told.format(**files) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_broken_store_is_told_with_its_file(tmp_path):
    (tmp_path / "store.db").write_bytes(b"no database " * 1000)
    done = run(f"--data-dir={tmp_path}", "--secure-port=0", "--bind-address=127.0.0.1")
    assert (done.returncode, done.stderr) == (1, f"Error: {tmp_path}/store.db: file is not a database\n")
