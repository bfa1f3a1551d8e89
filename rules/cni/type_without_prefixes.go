package cni

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// TypeWithoutPrefixes is CNI-004.
func TypeWithoutPrefixes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-004",
			Title:    "Instance type takes no prefixes",
			Category: "cni",
			Description: `Fires on a node group with an instance type that is not one of the Nitro system where the VPC CNI assigns prefixes. It is
silent where the instance types or the settings of the VPC CNI are not known or not shown.`,
			Rationale: `Nodes of that type go on with single addresses and hold far fewer pods than the others, and a number of pods that was chosen
for prefixes leaves pods without an address there.`,
			Remediation: `Take instance types of the Nitro system, which all that are not of the oldest generations are.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       capacity.Kinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html",
				"https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(typeWithoutPrefixes),
	}
}

func typeWithoutPrefixes(p *rule.Pass, n *eks.NodeGroup) {
	r := p.Capacity()
	if r.Settings.Assumed || !r.Settings.Prefixes || r.Settings.Unknown != "" {
		return
	}
	for _, g := range r.Groups {
		if g.NodeGroup != n {
			continue
		}
		for _, t := range g.Types {
			if limits, listed := ipam.LimitsOf(t); listed && !limits.Prefixes {
				p.Report(rule.Finding{
					Message: fmt.Sprintf("The VPC CNI assigns prefixes, and instance type %s of %s takes none", t, n.Title()),
					At:      rule.SpanAt(g.TypesAt), Key: t,
				})
			}
		}
	}
}
