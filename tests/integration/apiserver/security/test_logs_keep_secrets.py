"""Whatever is asked of a server at its most talkative, no credential is in its log."""

import asyncio
import json
import re

import pytest
from tests.integration.apiserver.serverprocess import ServerProcess, send

from kajitori.machinery.errors import StatusError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]
SECRET = "hunter2-in-a-secret"
POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}
HOOK = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "nobody"},
    "webhooks": [
        {
            "name": "nobody.example.com",
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["secrets"]}],
            "failurePolicy": "Ignore",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }
    ],
}
SPACE = "/api/v1/namespaces/default"


def secret(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": SECRET}}


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_credential_is_in_the_log_nor_where_requests_are_audited_by_their_metadata(tmp_path, form):
    async def scenario() -> None:
        policy, audit = tmp_path / "policy.json", tmp_path / "audit.log"
        policy.write_text(json.dumps(POLICY))
        flags = (f"--audit-policy-file={policy}", f"--audit-log-path={audit}", "-v=9", f"--logging-format={form}")
        server = await ServerProcess(tmp_path / "s", *flags).start()
        client = server.client()
        await send(client, "POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", HOOK)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "me"}}
        await send(client, "POST", f"{SPACE}/serviceaccounts", account)
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        made = await send(client, "POST", f"{SPACE}/serviceaccounts/me/token", asked)
        token = made["status"]["token"]
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
        await send(client, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
        await send(client, "POST", f"{SPACE}/secrets", secret("kept"))
        for bad in (
            ("POST", f"{SPACE}/secrets", {**secret("BAD NAME")}),
            ("POST", f"{SPACE}/secrets", {**secret("typed"), "data": {"password": SECRET}}),
            ("GET", f"{SPACE}/pods/none/exec?command=login&command={SECRET}", None),
            ("GET", f"{SPACE}/services/https:none:443/proxy/?token={SECRET}", None),
            ("GET", f"/nowhere?access_token={SECRET}", None),
        ):
            with pytest.raises(StatusError):
                await send(client, *bad)
        await client.close()
        assert server.stop() == 0
        log, written = server.log.read_text(), audit.read_text()
        assert re.search("HTTP", log) and "nobody.example.com" in log, "it is talkative"
        for credential in (token, token.rpartition(".")[2], server.token, SECRET):
            assert credential not in log
            if credential is not SECRET:  # upstream's audit events have requestURI with its query, ours too
                assert credential not in written

    asyncio.run(scenario())
