"""Defaults: given as YAML, expected as YAML, for the kinds that users write most."""

import pytest
import yaml

from kajitori.api.scheme import builtin

SCHEME = builtin()

CASES = {
    "pod": (
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: c, image: "nginx", ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}
  - {name: d, image: "reg:5000/x:1.2", readinessProbe: {httpGet: {port: 80}}}
  volumes: [{name: a}, {name: b, configMap: {name: x}}]
""",
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c
    image: nginx
    imagePullPolicy: Always
    ports: [{containerPort: 80, protocol: TCP}]
    resources: {limits: {cpu: 1}, requests: {cpu: 1}}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
  - name: d
    image: reg:5000/x:1.2
    imagePullPolicy: IfNotPresent
    readinessProbe:
      httpGet: {port: 80, path: /, scheme: HTTP}
      timeoutSeconds: 1
      periodSeconds: 10
      successThreshold: 1
      failureThreshold: 3
    resources: {}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
  volumes: [{name: a, emptyDir: {}}, {name: b, configMap: {name: x, defaultMode: 420}}]
  dnsPolicy: ClusterFirst
  enableServiceLinks: true
  restartPolicy: Always
  schedulerName: default-scheduler
  securityContext: {}
  terminationGracePeriodSeconds: 30
status: {}
""",
    ),
    "service": (
        """
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {type: LoadBalancer, ports: [{port: 80}], sessionAffinity: ClientIP}
""",
        """
apiVersion: v1
kind: Service
metadata: {name: s}
spec:
  type: LoadBalancer
  ports: [{port: 80, targetPort: 80, protocol: TCP}]
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}
  externalTrafficPolicy: Cluster
  internalTrafficPolicy: Cluster
  allocateLoadBalancerNodePorts: true
status: {loadBalancer: {}}
""",
    ),
    "secret": (
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: hello}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, type: Opaque, data: {a: aGVsbG8=}}",
    ),
    "host network": (
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {hostNetwork: true, dnsPolicy: Default, restartPolicy: Never, terminationGracePeriodSeconds: 0, schedulerName: x,
  enableServiceLinks: false, serviceAccountName: me, containers: [{name: c, image: "a@sha256:00", resources: {},
  ports: [{containerPort: 8080}], terminationMessagePath: /x, terminationMessagePolicy: File}]}
""",
        """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {hostNetwork: true, dnsPolicy: Default, restartPolicy: Never, terminationGracePeriodSeconds: 0, schedulerName: x,
  enableServiceLinks: false, serviceAccountName: me, serviceAccount: me, securityContext: {}, containers: [{name: c,
  image: "a@sha256:00", imagePullPolicy: IfNotPresent, resources: {}, ports: [{containerPort: 8080, hostPort: 8080,
  protocol: TCP}], terminationMessagePath: /x, terminationMessagePolicy: File}]}
status: {}
""",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_defaults_are_upstreams(case: str) -> None:
    given, expected = (yaml.safe_load(text) for text in CASES[case])
    found = SCHEME.for_object(given)
    assert found is not None
    found.strategy.default(given)
    assert given == expected


@pytest.mark.parametrize("case", CASES)
def test_defaulting_twice_changes_nothing(case: str) -> None:
    once, _ = (yaml.safe_load(text) for text in CASES[case])
    found = SCHEME.for_object(once)
    assert found is not None
    found.strategy.default(once)
    twice = yaml.safe_load(yaml.safe_dump(once))
    found.strategy.default(twice)
    assert twice == once


def test_a_deployment_rolls_a_quarter_at_a_time() -> None:
    obj = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {}}}}
    found = SCHEME.for_object(obj)
    assert found is not None
    found.strategy.default(obj)
    spec = obj["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    assert (spec["replicas"], spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (1, 10, 600)
    assert "enableServiceLinks" not in spec["template"]["spec"]
