package capacity

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// NoRoomForUpdate is CAP-004.
func NoRoomForUpdate() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CAP-004",
			Title:    "No addresses for the nodes of an update",
			Category: "capacity",
			Description: `Fires on a managed node group when a subnet, the only one of its zone, has no room for one more node. While EKS
updates the group it starts a new node in each zone before it drains an old one. The room is what AWS says is free
or, for subnets that are to be made, what the nodes at desired size leave. It is silent for groups that do not fit
at all (CAP-001), for zones with several subnets, and where instance types, sizes, blocks or the settings of the VPC
CNI are not known or not shown.`,
			Rationale:   `Updates of the group fail, with them those of Kubernetes and of security fixes, and nothing says so before.`,
			Remediation: `Free addresses in the subnet, add a subnet of the zone, or let the VPC CNI keep fewer addresses ready.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       capacity.Kinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(noRoomForUpdate),
	}
}

func noRoomForUpdate(p *rule.Pass, n *eks.NodeGroup) {
	r := p.Capacity()
	if r.Settings.Assumed || n.SelfManaged || !fit(r, n) {
		return
	}
	for _, s := range r.Subnets {
		part := s.PartOf(n)
		room, known := s.Room.Get()
		left := room - s.Needs[capacity.Desired].Low
		if !known || s.Unknown != "" || part.Desired.Low == 0 || left < 0 || left >= part.Node.Low {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Subnet %s has %s left, and an update of %s starts a node there, which takes %d", s.Title(), addresses(left), n.Title(), part.Node.Low),
			At:      rule.SpanAt(n.At), Key: n.Name + s.Title(),
			Related: []rule.Related{{Message: "subnet " + s.Title(), At: rule.SpanAt(s.CIDR.Span())}},
		})
	}
}
