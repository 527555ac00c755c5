"""The first process of a node: a shell script that prepares the kernel's side and keeps containerd and kubelet alive.

A shell, not Python: it costs 2 MB, and the kernel hands it every orphan to reap. Its services are its own children, so
`wait -n` wakes it the moment one dies, whatever killed it, and it starts that one anew. On SIGTERM it stops the kubelet
first, then every container, then containerd. May import: nothing of Kajitori.
"""

SCRIPT = r"""#!/bin/bash
# The node's first process: see kajitori/cluster/sandbox/entry.py.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

mount --make-rshared /
for setting in net/ipv4/ip_forward net/ipv4/conf/all/forwarding net/bridge/bridge-nf-call-iptables; do
  [ -w /proc/sys/$setting ] && echo 1 > /proc/sys/$setting
done
echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
[ -f /etc/kajitori/pod-network.rules ] && /etc/kajitori/keep-pod-network /etc/kajitori/pod-network.rules
[ -f /etc/kajitori/pod-network.routes ] && ip -batch /etc/kajitori/pod-network.routes
chmod 1777 /tmp /dev/shm  # runc gives a tmpfs the mode of the folder beneath it, whatever its options say
mkdir -p /run/containerd /run/lock /var/log/containers /var/log/pods /var/lib/kubelet

if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  # Version 2: a cgroup that hands controllers to its children may hold no process itself.
  mkdir -p /sys/fs/cgroup/init
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/init/cgroup.procs; done < /sys/fs/cgroup/cgroup.procs 2>/dev/null
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done 2>/dev/null
fi

declare -A pids=() started=()
stopping=

launch() {
  started[$1]=$EPOCHREALTIME
  case $1 in
    containerd)
      rm -f /run/containerd/cri.sock
      GOMAXPROCS=2 GOGC=40 /usr/bin/containerd --config /etc/containerd/config.toml >>/var/log/containerd.log 2>&1 & ;;
    images)
      /etc/kajitori/load-images >>/var/log/images.log 2>&1 & ;;
    kubelet)
      [ -x /etc/kajitori/kubelet ] || return 0
      /etc/kajitori/kubelet >>/var/log/kubelet.log 2>&1 & ;;
  esac
  pids[$1]=$!
}

terminate() {
  stopping=yes
  [ -n "${pids[kubelet]:-}" ] && kill -TERM "${pids[kubelet]}" 2>/dev/null
  /etc/kajitori/stop-containers
  kill -TERM "${pids[containerd]}" 2>/dev/null
  wait "${pids[containerd]}" 2>/dev/null
  exit 0
}
trap terminate TERM INT PWR

launch containerd
launch images
launch kubelet
# As often as kube-proxy looks after its own.
while sleep 30; do /etc/kajitori/keep-pod-network /etc/kajitori/pod-network.rules; done &

while [ -z "$stopping" ]; do
  wait -n
  [ -n "$stopping" ] && break
  for service in containerd kubelet; do
    [ -n "${pids[$service]:-}" ] || continue
    kill -0 "${pids[$service]}" 2>/dev/null && continue
    # One that keeps dying at once is started five times a second, not in a busy loop.
    (( ${EPOCHREALTIME/./} - ${started[$service]/./} < 1000000 )) && sleep 0.2
    echo "$(date -u +%FT%TZ) $service ended, starting it again" >>/var/log/node.log
    launch "$service"
    [ "$service" = containerd ] && launch images
  done
done
"""

LOAD_IMAGES = r"""#!/bin/bash
# Brings the system images into containerd once, then opens the runtime's socket to the kubelet: it must not look for an
# image that is still on its way.
set -u
archive=/var/lib/kajitori/images/system.tar
mark=/var/lib/containerd/kajitori-system-image
for ((i = 0; i < 2000; i++)); do
  [ -S /run/containerd/containerd.sock ] && break
  sleep 0.01
done
if [ -f "$archive" ] && ! cmp -s "$archive.digest" "$mark"; then
  for ((i = 0; i < 200; i++)); do
    ctr --namespace k8s.io images import --digests=false "$archive" && cp "$archive.digest" "$mark" && break
    sleep 0.05
  done
fi
ln -sfn containerd.sock /run/containerd/cri.sock
"""

STOP_CONTAINERS = r"""#!/bin/bash
# Asks every container of the node to end, and waits a little for them: what is left dies with the node.
set -u
tasks() { ctr --namespace k8s.io tasks list --quiet 2>/dev/null; }
for id in $(tasks); do
  ctr --namespace k8s.io tasks kill --all --signal TERM "$id" 2>/dev/null &
done
wait
for ((i = 0; i < 100; i++)); do
  busy=
  for cgroup in $(ctr --namespace k8s.io tasks list 2>/dev/null | awk '$3 == "RUNNING" { print $2 }'); do
    [ "$(cat /proc/"$cgroup"/comm 2>/dev/null)" = catatonit ] || busy=yes
  done
  [ -z "$busy" ] && break
  sleep 0.05
done
"""

KEEP_POD_NETWORK = r"""#!/bin/bash
# Puts the pod network's rules (a file for iptables-restore) in place where they are missing: at first, and when
# somebody has flushed them. Services' rules are kube-proxy's, which looks after them itself.
set -u
rules=$1
[ -f "$rules" ] || exit 0
has() { iptables -w 5 -t nat -S "$1" 2>/dev/null | grep -c -- "$2" >/dev/null; }
has POSTROUTING '-j KIND-MASQ-AGENT' && has KIND-MASQ-AGENT '-j MASQUERADE' && exit 0
hook=$(grep '^-A POSTROUTING' "$rules")
while echo "-w 5 -t nat -D ${hook#-A }" | xargs iptables 2>/dev/null; do :; done
iptables-restore -w 5 --noflush < "$rules"
"""
