"""Deployments, jobs, cron jobs and pods made from flags. Pure. May import: kubectl.generate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.kubectl.generate.parsing import container_name

Wire = dict[str, Any]


def deployment(
    name: str,
    images: Sequence[str],
    *,
    command: Sequence[str] = (),
    replicas: int = 1,
    port: int = -1,
) -> Wire:
    """One container per image, named after it; everything labelled ``app=NAME``."""
    containers: list[Wire] = []
    for position, image in enumerate(images):
        one: Wire = {"name": container_name(image), "image": image}
        if command:
            one["command"] = list(command)
        if port >= 0 and position == 0:
            one["ports"] = [{"containerPort": port}]
        containers.append(one | {"resources": {}})
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}},
            "strategy": {},
        },
        "status": {},
    }


def job(name: str, image: str, command: Sequence[str] = ()) -> Wire:
    """Its Pod is never restarted: a failed one is replaced."""
    return {
        "kind": "Job",
        "apiVersion": "batch/v1",
        "metadata": {"name": name},
        "spec": {"template": {"metadata": {}, "spec": _one_shot(name, image, command, "Never")}},
        "status": {},
    }


def job_from_cron_job(name: str, cron_job: Wire) -> Wire:
    """A run of a cron job by hand: owned by it, marked as such."""
    template = cron_job["spec"]["jobTemplate"]
    meta = template.get("metadata") or {}
    annotations = {"cronjob.kubernetes.io/instantiate": "manual"} | (meta.get("annotations") or {})
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": cron_job["metadata"]["name"],
        "uid": cron_job["metadata"].get("uid", ""),
        "controller": True,
    }
    made: Wire = {"name": name, "annotations": annotations, "ownerReferences": [owner]}
    if meta.get("labels"):
        made["labels"] = meta["labels"]
    return {
        "kind": "Job",
        "apiVersion": "batch/v1",
        "metadata": made,
        "spec": template.get("spec") or {},
        "status": {},
    }


def cron_job(name: str, image: str, schedule: str, *, command: Sequence[str] = (), restart: str = "") -> Wire:
    """Its Pods are restarted on failure unless `restart` says otherwise."""
    pod = _one_shot(name, image, command, restart or "OnFailure")
    return {
        "kind": "CronJob",
        "apiVersion": "batch/v1",
        "metadata": {"name": name},
        "spec": {
            "schedule": schedule,
            "jobTemplate": {"metadata": {"name": name}, "spec": {"template": {"metadata": {}, "spec": pod}}},
        },
        "status": {},
    }


def _one_shot(name: str, image: str, command: Sequence[str], restart: str) -> Wire:
    container: Wire = {"name": name, "image": image}
    if command:
        container["command"] = list(command)
    return {"containers": [container | {"resources": {}}], "restartPolicy": restart}


def pod(
    name: str,
    image: str,
    *,
    labels: dict[str, str],
    annotations: dict[str, str],
    arguments: Sequence[str] = (),
    as_command: bool = False,
    env: Sequence[dict[str, str]] = (),
    port: int | None = None,
    pull_policy: str = "",
    restart: str = "Always",
    stdin: bool = False,
    stdin_once: bool = False,
    tty: bool = False,
    privileged: bool = False,
) -> Wire:
    """What ``kubectl run`` makes."""
    container: Wire = {"name": name, "image": image}
    if arguments:
        container["command" if as_command else "args"] = list(arguments)
    if port is not None:
        container["ports"] = [{"containerPort": port}]
    if env:
        container["env"] = list(env)
    container["resources"] = {}
    if pull_policy:
        container["imagePullPolicy"] = pull_policy
    if privileged:
        container["securityContext"] = {"privileged": True}
    container |= {key: True for key, on in (("stdin", stdin), ("stdinOnce", stdin_once), ("tty", tty)) if on}
    meta: Wire = {"name": name, "labels": labels}
    if annotations:
        meta["annotations"] = annotations
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": meta,
        "spec": {"containers": [container], "restartPolicy": restart, "dnsPolicy": "ClusterFirst"},
        "status": {},
    }
