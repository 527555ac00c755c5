"""attach, run and exec with terminals and pipes, on a real kubelet; upstream's kubectl and ours see the same."""

from __future__ import annotations

import json

import pytest
from tests.integration.kubelet.onenodecluster import Cluster, pod
from tests.waiting import eventually

from .terminal import Terminal

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
IMAGE = "docker.io/library/busybox:1.36"
SHELL = (  # a terminal that was made a moment ago has no size, of which stty only complains
    "echo ready; while read line; do case $line in "
    "size) found=$(busybox stty size 2>/dev/null); echo ${found:-0 0};; bye) exit 3;; *) echo got $line;; esac; done"
)
RECORDED = "All commands and output from this session will be recorded in container logs"


@pytest.fixture(params=["1.34", "ours"])
def cluster(whole: Cluster, request: pytest.FixtureRequest) -> Cluster:
    return whole.spoken_to_by(request.param)


def run_words(cluster: Cluster, name: str, script: str, *flags: str) -> list[str]:
    """``kubectl run`` on the one node, which has no scheduler."""
    on_node = json.dumps({"spec": {"nodeName": "node-a"}})
    words = ["run", f"{name}-{len(cluster.kubectl)}", f"--image={IMAGE}", f"--overrides={on_node}", "--restart=Never"]
    return [*words, *flags, "--", "sh", "-c", script]


def grows_to(size: str, screen: Terminal) -> None:
    """The size travels beside the keys: ask until it has arrived."""

    def asked() -> str:
        screen.type("size\n")
        screen.expect(r"\d+ \d+\r\n")
        return screen.seen

    eventually(asked, f"the terminal inside is {size}", holds=lambda seen: size in seen, every_s=0.1)


def test_a_terminal_grows_inside_as_it_grows_outside(cluster: Cluster) -> None:
    with Terminal(*cluster.command("exec", "-it", "bed", "--", "sh", "-c", SHELL)) as screen:
        screen.expect("ready")
        grows_to("24 80", screen)
        screen.resize(41, 133)
        grows_to("41 133", screen)
        screen.type("bye\n")
        assert screen.ends() == 3
    assert screen.seen.endswith("command terminated with exit code 3\r\n")


def test_interrupts_reach_the_command_in_a_terminal(cluster: Cluster) -> None:
    with Terminal(*cluster.command("exec", "-it", "bed", "--", "sh", "-c", "echo ready; sleep 60")) as screen:
        screen.expect("ready")
        screen.type("\x03")
        assert screen.ends() == 130


def test_an_interrupt_ends_what_runs_outside_a_terminal(cluster: Cluster) -> None:
    with Terminal(*cluster.command("exec", "-i", "bed", "--", "sh", "-c", "echo ready; sleep 60")) as screen:
        screen.expect("ready")
        screen.type("\x03")
        assert screen.ends() == 1


def test_an_interrupt_ends_a_watch(cluster: Cluster) -> None:
    with Terminal(*cluster.command("get", "pods", "-w")) as screen:
        screen.expect(r"bed .*\n")
        assert cluster.run("label", "pod", "bed", f"seen-by=one-{len(cluster.kubectl)}", "--overwrite")[0] == 0
        screen.expect(r"bed .*\n")  # so the watch has begun: until then upstream's would end by the signal
        screen.type("\x03")
        assert screen.ends() == 1


def test_attached_terminals_come_and_go(cluster: Cluster) -> None:
    name = f"shell-{len(cluster.kubectl)}"
    cluster.apply(pod(name, SHELL, container={"stdin": True, "tty": True}))
    eventually(lambda: cluster.is_ready(name), "the shell runs")
    with Terminal(*cluster.command("attach", "-it", name), rows=30, columns=99) as screen:
        screen.expect("try pressing enter")
        grows_to("30 99", screen)
        screen.type("bye\n")
        assert screen.ends() == 0
    again = f"Session ended, resume using 'kubectl attach {name} -c c -i -t' command when the pod is running"
    assert screen.seen.endswith(again + "\r\n")


def test_a_pod_run_in_a_terminal_leaves_nothing(cluster: Cluster) -> None:
    words = run_words(cluster, "visit", SHELL, "-it", "--rm")
    with Terminal(*cluster.command(*words)) as screen:
        screen.expect("enter")
        screen.type("hello\n")
        screen.expect("got hello")
        screen.type("bye\n")
        assert screen.ends() == 3
    assert screen.seen.endswith(
        f'pod "{words[1]}" deleted from default namespace\r\npod default/{words[1]} terminated (Error)\r\n'
    )
    assert "Session ended" not in screen.seen
    assert cluster.run("get", "pod", words[1])[0] == 1


def test_a_pod_run_with_piped_stdin_gives_its_exit_code(cluster: Cluster) -> None:
    words = run_words(cluster, "piped", "sleep 1; cat; exit 6", "-i", "--rm")
    code, out, err = cluster.run(*words, data="hello\n")
    assert (code, out) == (6, f'hello\npod "{words[1]}" deleted from default namespace\n')
    assert err.startswith(RECORDED)
    assert err.endswith(f"\npod default/{words[1]} terminated (Error)\n")


def test_a_quiet_run_prints_only_the_output(cluster: Cluster) -> None:
    words = run_words(cluster, "quiet", "sleep 1; echo done", "--attach", "--rm", "-q")
    assert cluster.run(*words) == (0, "done\n", "")


def test_stdin_ends_inside_when_it_ends_outside(cluster: Cluster) -> None:
    script = "while read line; do echo got $line; done; echo eof; exit 4"
    code, out, _ = cluster.run("exec", "-i", "bed", "--", "sh", "-c", script, data="x\n")
    assert (code, out) == (4, "got x\neof\n")
