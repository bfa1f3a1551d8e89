package dns

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// TooFewReplicas is DNS-002.
func TooFewReplicas() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-002",
			Title:    "CoreDNS has a single pod, or all its pods on one node",
			Category: "dns",
			Description: `Fires on the Deployment behind kube-system/kube-dns that asks for fewer than two replicas while nothing
in the input scales it, and on one with two or more whose template has neither affinity nor
topologySpreadConstraints. It is silent where replicas is not written, because another tool may keep it.`,
			Rationale: `One pod that ends, or one node, takes the names of the whole cluster with it: every lookup fails until
another pod is ready.`,
			Remediation: `Ask for two replicas or more, and spread them over kubernetes.io/hostname and the zones.`,
			Severity:    rule.Warning,
			Kinds:       []string{"Deployment"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/scale-cluster-services.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(tooFewReplicas),
	}
}

func tooFewReplicas(p *rule.Pass, w *graph.Workload) {
	replicas, ok := dnsReplicas(p.Graph, w)
	if !ok {
		return
	}
	spec := w.PodSpec()
	switch {
	case replicas < 2:
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Deployment %q answers for the names of the cluster with replicas: %d", w.Ref().Name, replicas),
			At:      rule.ValueAt(w.Resource(), "spec", "replicas"), Key: "replicas",
		})
	case spec.Affinity == nil && len(spec.TopologySpreadConstraints) == 0 && !w.Holder().IsUnknown(w.PathTo("spec")...):
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Deployment %q lets all pods that answer for the names of the cluster run on one node", w.Ref().Name),
			At:      rule.KeyAt(w.Holder(), w.PathTo("spec")...), Key: "spread",
		})
	}
}

// dnsReplicas returns how many pods answer for the names of the cluster, when
// the workload is the Deployment that makes them and nothing else scales it.
func dnsReplicas(g *graph.Graph, w *graph.Workload) (int32, bool) {
	d, ok := w.Resource().Object.(*appsv1.Deployment)
	if !ok || d.Spec.Replicas == nil || w.Resource().IsUnknown("spec", "replicas") || !g.IsClusterDNS(w) || g.Scaled(w) {
		return 0, false
	}
	return *d.Spec.Replicas, true
}
