package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// TooFewBranchInterfaces is SGP-004.
func TooFewBranchInterfaces() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-004",
			Title:    "More pods with security groups than the nodes have interfaces for",
			Category: "podsecuritygroup",
			Description: `Fires on a SecurityGroupPolicy when the replicas of the pods that it gives security groups are more than the branch
interfaces of all node groups at max size. It is silent where replicas, sizes or instance types are not known, and
with Fargate, Karpenter and EKS Auto Mode.`,
			Rationale:   `Each such pod needs an interface of its own; the pods that get none stay Pending.`,
			Remediation: `Raise the max size, take larger instances, or give fewer pods security groups of their own.`,
			Severity:    rule.Warning,
			Kinds:       []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Reads:       capacity.PodKinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
				"https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/aws/vpc/limits.go",
			},
			Since: "0.1.0",
		},
		Run: tooFewBranchInterfaces,
	}
}

func tooFewBranchInterfaces(p *rule.Pass, o graph.Object) {
	c, config := p.Cluster(), p.Cluster().Config
	if len(c.Profiles) > 0 || len(c.Graph.NodePools()) > 0 || p.Graph.Controller().AutoMode == model.Yes ||
		config == nil || config.Observed {
		return
	}
	room, known := branchInterfaces(p.Capacity().Groups, config.Origin)
	pods, _ := c.PodsOf(o.Resource())
	wanted := 0
	for _, w := range pods {
		if least, _, fixed := p.Graph.Replicas(w); fixed {
			wanted += least
		}
	}
	if known && wanted > room {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("SecurityGroupPolicy %q is for %d pods, and the node groups at max size have %d branch interfaces", o.Ref().Name, wanted, room),
			At:      rule.KeyAt(o.Resource(), "spec"),
		})
	}
}

// branchInterfaces counts those of all groups at max size, which the input that makes
// the cluster has to make too.
func branchInterfaces(groups []*capacity.Group, origin string) (n int, known bool) {
	for _, g := range groups {
		size, fixed := g.Nodes[capacity.Max].Get()
		if !fixed || g.Origin != origin || len(g.Types) == 0 {
			return 0, false
		}
		most := 0
		for _, t := range g.Types {
			limits, listed := ipam.LimitsOf(t)
			if !listed {
				return 0, false
			}
			most = max(most, limits.BranchInterfaces)
		}
		n += size * most
	}
	return n, n > 0
}
