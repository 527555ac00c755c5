"""kubectl set image: other images for containers of pods and pod templates. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.podspecs import SetOptions, change, chosen, pod_spec
from kajitori.kubectl.resources.builder import has_files
from kajitori.kubectl.resources.words import NO_RESOURCE

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetImageOptions(SetOptions):
    """No flags of its own."""


async def run(opts: SetImageOptions, ctx: Context) -> None:
    targets = tuple(word for word in opts.args if "=" not in word)
    images = images_of([word for word in opts.args if "=" in word])
    if not targets and not has_files(opts):
        raise UsageError(NO_RESOURCE)
    if not images:
        raise UsageError("error: at least one image update is required")
    if len(images) > 1 and "*" in images:
        raise UsageError(
            "error: all containers are already specified by *, but saw more than one "
            "container_name=container_image pairs"
        )
    found = await chosen(opts, ctx, targets)
    await change(opts, ctx, found, lambda obj: put_images(obj, images), "image updated")


def images_of(words: list[str]) -> dict[str, str]:
    """``container=image`` words."""
    found: dict[str, str] = {}
    for word in words:
        name, _, image = word.partition("=")
        if not name or not image:
            raise UsageError(f'error: invalid argument "{word}", expected container=image')
        found[name] = image
    return found


def put_images(obj: dict[str, Any], images: dict[str, str]) -> None:
    """Puts the images in place; ``*`` means every container. Raises UsageError for a container that is not there."""
    spec = pod_spec(obj)
    for name, image in images.items():
        hit = False
        for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
            if name in ("*", container["name"]):
                container["image"] = image
                hit = True
        if not hit:
            raise UsageError(f'error: unable to find container named "{name}"')


COMMAND = Command(
    name="set image",
    short="Update the image of a pod template",
    long="""Update existing container image(s) of resources.

 Possible resources include (case insensitive): pod (po), replicationcontroller (rc), deployment (deploy), daemonset
(ds), statefulset (sts), cronjob (cj), replicaset (rs).""",
    examples="""# One container of a deployment gets another image
kubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1

# All deployments and rc's container nginx
kubectl set image deployments,rc nginx=nginx:1.9.1 --all

# Every container of a daemonset
kubectl set image daemonset abc *=nginx:1.9.1

# Only print the result, from a file
kubectl set image -f path/to/file.yaml nginx=nginx:1.9.1 --local -o yaml""",
    usage="set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... "
    "CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]",
    options=SetImageOptions,
    run=run,
)
