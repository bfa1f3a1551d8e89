package capacity

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// InstanceTooSmall is CAP-006.
func InstanceTooSmall() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CAP-006",
			Title:    "Instance type holds hardly more than the system pods",
			Category: "capacity",
			Description: `Fires on a node group whose nodes have fewer than four pods left once aws-node, kube-proxy and the DaemonSets of the
input run on them, as on t3.nano and t3.micro, which hold four pods in all. It is silent where the instance types or
the settings of the VPC CNI are not known or not shown, as prefixes give such nodes more.`,
			Rationale:   `The nodes cost money and run next to nothing: CoreDNS and one more controller fill them.`,
			Remediation: `Take a larger instance type, or let the VPC CNI assign prefixes.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       capacity.PodKinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html",
			},
			Params: []rule.Param{{Name: "fewest-pods", Description: "How many pods a node has to hold besides those that run on every node.", Default: 4}},
			Since:  "0.1.0",
		},
		Run: rule.On(instanceTooSmall),
	}
}

func instanceTooSmall(p *rule.Pass, n *eks.NodeGroup) {
	r := p.Capacity()
	for _, g := range r.Groups {
		if g.NodeGroup != n || g.Unknown != "" || r.Settings.Assumed {
			continue
		}
		system := max(g.System.Low, ipam.NodeNetworkPods)
		if left := g.Pods.High - system; left < p.Params.Int("fewest-pods") {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("A node of %s (%s) holds %d pods, %d of which are of DaemonSets", n.Title(), strings.Join(g.Types, ", "), g.Pods.High, system),
				At:      rule.SpanAt(g.TypesAt),
			})
		}
	}
}
