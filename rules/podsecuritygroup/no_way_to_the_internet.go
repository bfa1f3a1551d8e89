package podsecuritygroup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NoWayToTheInternet is SGP-008.
func NoWayToTheInternet() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-008",
			Title:    "Pods with security groups in public subnets",
			Category: "podsecuritygroup",
			Description: `Fires on pods to which a SecurityGroupPolicy gives security groups that let them out to the whole internet, when each subnet
that they may lie in leads to an internet gateway and by no other way to the internet, and
POD_SECURITY_GROUP_ENFORCING_MODE is strict, the default, so that they leave with an address of their own. It is silent
where pods may lie elsewhere, for IPv6, and where the security groups, the routes or the settings of the VPC CNI are
not known. What AWS_VPC_K8S_CNI_EXTERNALSNAT does to all pods is CNI-006.`,
			Rationale: `An internet gateway serves only what has a public address, which these pods never have: what they send to the internet is
lost.`,
			Remediation: `Run the pods on nodes in private subnets with a NAT gateway, or set POD_SECURITY_GROUP_ENFORCING_MODE to standard and
AWS_VPC_K8S_CNI_EXTERNALSNAT to false.`,
			Severity: rule.Warning,
			Kinds:    []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Reads:    capacity.PodKinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#pod_security_group_enforcing_mode-v1110",
			},
			Since: "0.1.0",
		},
		Run: noWayToTheInternet,
	}
}

func noWayToTheInternet(p *rule.Pass, o graph.Object) {
	c := p.Cluster()
	if !keepAddresses(p.Graph.CNI()) || p.Capacity().Settings.IPv6 {
		return
	}
	pods, _ := c.PodsOf(o.Resource())
	for _, w := range pods {
		places := c.BranchPlaces(w)
		if len(places) == 0 || !slices.ContainsFunc(places, func(at eks.Place) bool { return letOut(c, at) }) ||
			slices.ContainsFunc(places, func(at eks.Place) bool { return !c.Network.NeedsPublicAddress(at.Pod.Subnet) }) {
			continue
		}
		var names []string
		f := rule.Finding{At: rule.KeyAt(o.Resource(), "spec"), Key: w.Ref().String()}
		for _, at := range places {
			s := at.Pod.Subnet
			if !slices.Contains(names, s.Title()) {
				names = append(names, s.Title())
				f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)})
			}
		}
		f.Message = fmt.Sprintf("Pods of %s keep addresses of their own, as SecurityGroupPolicy %q is for them, in subnets that lead to an internet gateway alone: %s", w.Ref(), o.Ref().Name, strings.Join(names, ", "))
		p.Report(f)
	}
}

// keepAddresses reports whether pods leave the VPC with addresses of their own because
// they have security groups of their own.
func keepAddresses(cni graph.CNI) bool {
	external, _ := cni.Switch("AWS_VPC_K8S_CNI_EXTERNALSNAT", false)
	return cni.StrictPodGroups() == model.Yes && external != model.Yes
}

// letOut reports whether the security groups of a pod certainly let something out to
// every public address.
func letOut(c *eks.Cluster, at eks.Place) bool {
	internet := vpc.Side{Name: "the internet", Addresses: vpc.IPv4.Public()}
	return !c.Network.Filter(at.Pod, vpc.Out, internet).Certain.IsEmpty()
}
