from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.aiokit.clock import FakeClock
from kajitori.kubelet.cri import cri_pb2 as pb
from kajitori.kubelet.images.credentials import for_image
from kajitori.kubelet.images.manager import ImageError, ImageManager
from kajitori.kubelet.images.names import InvalidImageName, registry_of, repository_of, with_default_tag
from kajitori.kubelet.interfaces import CRIError


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("nginx", "nginx:latest"),
        ("nginx:1.25", "nginx:1.25"),
        ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
        (f"x@sha256:{'0' * 64}", f"x@sha256:{'0' * 64}"),
        (f"sha256:{'a' * 64}", f"sha256:{'a' * 64}"),
    ],
)
def test_missing_tag_is_latest(image: str, full: str) -> None:
    assert with_default_tag(image) == full


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("Nginx", 'couldn\'t parse image name "Nginx": invalid reference format: repository name must be lowercase'),
        ("a b", 'couldn\'t parse image name "a b": invalid reference format'),
        ("x:", 'couldn\'t parse image name "x:": invalid reference format'),
    ],
)
def test_invalid_names_are_told_as_upstream_tells_them(image: str, why: str) -> None:
    with pytest.raises(InvalidImageName) as caught:
        with_default_tag(image)
    assert str(caught.value) == why


def test_registry_and_repository() -> None:
    assert registry_of("nginx") == registry_of("docker.io/library/nginx") == "index.docker.io"
    assert repository_of("nginx:1") == "index.docker.io/library/nginx"
    assert repository_of("r.example:5000/a/b:1") == "r.example:5000/a/b"


def secret(auths: dict[str, Any]) -> tuple[str, dict[str, str]]:
    data = base64.b64encode(json.dumps({"auths": auths}).encode()).decode()
    return "kubernetes.io/dockerconfigjson", {".dockerconfigjson": data}


def test_most_specific_credential_comes_first() -> None:
    auth = base64.b64encode(b"u2:p:2").decode()
    found = for_image(
        "r.io/team/app:1",
        [secret({"r.io": {"username": "u1", "password": "p1"}, "https://r.io/team": {"auth": auth}, "x.io": {}})],
    )
    assert [(a.username, a.password) for a in found] == [("u2", "p:2"), ("u1", "p1")]
    assert for_image("x.io/a", [("kubernetes.io/dockerconfigjson", {".dockerconfigjson": "!!"})]) == []


class FakeImages:
    def __init__(self, present: set[str], error: str = "") -> None:
        self.present, self.error, self.pulls = present, error, 0

    async def image_status(self, image: str) -> pb.Image | None:
        return pb.Image(id=f"sha256:{image}", size=42) if image in self.present else None

    async def pull_image(self, image: str, auth: Any, sandbox: Any) -> str:
        self.pulls += 1
        if self.error:
            raise CRIError("NotFound", self.error)
        self.present.add(image)
        return image


class Events(list[str]):
    def event(self, obj: Any, kind: str, reason: str, message: str, *, field_path: str = "") -> None:
        self.append(f"{kind} {reason} {message}")


def ensure(
    images: FakeImages, clock: FakeClock, policy: str, count: int = 1, gap_s: float = 0
) -> tuple[list[str], Any]:
    events, answers = Events(), []
    manager = ImageManager(images, events, clock)  # type: ignore[arg-type]
    pod = make_pod([{"name": "a", "image": "img:1", "imagePullPolicy": policy}])

    async def main() -> None:
        for _ in range(count):
            try:
                answers.append(await manager.ensure(pod, pod.spec.containers[0], field_path=""))
            except ImageError as error:
                answers.append(error)
            clock.advance(gap_s)

    asyncio.run(main())
    return events, answers


def test_present_image_is_not_pulled() -> None:
    images = FakeImages({"img:1"})
    events, answers = ensure(images, FakeClock(), "IfNotPresent")
    assert events == ['Normal Pulled Container image "img:1" already present on machine']
    assert answers[0].ref == "sha256:img:1"
    assert images.pulls == 0


@pytest.mark.parametrize(("policy", "present"), [("Always", {"img:1"}), ("IfNotPresent", set())])
def test_pull_is_told(policy: str, present: set[str]) -> None:
    events, _ = ensure(FakeImages(present), FakeClock(), policy)
    assert events == [
        'Normal Pulling Pulling image "img:1"',
        'Normal Pulled Successfully pulled image "img:1" in 0s (0s including waiting). Image size: 42 bytes.',
    ]


def test_never_pulls_with_policy_never() -> None:
    events, answers = ensure(FakeImages(set()), FakeClock(), "Never")
    assert answers[0].reason == "ErrImageNeverPull"
    assert events == ['Warning ErrImageNeverPull Container image "img:1" is not present with pull policy of Never']


def test_failed_pull_backs_off_twice_as_long_each_time() -> None:
    images, clock = FakeImages(set(), "no such thing"), FakeClock()
    events, answers = ensure(images, clock, "IfNotPresent", count=4, gap_s=9)
    reasons = [a.reason for a in answers]
    assert reasons == ["ErrImagePull", "ImagePullBackOff", "ErrImagePull", "ImagePullBackOff"]
    assert answers[1].retry_in_s == pytest.approx(1)
    assert answers[3].retry_in_s == pytest.approx(11)
    assert 'Normal BackOff Back-off pulling image "img:1"' in events
    assert str(answers[1]).startswith('Back-off pulling image "img:1": ErrImagePull: rpc error: code = NotFound')
    assert images.pulls == 2
