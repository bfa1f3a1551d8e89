package securitygroup

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// ClusterTagNotOnce is SG-001.
func ClusterTagNotOnce() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-001",
			Title:    "Not exactly one security group of the nodes has the tag of the cluster",
			Category: "securitygroup",
			Description: `Fires on a node group with several security groups of which none, or more than one, carries the tag
kubernetes.io/cluster/<name>, when the cluster has a load balancer for which the controller has to admit traffic
on the nodes. It then cannot tell which group to edit. One group alone needs no tag. It is silent where all load
balancers have groups of their own that the user admits, and where the input does not show the groups, their
tags or the name of the cluster.`,
			Rationale: `The controller logs that it expects exactly one security group with the tag, writes no rule, and targets stay
unhealthy.`,
			Remediation: `Keep the tag on exactly one of the groups.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Refs: []string{
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/networking/networking_manager.go",
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(clusterTagNotOnce),
	}
}

func clusterTagNotOnce(p *rule.Pass, n *eks.NodeGroup) {
	c := p.Cluster()
	if c.Edits(n.Groups) != model.No || !slices.ContainsFunc(c.LoadBalancers(), func(lb *eks.LoadBalancer) bool { return lb.Admits == model.Yes && sendsTo(c, lb, n) }) {
		return
	}
	var related []rule.Related
	for _, g := range n.Groups.Known {
		related = append(related, rule.Related{Message: "security group " + g.Title(), At: rule.SpanAt(g.At)})
	}
	name, _ := c.Config.ClusterName.Get()
	p.Report(rule.Finding{
		Message: fmt.Sprintf("Of the %d security groups of %s not exactly one has the tag kubernetes.io/cluster/%s, by which the load balancer controller finds the one to edit",
			len(n.Groups.Known), n.Title(), name),
		At: rule.SpanAt(n.At), Related: related,
	})
}

// sendsTo reports whether a load balancer has targets on the nodes of a group: each
// node for target type instance, and for ip the pods that may run there.
func sendsTo(c *eks.Cluster, lb *eks.LoadBalancer, n *eks.NodeGroup) bool {
	return slices.ContainsFunc(lb.Routes, func(r eks.Route) bool {
		if r.TargetType.Is("instance") {
			return true
		}
		return r.TargetType.Is("ip") && slices.ContainsFunc(r.Service.Pods(), func(w *graph.Workload) bool {
			places, _ := c.Places(w)
			return slices.ContainsFunc(places, func(p eks.Place) bool { return p.Nodes == n.Title() })
		})
	})
}
