"""What the suite of 1.20 takes for granted and Kubernetes 1.34 no longer does, edited in the unpacked tree.

Every edit names its reason. An edit whose old text is not found, and whose new text is not there either, stops the build: the
source is another one than these edits were made for.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Edit:
    file: str
    old: str
    new: str
    why: str


NO_TOKEN_SECRETS = "since 1.24 no token Secret is made for a ServiceAccount"

CRDS = "test/e2e/apimachinery/crd_publish_openapi.go"
SERVER_VALIDATES = "since 1.27 kubectl leaves validation to the server, whose words these are"
EXPLAIN = "kubectl explain of 1.34 heads a field with FIELD:"

HEALTH = "test/e2e/apimachinery/health_handlers.go"
RENAMED = "the names of two checks have changed since"

EDITS = (
    Edit(
        HEALTH, "/start-kube-apiserver-admission-initializer ok", "/start-apiserver-admission-initializer ok", RENAMED
    ),
    Edit(
        HEALTH,
        "/apiservice-status-available-controller ok",
        "/apiservice-status-remote-available-controller ok",
        RENAMED,
    ),
    Edit(CRDS, '`unknown field "foo"`', '`unknown field "spec.foo"`', SERVER_VALIDATES),
    Edit(CRDS, '`missing required field "name"`', "`spec.bars[0].name: Required value`", SERVER_VALIDATES),
    Edit(CRDS, "(?s)RESOURCE:.*bars", "(?s)FIELD:.*bars", EXPLAIN),
    Edit("test/e2e/framework/util.go", "return len(t.Secrets) > 0, nil", "return t != nil, nil", NO_TOKEN_SECRETS),
    Edit(
        "test/e2e/auth/node_authn.go",
        "framework.ExpectNotEqual(len(sa.Secrets), 0)",
        "framework.ExpectEqual(sa.Name, saName)",
        NO_TOKEN_SECRETS,
    ),
    Edit(
        "test/e2e/auth/node_authz.go",
        "framework.ExpectNotEqual(len(sa.Secrets), 0)",
        "framework.ExpectEqual(sa.Name, saName)",
        NO_TOKEN_SECRETS,
    ),
    Edit(
        "test/e2e/auth/node_authz.go",
        "defaultSaSecret = sa.Secrets[0].Name",
        "existing, err := f.ClientSet.CoreV1().Secrets(ns).Create(context.TODO(), &v1.Secret{"
        'ObjectMeta: metav1.ObjectMeta{GenerateName: "existing-"}}, metav1.CreateOptions{})\n'
        "\t\tframework.ExpectNoError(err)\n"
        "\t\tdefaultSaSecret = existing.Name",
        NO_TOKEN_SECRETS,
    ),
    Edit(
        "test/e2e/auth/service_accounts.go",
        "\t\t\tif len(sa.Secrets) == 0 {\n"
        '\t\t\t\tframework.Logf("mount-test service account has no secret references")\n'
        "\t\t\t\treturn false, nil\n"
        "\t\t\t}\n",
        "\t\t\tif len(sa.Secrets) == 0 {\n"
        "\t\t\t\tca, err := f.ClientSet.CoreV1().ConfigMaps(f.Namespace.Name)."
        'Get(context.TODO(), "kube-root-ca.crt", metav1.GetOptions{})\n'
        "\t\t\t\tif err != nil {\n"
        "\t\t\t\t\treturn false, nil\n"
        "\t\t\t\t}\n"
        '\t\t\t\trootCAContent = ca.Data["ca.crt"]\n'
        "\t\t\t\treturn true, nil\n"
        "\t\t\t}\n",
        NO_TOKEN_SECRETS + "; the test of 1.34 compares with the ConfigMap too",
    ),
    Edit(
        "test/e2e/auth/service_accounts.go",
        '\t\t\t\tframework.Logf("mount service account has no secret references")\n\t\t\t\treturn false, nil\n',
        "\t\t\t\treturn true, nil\n",
        NO_TOKEN_SECRETS,
    ),
)


def apply(tree: Path) -> bool:
    """Make every edit that is not made yet; whether there was one."""
    changed = False
    for edit in EDITS:
        path = tree / edit.file
        text = path.read_text()
        if edit.old in text:
            path.write_text(text.replace(edit.old, edit.new))
            changed = True
        elif edit.new not in text:
            raise RuntimeError(f"{edit.file} holds neither side of an edit ({edit.why}): {edit.old!r}")
    return changed
