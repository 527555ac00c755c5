"""Impersonation and what one may do, as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.apiserver.plainhttps import ask

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def test_everything_about_a_user_can_be_taken_on(server: ControlPlane) -> None:
    headers = {
        "Impersonate-User": "ann",
        "Impersonate-Uid": "7",
        "Impersonate-Group": "devs",
        "Impersonate-Extra-Example.com%2fteam": "blue",
    }
    answer = ask(server, REVIEWS, method="POST", body=REVIEW, headers=headers)
    assert answer.json["status"]["userInfo"] == {
        "username": "ann",
        "uid": "7",
        "groups": ["devs", "system:authenticated"],
        "extra": {"example.com/team": ["blue"]},
    }


@pytest.mark.parametrize("header", ["Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-team"])
def test_nothing_is_taken_on_without_a_user(server: ControlPlane, header: str) -> None:
    answer = ask(server, REVIEWS, method="POST", body=REVIEW, headers={header: "x"})
    assert (answer.status, answer.json["message"].endswith("without impersonating a user")) == (500, True)


def test_taking_on_a_group_needs_its_own_right(server: ControlPlane, kubectl_for: Any) -> None:
    kubectl = kubectl_for(server)
    kubectl.ok("create", "clusterrole", "as-ann", "--verb=impersonate", "--resource=users", "--resource-name=ann")
    kubectl.ok("create", "serviceaccount", "robot")
    kubectl.ok("create", "clusterrolebinding", "as-ann", "--clusterrole=as-ann", "--serviceaccount=default:robot")
    token = kubectl.ok("create", "token", "robot").strip()
    allowed = ask(server, REVIEWS, method="POST", body=REVIEW, token=token, headers={"Impersonate-User": "ann"})
    assert allowed.json["status"]["userInfo"]["username"] == "ann"
    more = {"Impersonate-User": "ann", "Impersonate-Group": "system:masters"}
    refused = ask(server, REVIEWS, method="POST", body=REVIEW, token=token, headers=more)
    assert (refused.status, 'cannot impersonate resource "groups"' in refused.json["message"]) == (403, True)


def test_list_of_rights_says_what_it_cannot_know(server: ControlPlane, kubectl_for: Any) -> None:
    whole = kubectl_for(server).run("auth", "can-i", "--list", "--as", "ann")
    assert ("selfsubjectreviews.authentication.k8s.io" in whole.stdout, whole.stderr) == (True, "")
    done = kubectl_for(server).run("auth", "can-i", "--list", "--as", "system:node:n1", "--as-group", "system:nodes")
    assert "the list may be incomplete: node authorizer does not support user rule resolution" in done.stderr


def test_list_of_rights_is_whole_when_it_is_known() -> None:
    from kajitori.apiserver.authorization.build import AlwaysAllow, Asked, UnionAuthorizer
    from kajitori.apiserver.user import UserInfo

    rules, is_incomplete, problem = UnionAuthorizer([Asked(AlwaysAllow(), "AlwaysAllow", "always")], None).rules_for(
        UserInfo("ann"), "default"
    )
    assert (is_incomplete, problem) == (False, "")
    assert rules[0] == {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
