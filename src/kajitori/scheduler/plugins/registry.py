"""The plugins by name, and upstream's default set in its order. May import: every plugin."""

from kajitori.scheduler.framework import Plugin
from kajitori.scheduler.plugins.default_binder import DefaultBinder
from kajitori.scheduler.plugins.default_preemption import DefaultPreemption
from kajitori.scheduler.plugins.dynamic_resources import DynamicResources
from kajitori.scheduler.plugins.image_locality import ImageLocality
from kajitori.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from kajitori.scheduler.plugins.node_affinity import NodeAffinity
from kajitori.scheduler.plugins.node_name import NodeName
from kajitori.scheduler.plugins.node_ports import NodePorts
from kajitori.scheduler.plugins.node_resources_balanced_allocation import NodeResourcesBalancedAllocation
from kajitori.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kajitori.scheduler.plugins.node_unschedulable import NodeUnschedulable
from kajitori.scheduler.plugins.pod_topology_spread import PodTopologySpread
from kajitori.scheduler.plugins.priority_sort import PrioritySort
from kajitori.scheduler.plugins.scheduling_gates import SchedulingGates
from kajitori.scheduler.plugins.taint_toleration import TaintToleration

DEFAULT_PLUGINS: tuple[type[Plugin], ...] = (
    SchedulingGates,
    PrioritySort,
    NodeUnschedulable,
    NodeName,
    TaintToleration,
    NodeAffinity,
    NodePorts,
    NodeResourcesFit,
    PodTopologySpread,
    InterPodAffinity,
    DynamicResources,
    DefaultPreemption,
    NodeResourcesBalancedAllocation,
    ImageLocality,
    DefaultBinder,
)
BY_NAME: dict[str, type[Plugin]] = {plugin.name: plugin for plugin in DEFAULT_PLUGINS}
