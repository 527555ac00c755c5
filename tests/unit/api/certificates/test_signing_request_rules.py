"""CertificateSigningRequests: what one may hold, and who may change what of it."""

import base64
import functools
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from kajitori.api.certificates import requests
from kajitori.api.certificates.resources import RESOURCES

STRATEGY = RESOURCES[0].strategy
APPROVED = {"type": "Approved", "status": "True"}
DENIED = {"type": "Denied", "status": "True"}


@functools.cache
def pem() -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane")])
    made = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(Encoding.PEM)).decode()


def request(**spec: Any) -> dict[str, Any]:
    wanted = {"request": pem(), "signerName": "example.com/x", "usages": ["client auth"], **spec}
    return {"metadata": {"name": "c"}, "spec": wanted}


def with_status(*conditions: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {**request(), "status": {"conditions": [dict(c) for c in conditions], **status}}


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ({"request": "eA=="}, "spec.request: Invalid value: "),
        ({"usages": []}, "spec.usages: Required value"),
        ({"usages": ["client auth", "client auth"]}, 'spec.usages[1]: Duplicate value: "client auth"'),
        ({"usages": ["flying"]}, 'spec.usages[0]: Unsupported value: "flying": supported values: "any", '),
        ({"signerName": ""}, "spec.signerName: Required value"),
        ({"signerName": "x"}, "spec.signerName: Invalid value: \"x\": must be a fully qualified domain and path of the form 'example.com/signer-name'"),
        ({"signerName": "x/y"}, 'spec.signerName: Invalid value: "x": should be a domain with at least two segments separated by dots'),
        ({"signerName": "a_.b/y"}, 'spec.signerName: Invalid value: "a_.b": validating label "a_": '),
        ({"signerName": "kubernetes.io/legacy-unknown"}, 'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'),
        ({"expirationSeconds": 5}, "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused(spec, fault):
    (error,) = STRATEGY.validate(request(**spec))
    assert str(error).startswith(fault)


def test_a_good_request_has_no_faults_and_its_spec_never_changes():
    old = request()
    assert STRATEGY.validate(old) == []
    changed = request(signerName="example.com/other")
    STRATEGY.prepare_for_update(changed, old)
    assert changed["spec"] == old["spec"]
    assert STRATEGY.validate_update(changed, old) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ([], [APPROVED], 'status.conditions: Forbidden: updates may not add a condition of type "Approved"'),
        ([APPROVED], [], 'status.conditions: Forbidden: updates may not remove a condition of type "Approved"'),
        ([], [{"type": "Failed", "status": "False"}], 'status.conditions[0].status: Unsupported value: "False": supported values: "True"'),
        ([], [{"status": "True"}], "status.conditions[0].type: Required value"),
        ([], [{"type": "x"}], "status.conditions[0].status: Required value"),
        ([], [{"type": "x", "status": "True"}] * 2, 'status.conditions[1].type: Duplicate value: "x"'),
    ],
)  # fmt: skip
def test_a_signer_may_not_decide_nor_write_nonsense(old, new, fault):
    before, after = with_status(*old), with_status(*new)
    STRATEGY.prepare_for_status_update(after, before)
    assert [str(error) for error in STRATEGY.validate_status_update(after, before)] == [fault]


def test_a_decision_outlives_a_signers_update_as_it_was():
    old, new = with_status({**APPROVED, "reason": "mine"}), with_status({**APPROVED, "reason": "yours"})
    STRATEGY.prepare_for_status_update(new, old)
    assert new["status"]["conditions"] == old["status"]["conditions"]
    assert STRATEGY.validate_status_update(new, old) == []


def test_a_certificate_is_pem_and_is_issued_once():
    old = with_status(APPROVED)
    odd = with_status(APPROVED, certificate=base64.b64encode(b"-----BEGIN PRIVATE KEY-----\n").decode())
    message = 'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"'
    assert [str(error) for error in STRATEGY.validate_status_update(odd, old)] == [message]
    again = with_status(APPROVED, certificate="")
    message = "status.certificate: Forbidden: updates may not modify existing certificate content"
    assert [str(error) for error in STRATEGY.validate_status_update(again, odd)] == [message]


def test_approved_excludes_denied():
    (error,) = requests.validate_conditions(with_status(APPROVED, DENIED), with_status())
    assert (
        str(error)
        == 'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'
    )


def test_times_that_were_left_out_are_filled_in():
    old = with_status({**APPROVED, "lastTransitionTime": "then"})
    new = with_status(APPROVED, {"type": "x", "status": "True", "lastUpdateTime": "given"})
    requests.stamp(new, old, "now")
    first, second = new["status"]["conditions"]
    assert (first["lastUpdateTime"], first["lastTransitionTime"]) == ("now", "then")
    assert (second["lastUpdateTime"], second["lastTransitionTime"]) == ("given", "now")


def test_a_request_that_another_key_signed_is_refused() -> None:
    der = bytearray(x509.load_pem_x509_csr(base64.b64decode(pem())).public_bytes(Encoding.DER))
    der[der.index(b"jane")] = ord("m")
    text = base64.encodebytes(bytes(der)).decode()
    forged = f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n"
    (error,) = STRATEGY.validate(request(request=base64.b64encode(forged.encode()).decode()))
    assert str(error).endswith(": x509: ECDSA verification failure")
