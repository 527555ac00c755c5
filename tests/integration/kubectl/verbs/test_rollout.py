"""`rollout` tells, undoes, restarts and pauses as upstream does."""

from __future__ import annotations

import json

import pytest

from .conftest import Kubectls
from .stagedobjects import CONDITION, SCENES
from .test_describe import stage

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def put_status(both: Kubectls, name: str, status: dict[str, object]) -> None:
    both.make(f"patch {name} --subresource=status --type=merge -p '{json.dumps({'status': status})}'")


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"observedGeneration": 1, "updatedReplicas": 1, "replicas": 3},
        {"observedGeneration": 1, "updatedReplicas": 3, "replicas": 4},
        {"observedGeneration": 1, "updatedReplicas": 3, "replicas": 3, "readyReplicas": 2, "availableReplicas": 2},
        {"observedGeneration": 1, "updatedReplicas": 3, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3},
        {
            "observedGeneration": 1,
            "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}],
        },
    ],
)
def test_status_of_a_deployment(status: dict[str, object], space: Kubectls) -> None:
    space.make("create deployment web --image=nginx --replicas=3")
    put_status(space, "deployment/web", status)
    space.alike(
        "rollout status deployment/web --watch=false",
        "rollout status deployment web --watch=false --revision=2",
        "rollout status deployment --watch=false",
    )


@pytest.mark.parametrize("kind", ["daemonset", "statefulset"])
def test_status_of_other_workloads(kind: str, space: Kubectls) -> None:
    name = stage(space, *SCENES[kind])
    space.alike(f"rollout status {name} --watch=false")
    for status in (
        {"observedGeneration": 1, "replicas": 2, "readyReplicas": 1, "updatedNumberScheduled": 1},
        {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 1, "updatedNumberScheduled": 3},
        {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2, "numberAvailable": 3},
    ):
        known = {
            k: v for k, v in status.items() if ("umber" in k) == (kind == "daemonset") or k == "observedGeneration"
        }
        put_status(space, name, known)
        space.alike(f"rollout status {name} --watch=false")


def test_a_status_that_never_ends_times_out(space: Kubectls) -> None:
    space.make("create deployment web --image=nginx")
    space.alike("rollout status deployment/web --timeout=1s")


def test_a_watched_rollout_ends_when_it_is_done(space: Kubectls) -> None:
    import threading

    space.make("create deployment web --image=nginx")
    put_status(space, "deployment/web", {"observedGeneration": 1, "updatedReplicas": 1, "replicas": 1})
    done = {"readyReplicas": 1, "availableReplicas": 1, "conditions": [json.loads(CONDITION)]}
    timer = threading.Timer(0.5, put_status, (space, "deployment/web", done))
    timer.start()
    said = space.ours("rollout status deployment/web")
    timer.join()
    assert said.out == (
        'Waiting for deployment "web" rollout to finish: 0 of 1 updated replicas are available...\n'
        'deployment "web" successfully rolled out\n'
    )


def revisions(space: Kubectls) -> None:
    """A deployment with three revisions, the last being the current one."""
    space.make("create deployment web --image=nginx:3")
    space.make("annotate deployment web deployment.kubernetes.io/revision=3 kept=yes")
    uid = space.make("get deployment web -o jsonpath={.metadata.uid}")
    for number in (1, 2, 3):
        cause = f", kubernetes.io/change-cause: 'change {number}'" if number != 2 else ""
        space.make(
            "create -f -",
            f"apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: web-{number}, labels: {{app: web}}, annotations: "
            f"{{deployment.kubernetes.io/revision: '{number}'{cause}}}, ownerReferences: [{{apiVersion: apps/v1, kind: "
            f"Deployment, name: web, uid: {uid}, controller: true}}]}}\nspec: {{replicas: 0, selector: {{matchLabels: "
            f"{{app: web}}}}, template: {{metadata: {{labels: {{app: web, pod-template-hash: h{number}}}}}, spec: "
            f"{{containers: [{{name: nginx, image: 'nginx:{number}', resources: {{}}}}]}}}}}}",
        )


def test_history(space: Kubectls) -> None:
    space.make("create deployment none --image=nginx")
    space.alike("rollout history deployment/none")
    revisions(space)
    space.alike(
        "rollout history deployment/web",
        "rollout history deployment/web --revision=1",
        "rollout history deployment/web --revision=2",
        "rollout history deployment/web --revision=9",
        "rollout history deployment/web --revision=-1",
        "rollout history deployment",
        "rollout history deployment/missing",
        "rollout history",
        "rollout history sa/default",
    )


def test_undo(space: Kubectls) -> None:
    space.make("create deployment none --image=nginx")
    revisions(space)
    space.alike(
        "rollout undo deployment/none",
        "rollout undo deployment/web --to-revision=9",
        "rollout undo deployment/web --to-revision=3",
        "rollout undo deployment/web --dry-run=client",
        "rollout undo deployment/web --dry-run=server",
        "rollout undo sa/default",
        "rollout undo",
    )
    said = space.ours("rollout undo deployment/web")
    assert (said.out, said.err, said.code) == ("deployment.apps/web rolled back\n", "", 0)
    ours = json.loads(space.make("get deployment web -o json"))
    assert ours["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:2"
    assert "pod-template-hash" not in ours["spec"]["template"]["metadata"]["labels"]
    assert ours["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "3"}


def test_pause_resume_and_restart(space: Kubectls) -> None:
    space.make("create deployment web --image=nginx")
    space.alike("rollout resume deployment/web")
    assert space.ours("rollout pause deployment/web").out == "deployment.apps/web paused\n"
    space.alike(
        "rollout pause deployment/web",
        "rollout restart deployment/web",
        "rollout undo deployment/web --to-revision=1",
        "rollout pause sa/default",
        "rollout restart sa/default",
        "rollout restart deployment/missing",
        "rollout restart",
    )
    assert space.ours("rollout resume deployment/web").out == "deployment.apps/web resumed\n"
    assert space.ours("rollout restart deployment").out == "deployment.apps/web restarted\n"
    marked = space.make("get deployment web -o jsonpath={.spec.template.metadata.annotations}")
    assert "kubectl.kubernetes.io/restartedAt" in marked
