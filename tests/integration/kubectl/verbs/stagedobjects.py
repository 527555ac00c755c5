"""Objects to describe, with statuses as a running cluster would write them: kind → (manifest, status)."""

from __future__ import annotations

import json

from .conftest import Kubectls

POD_SPEC = """
  serviceAccountName: default
  nodeName: worker
  priorityClassName: system-cluster-critical
  securityContext: {seccompProfile: {type: RuntimeDefault}}
  readinessGates: [{conditionType: example.com/ready}]
  nodeSelector: {disk: ssd}
  tolerations:
  - {operator: Exists}
  - {key: a, operator: Equal, value: b, effect: NoSchedule}
  - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 30}
  topologySpreadConstraints:
  - {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
  - {maxSkew: 1, topologyKey: host, whenUnsatisfiable: ScheduleAnyway}
  initContainers:
  - {name: first, image: "busybox:1", command: [sh, -c, "echo one\\necho two"]}
  containers:
  - name: main
    image: nginx:1.27
    args: [--flag, value]
    ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP, hostPort: 5353}]
    resources: {requests: {cpu: 250m, memory: 64Mi}, limits: {cpu: "1", memory: 128Mi}}
    livenessProbe: {httpGet: {path: "/live?x=1", port: http, scheme: HTTPS}, initialDelaySeconds: 5}
    readinessProbe: {exec: {command: [cat, /tmp/ready]}}
    startupProbe: {tcpSocket: {port: 80}}
    envFrom:
    - {configMapRef: {name: settings}}
    - {prefix: P_, secretRef: {name: keys, optional: true}}
    env:
    - {name: PLAIN, value: text}
    - {name: LINES, value: "one\\ntwo"}
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: ADDRESS, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: CPUS, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: SECRET, valueFrom: {secretKeyRef: {name: keys, key: k}}}
    - {name: CONFIG, valueFrom: {configMapKeyRef: {name: settings, key: k, optional: true}}}
    volumeMounts: [{name: data, mountPath: /data, subPath: x}, {name: config, mountPath: /config, readOnly: true}]
    securityContext: {seccompProfile: {type: Localhost, localhostProfile: a.json}}
  - name: other
    image: busybox
    livenessProbe: {grpc: {port: 9000, service: s}}
  - {name: third, image: busybox}
  volumes:
  - {name: data, emptyDir: {sizeLimit: 1Gi, medium: Memory}}
  - {name: config, configMap: {name: settings}}
  - {name: secret, secret: {secretName: keys, optional: true}}
  - {name: host, hostPath: {path: /var, type: Directory}}
  - {name: claim, persistentVolumeClaim: {claimName: data}}
  - {name: nfs, nfs: {server: nfs.local, path: /x}}
  - {name: csi, csi: {driver: d.example.com, volumeAttributes: {b: c, a: b}}}
  - {name: down, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
  - name: all
    projected:
      sources:
      - {serviceAccountToken: {path: token, expirationSeconds: 3607}}
      - {configMap: {name: kube-root-ca.crt}}
      - {downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}}
      - {secret: {name: keys}}
  - name: scratch
    ephemeral: {volumeClaimTemplate: {metadata: {labels: {a: b}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}
  - {name: oci, image: {reference: "quay.io/x:1", pullPolicy: Always}}
"""

POD = f"""
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {{app: web, tier: front}}
  annotations: {{short: text, long: "{"x" * 150}", lines: "one\\ntwo\\n"}}
spec:{POD_SPEC}"""

POD_STATUS = """
{"phase": "Running", "hostIP": "192.168.1.1", "podIP": "10.0.0.7", "podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}],
 "startTime": "2026-01-02T03:04:05Z", "qosClass": "Burstable", "message": "all is well", "reason": "Because",
 "conditions": [
  {"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"},
  {"type": "example.com/ready", "status": "False", "lastTransitionTime": "2026-01-02T03:04:05Z"},
  {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}],
 "initContainerStatuses": [{"name": "first", "image": "busybox:1", "imageID": "sha256:1", "containerID": "containerd://1",
   "ready": true, "restartCount": 0, "state": {"terminated": {"exitCode": 0, "reason": "Completed",
   "startedAt": "2026-01-02T03:04:05Z", "finishedAt": "2026-01-02T03:04:06Z"}}}],
 "containerStatuses": [
  {"name": "main", "image": "nginx:1.27", "imageID": "sha256:2", "containerID": "containerd://2", "ready": true,
   "restartCount": 3, "state": {"running": {"startedAt": "2026-01-02T03:05:05Z"}},
   "lastState": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled", "message": "too much",
   "startedAt": "2026-01-02T03:04:05Z", "finishedAt": "2026-01-02T03:04:06Z"}}},
  {"name": "other", "image": "busybox", "imageID": "", "ready": false, "restartCount": 0,
   "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}}]}
"""

TEMPLATE = f"""
    metadata: {{labels: {{app: web}}, annotations: {{a: b}}}}
    spec:{POD_SPEC.replace(chr(10) + "  ", chr(10) + "      ")}"""
TEMPLATE = TEMPLATE.replace("      nodeName: worker\n", "")

SIMPLE = """
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx}]}
"""

CONDITION = '{"type": "Available", "status": "True", "reason": "Enough", "lastTransitionTime": "2026-01-02T03:04:05Z"}'

SCENES: dict[str, tuple[str, str]] = {
    "pod": (POD, POD_STATUS),
    "pod pending": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}",
        "",
    ),
    "deployment": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\nspec:\n  replicas: 3\n"
        "  selector: {matchLabels: {app: web}, matchExpressions: [{key: a, operator: DoesNotExist}]}\n  template:"
        + TEMPLATE,
        '{"replicas": 4, "updatedReplicas": 2, "readyReplicas": 3, "availableReplicas": 3, "unavailableReplicas": 1, '
        '"conditions": [' + CONDITION + "]}",
    ),
    "replicaset": (
        "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nspec:\n  replicas: 2\n"
        "  selector: {matchLabels: {app: web}}\n  template:" + SIMPLE,
        '{"replicas": 2, "conditions": [' + CONDITION + "]}",
    ),
    "replicationcontroller": (
        "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: web}\nspec:\n  replicas: 2\n"
        "  selector: {app: web}\n  template:" + SIMPLE,
        '{"replicas": 1}',
    ),
    "daemonset": (
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: web}\nspec:\n"
        "  selector: {matchLabels: {app: web}}\n  template:" + SIMPLE,
        '{"currentNumberScheduled": 1, "numberMisscheduled": 2, "desiredNumberScheduled": 3, "numberReady": 4}',
    ),
    "statefulset": (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\nspec:\n  serviceName: s\n  replicas: 2\n"
        "  volumeClaimTemplates:\n  - {metadata: {name: www, labels: {a: b}}, spec: {accessModes: [ReadWriteOnce], "
        "storageClassName: fast, resources: {requests: {storage: 1Gi}}}}\n"
        "  selector: {matchLabels: {app: web}}\n  template:" + SIMPLE,
        '{"replicas": 2}',
    ),
    "job": (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  completions: 3\n  completionMode: Indexed\n"
        "  activeDeadlineSeconds: 100\n  ttlSecondsAfterFinished: 5\n  template:\n    spec: {restartPolicy: Never, "
        "containers: [{name: c, image: perl}]}",
        '{"active": 1, "succeeded": 2, "failed": 3, "ready": 1, "completedIndexes": "0,1", '
        '"startTime": "2026-01-02T03:04:05Z"}',
    ),
    "cronjob": (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec:\n  schedule: '* * * * *'\n"
        "  startingDeadlineSeconds: 7\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, "
        "containers: [{name: c, image: perl}]}}}}",
        '{"lastScheduleTime": "2026-01-02T03:04:05Z", "active": [{"name": "one"}, {"name": "two"}]}',
    ),
    "service": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  type: LoadBalancer\n  selector: {app: web}\n"
        "  externalIPs: [1.2.3.4]\n  loadBalancerSourceRanges: [10.0.0.0/8]\n"
        "  ports: [{name: http, port: 80, targetPort: web}, {name: dns, port: 53, protocol: UDP}]",
        '{"loadBalancer": {"ingress": [{"ip": "5.6.7.8", "ipMode": "VIP"}, {"hostname": "lb.example.com"}]}}',
    ),
    "service headless": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: h}\nspec: {clusterIP: None, ports: [{port: 80}]}",
        "",
    ),
    "service externalname": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: e}\nspec: {type: ExternalName, externalName: example.com}",
        "",
    ),
    "endpoints": (
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}\nsubsets:\n"
        "- {addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{name: a, port: 80}, {name: b, port: 81}]}\n"
        "- {notReadyAddresses: [{ip: 10.0.0.3}]}",
        "",
    ),
    "endpointslice": (
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: e}\naddressType: IPv4\n"
        "ports: [{name: http, port: 80, protocol: TCP}, {protocol: UDP}]\nendpoints:\n"
        "- {addresses: [10.0.0.1], conditions: {ready: true}, hostname: host, nodeName: node, zone: z, "
        "targetRef: {kind: Pod, name: p}}\n- {addresses: [10.0.0.2], conditions: {}}",
        "",
    ),
    "configmap": (
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {key: "one\\ntwo"}\nbinaryData: {b: AAEC}',
        "",
    ),
    "secret": ("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: value}", ""),
    "serviceaccount": (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s}\nimagePullSecrets: [{name: a}, {name: b}]",
        "",
    ),
    "limitrange": (
        "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec:\n  limits:\n"
        "  - {type: Container, max: {cpu: 2}, min: {cpu: 100m}, default: {cpu: 500m}, defaultRequest: {cpu: 200m}}",
        "",
    ),
    "resourcequota": (
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: '10', cpu: '4'}, scopes: [BestEffort]}".replace(
            ", cpu: '4'", ""
        ),
        '{"hard": {"pods": "10", "memory": "1Gi"}, "used": {"pods": "3", "memory": "100Mi"}}',
    ),
    "persistentvolumeclaim": (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce, "
        "ReadOnlyMany], volumeName: v, storageClassName: fast, resources: {requests: {storage: 1Gi}}}",
        '{"phase": "Bound", "accessModes": ["ReadOnlyMany", "ReadWriteOnce"], "capacity": {"storage": "2Gi"}, '
        '"conditions": [{"type": "Resizing", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z", '
        '"reason": "r", "message": "m"}]}',
    ),
    "ingress": (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, annotations: {a: b}}\nspec:\n"
        "  ingressClassName: nginx\n  tls: [{hosts: [a.example.com], secretName: t}, {hosts: [b.example.com]}]\n"
        "  defaultBackend: {resource: {apiGroup: g.example.com, kind: K, name: some}}\n  rules:\n"
        "  - {host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: missing, "
        "port: {number: 80}}}}]}}",
        '{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}',
    ),
    "ingress bare": (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: b}\nspec:\n"
        "  defaultBackend: {service: {name: x, port: {name: http}}}",
        "",
    ),
    "networkpolicy": (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: policy}\nspec:\n"
        "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress, Egress]\n  ingress:\n"
        "  - from:\n    - {podSelector: {matchLabels: {a: b}}}\n    - {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}\n"
        "    - {namespaceSelector: {}, podSelector: {matchLabels: {c: d}}}\n"
        "    ports: [{port: 80}, {port: 32000, endPort: 32768, protocol: UDP}]\n  - {}\n",
        "",
    ),
    "poddisruptionbudget": (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\nspec: {minAvailable: 50%, "
        "selector: {matchLabels: {app: web}}}",
        '{"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 3, "expectedPods": 4}',
    ),
    "horizontalpodautoscaler": (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n"
        "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 1\n  maxReplicas: 9\n"
        "  metrics:\n  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}\n"
        "  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 100Mi}}}\n"
        "  - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 1k}}}\n"
        "  - {type: External, external: {metric: {name: q}, target: {type: Value, value: 30}}}\n"
        "  - {type: Object, object: {metric: {name: o}, describedObject: {kind: Ingress, name: i, apiVersion: "
        "networking.k8s.io/v1}, target: {type: Value, value: 5}}}\n"
        "  behavior: {scaleDown: {stabilizationWindowSeconds: 60, policies: [{type: Pods, value: 4, periodSeconds: 60}]}}",
        '{"currentReplicas": 2, "desiredReplicas": 3, "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", '
        '"current": {"averageUtilization": 20, "averageValue": "15m"}}}], "conditions": [{"type": "AbleToScale", '
        '"status": "True", "reason": "r", "message": "m", "lastTransitionTime": "2026-01-02T03:04:05Z"}]}',
    ),
    "role": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules:\n"
        "- {apiGroups: [''], resources: [pods, pods/log], verbs: [get, list]}\n"
        "- {apiGroups: [apps], resources: [deployments], resourceNames: [a], verbs: ['*']}\n"
        "- {apiGroups: [''], resources: [pods], verbs: [watch]}",
        "",
    ),
    "rolebinding": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\n"
        "subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}, {kind: ServiceAccount, name: s, namespace: other}]",
        "",
    ),
    "lease": (
        "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: l, labels: {a: b}}\n"
        "spec: {holderIdentity: me, leaseDurationSeconds: 15}",
        "",
    ),
    "controllerrevision": (
        "apiVersion: apps/v1\nkind: ControllerRevision\nmetadata: {name: c}\nrevision: 3\n"
        "data: {someURL: x, list: [1, 'two', {a: true}], float: 1.5, 'odd.key': null}",
        "",
    ),
}
"""In a namespace."""

CLUSTER_SCENES: dict[str, tuple[str, str]] = {
    "node": (
        "apiVersion: v1\nkind: Node\nmetadata: {name: worker, labels: {node-role.kubernetes.io/worker: ''}}\nspec:\n"
        "  podCIDR: 10.0.0.0/24\n  podCIDRs: [10.0.0.0/24]\n  providerID: x://y\n  unschedulable: true\n"
        "  taints: [{key: b, effect: NoSchedule}, {key: a, value: v, effect: NoExecute}]",
        '{"capacity": {"cpu": "4", "memory": "8Gi", "pods": "110", "example.com/gpu": "2", "hugepages-2Mi": "0", '
        '"ephemeral-storage": "100Gi"}, "allocatable": {"cpu": "3800m", "memory": "7Gi", "pods": "110", '
        '"example.com/gpu": "2", "hugepages-2Mi": "0", "ephemeral-storage": "90Gi"}, "addresses": [{"type": "InternalIP", '
        '"address": "127.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": 1}}, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", '
        '"message": "kubelet is posting ready status", "lastHeartbeatTime": "2026-01-02T03:04:05Z", '
        '"lastTransitionTime": "2026-01-02T03:04:05Z"}], "nodeInfo": {"machineID": "m", "systemUUID": "s", "bootID": "b", '
        '"kernelVersion": "6.1", "osImage": "Debian", "containerRuntimeVersion": "containerd://1.6", "kubeletVersion": '
        '"v1.34.0", "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64"}}',
    ),
    "persistentvolume": (
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec:\n  capacity: {storage: 1Gi}\n"
        "  accessModes: [ReadWriteMany]\n  persistentVolumeReclaimPolicy: Retain\n  storageClassName: fast\n"
        "  local: {path: /mnt}\n  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: "
        "[{key: kubernetes.io/hostname, operator: In, values: [worker, other]}, {key: a, operator: Exists}]}]}}",
        "",
    ),
    "persistentvolume csi": (
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: vc}\nspec:\n  capacity: {storage: 1Gi}\n"
        "  accessModes: [ReadWriteOnce]\n  claimRef: {namespace: a, name: b}\n"
        "  csi: {driver: d.example.com, volumeHandle: h, volumeAttributes: {a: b}}",
        "",
    ),
    "persistentvolume hostpath": (
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: vh}\nspec:\n  capacity: {storage: 1Gi}\n"
        "  accessModes: [ReadWriteOnce]\n  hostPath: {path: /x}",
        "",
    ),
    "storageclass": (
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast, annotations: "
        "{storageclass.kubernetes.io/is-default-class: 'true'}}\nprovisioner: example.com/p\nparameters: {b: c, a: b}\n"
        "mountOptions: [debug]\nallowVolumeExpansion: true\n"
        "allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, b]}]}]",
        "",
    ),
    "csinode": (
        "apiVersion: storage.k8s.io/v1\nkind: CSINode\nmetadata: {name: worker}\nspec: {drivers: [{name: d.example.com, "
        "nodeID: node, topologyKeys: [zone, rack], allocatable: {count: 5}}]}",
        "",
    ),
    "priorityclass": (
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\ndescription: important",
        "",
    ),
    "ingressclass": (
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: "
        "example.com/c, parameters: {apiGroup: g, kind: K, name: some}}",
        "",
    ),
    "clusterrole": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: mine}\nrules:\n"
        "- {nonResourceURLs: [/healthz, '/x/*'], verbs: [get, post]}\n- {apiGroups: ['*'], resources: ['*'], verbs: ['*']}\n"
        "- {apiGroups: [apps, batch], resources: [a, b/status], verbs: [get, list, watch]}",
        "",
    ),
    "clusterrolebinding": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: mine}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: mine}\n"
        "subjects: [{kind: Group, name: g, apiGroup: rbac.authorization.k8s.io}]",
        "",
    ),
    "servicecidr": (
        "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: more}\nspec: {cidrs: [10.200.0.0/16]}",
        '{"conditions": [{"type": "Ready", "status": "True", "reason": "", "message": "m", '
        '"lastTransitionTime": "2026-01-02T03:04:05Z"}]}',
    ),
    "volumeattributesclass": (
        "apiVersion: storage.k8s.io/v1\nkind: VolumeAttributesClass\nmetadata: {name: gold}\ndriverName: d.example.com\n"
        "parameters: {iops: '100'}",
        "",
    ),
}
"""Without a namespace."""


def stage(both: Kubectls, manifest: str, status: str) -> str:
    """Creates the object and gives it its status; ``kind/name``."""
    name = both.make("create -o name -f -", manifest).strip()
    if status:
        both.make(f"patch {name} --subresource=status --type=merge -p '{json.dumps({'status': json.loads(status)})}'")
    return name
