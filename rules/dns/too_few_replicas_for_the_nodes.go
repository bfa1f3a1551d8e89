package dns

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// TooFewReplicasForTheNodes is DNS-006.
func TooFewReplicasForTheNodes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-006",
			Title:    "CoreDNS is too small for its nodes",
			Category: "dns",
			Description: `Fires on the Deployment behind kube-system/kube-dns when the input holds the nodes of the cluster, as
objects of a running one do, and the replicas are fewer than one for every 16 nodes or 256 cores, which is
what the autoscaler of Kubernetes and of the add-on counts with. It is silent with NodeLocal DNSCache and
where something in the input scales the Deployment.`,
			Rationale: `The resolver of the VPC drops what exceeds 1024 packets a second for each network interface, and CoreDNS
asks it from a few. Lookups then time out now and then, on all nodes.`,
			Remediation: `Raise the replicas, let the add-on scale itself, or run NodeLocal DNSCache.`,
			Severity:    rule.Warning,
			Kinds:       []string{"Deployment"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/monitoring-network-performance.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(tooFewForNodes),
	}
}

// What one replica is enough for:
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/cluster/addons/dns-horizontal-autoscaler/dns-horizontal-autoscaler.yaml
const (
	nodesPerReplica = 16
	coresPerReplica = 256
)

func tooFewForNodes(p *rule.Pass, w *graph.Workload) {
	replicas, ok := dnsReplicas(p.Graph, w)
	nodes, cores := p.Graph.Nodes()
	if !ok || len(p.Graph.NodeCaches()) > 0 {
		return
	}
	wanted := max(ceil(nodes, nodesPerReplica), ceil(cores, coresPerReplica))
	if int64(replicas) >= wanted {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("Deployment %q has %d pods for %d nodes with %d cores, %d are wanted", w.Ref().Name, replicas, nodes, cores, wanted),
		At:      rule.ValueAt(w.Resource(), "spec", "replicas"),
	})
}

func ceil(n, per int64) int64 { return (n + per - 1) / per }
