package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PolicyWithoutEffect is SGP-003.
func PolicyWithoutEffect() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-003",
			Title:    "SecurityGroupPolicy has no effect",
			Category: "podsecuritygroup",
			Description: `Fires on a SecurityGroupPolicy of a cluster without Fargate where the VPC CNI does not have ENABLE_POD_ENI switched on,
where no instance type of any node group has a trunk interface, or which selects pods on the network of their node. It
is silent where the input does not show the settings of the VPC CNI or the instance types, and where Karpenter or EKS
Auto Mode make nodes.`,
			Rationale: `The pods have the security groups of their nodes: what the policy was to let them reach is closed, and what it was to
close is open.`,
			Remediation: `Switch ENABLE_POD_ENI on, take instance types with a trunk interface, most of those of the Nitro system but not t3, and
take the pods off the network of the node.`,
			Severity: rule.Error,
			Kinds:    []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Reads:    capacity.PodKinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
				"https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/aws/vpc/limits.go",
			},
			Since: "0.1.0",
		},
		Run: policyWithoutEffect,
	}
}

func policyWithoutEffect(p *rule.Pass, o graph.Object) {
	c := p.Cluster()
	if len(c.Profiles) > 0 || len(c.Graph.NodePools()) > 0 || p.Graph.Controller().AutoMode == model.Yes {
		return
	}
	report := func(key, text string) {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("SecurityGroupPolicy %q has no effect: %s", o.Ref().Name, text), At: rule.KeyAt(o.Resource(), "spec"), Key: key,
		})
	}
	if switchedOff(p.Graph.CNI()) {
		report("switch", "the VPC CNI does not have ENABLE_POD_ENI switched on")
		return
	}
	if types, none := withoutTrunk(p); none {
		report("types", fmt.Sprintf("no instance type of the cluster has a trunk interface (%s)", types))
		return
	}
	pods, _ := c.PodsOf(o.Resource())
	for _, w := range pods {
		if w.HostNetwork() {
			report(w.Ref().String(), fmt.Sprintf("the pods of %s use the network of their node", w.Ref()))
		}
	}
}

// switchedOff reports whether a DaemonSet lacks the switch, or an add-on sets it to
// false; what an add-on does not set is often set by kubectl, as the guide says.
func switchedOff(cni graph.CNI) bool {
	on, _ := cni.Switch("ENABLE_POD_ENI", false)
	text, _ := cni.Text("ENABLE_POD_ENI", "")
	_, isDaemonSet := cni.Agent.(*graph.Workload)
	return on == model.No && (isDaemonSet || text != "")
}

// withoutTrunk names the instance types when none has a trunk interface for certain.
func withoutTrunk(p *rule.Pass) (types string, none bool) {
	groups := p.Capacity().Groups
	for _, g := range groups {
		if len(g.Types) == 0 {
			return "", false
		}
		for _, t := range g.Types {
			limits, listed := ipam.LimitsOf(t)
			if !listed || limits.BranchInterfaces > 0 {
				return "", false
			}
			if types == "" {
				types = t
			}
		}
	}
	return types, types != ""
}
