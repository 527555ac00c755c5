"""`get` lays out every kind's table as upstream's kubectl does: same server, same objects, same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kajitori.testing import ControlPlane

from .conftest import Kubectls
from .stagedobjects import CLUSTER_SCENES, SCENES, stage

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CUSTOM = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.tables.example.com}
spec:
  group: tables.example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, shortNames: [bt]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    additionalPrinterColumns:
    - {name: Length, type: integer, jsonPath: .spec.length}
    - {name: Built, type: date, jsonPath: .spec.built}
    - {name: Crew, type: string, jsonPath: ".spec.crew[*]", priority: 1}
"""
BOATS = """\
apiVersion: tables.example.com/v1
kind: Boat
metadata: {name: long, labels: {app: web, tier: sea}}
spec: {length: 12, built: "2020-01-02T03:04:05Z", crew: [ann, bob]}
---
apiVersion: tables.example.com/v1
kind: Boat
metadata: {name: small}
spec: {length: 3}
"""
NAMESPACED = (
    "pods,deployments,replicasets,replicationcontrollers,daemonsets,statefulsets,jobs,cronjobs,services,endpointslices,"
    "configmaps,secrets,serviceaccounts,limitranges,resourcequotas,persistentvolumeclaims,ingresses,networkpolicies,"
    "poddisruptionbudgets,horizontalpodautoscalers,roles,rolebindings,leases,controllerrevisions,podtemplates,boats"
)
CLUSTER = (
    "nodes,persistentvolumes,storageclasses,csinodes,csidrivers,priorityclasses,ingressclasses,clusterroles,"
    "clusterrolebindings,servicecidrs,ipaddresses,volumeattributesclasses,runtimeclasses,namespaces,apiservices,"
    "validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies,flowschemas,"
    "prioritylevelconfigurations,certificatesigningrequests,customresourcedefinitions,volumeattachments"
)
SHAPES = (
    "",
    "-o wide",
    "--show-labels",
    "-L app,tier -o wide",
    "--no-headers",
    "--no-headers -o wide --show-labels",
    "--show-kind",
    "-l app=web",
    "--server-print=false",
    "--chunk-size=2",
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, kubectls: Kubectls) -> Iterator[Kubectls]:
    """A cluster of its own, with objects of every kind, in it a namespace."""
    with ControlPlane() as control_plane:
        everywhere = replace(kubectls, kubeconfig=control_plane.kubeconfig, home=tmp_path_factory.mktemp("tables"))
        everywhere.make("create namespace tables")
        made = everywhere.within("tables")
        made.make("create serviceaccount default")
        made.make("create -f -", CUSTOM)
        made.make("wait --for=condition=Established crd/boats.tables.example.com")
        made.make("create -f -", BOATS)
        for manifest, status in (*SCENES.values(), *CLUSTER_SCENES.values()):
            stage(made, manifest, status)
        yield made


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape or "plain")
def test_every_kinds_table_is_laid_out_as_upstreams(shape: str, filled: Kubectls) -> None:
    filled.alike(f"get {NAMESPACED} {shape}", f"get {CLUSTER} {shape}", at_once=2)


def test_tables_of_one_kind_are_laid_out_as_upstreams(filled: Kubectls) -> None:
    filled.alike(
        "get pods -A",
        "get deployments -A -o wide --show-labels",
        "get boats --sort-by=.spec.length",
        "get boats,pods --sort-by=.metadata.name",
        "get boats/long deploy/web --sort-by=.metadata.name -o wide",
        "get boats,pods --sort-by=.metadata.name --server-print=false",
        "get boats/long --sort-by=.nope",
        "get boats,pods -w --sort-by=.metadata.name",
        "get clusterroles,nodes --sort-by=.metadata.creationTimestamp -o name",
        "get boats long",
        "get bt/long deploy/web",
        "get pods --sort-by='{.spec.nope}'",
        "get services --sort-by=.spec.ports[0].port -o wide",
        "get pods -o wide --no-headers -L app",
        "get events -A",
        at_once=2,
    )


def test_deprecated_kinds_come_with_upstreams_warning(filled: Kubectls) -> None:
    filled.alike(
        "get endpoints",
        "get ep -o name",
        "get endpoints -o wide --no-headers",
        "get componentstatuses",
        "get cs -o name",
        "get cs etcd-0 -o yaml",
        "get cs nope",
        "describe endpoints",
    )
