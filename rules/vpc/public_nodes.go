package vpc

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PublicNodes is NET-008.
func PublicNodes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-008",
			Title:    "Worker nodes in a public subnet",
			Category: "vpc",
			Description: `Fires on a node group in a subnet that sends public addresses to an internet gateway and whose nodes get public
addresses. It is silent where the input does not show the routes of the subnet or whether it gives public
addresses.`,
			Rationale:   `Each node can be reached from the internet as far as its security groups admit it, and so can every NodePort.`,
			Remediation: `Put nodes into private subnets, and load balancers into public ones.`,
			Severity:    rule.Note,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(publicNodes),
	}
}

func publicNodes(p *rule.Pass, n *eks.NodeGroup) {
	var names []string
	f := rule.Finding{At: rule.SpanAt(n.At)}
	for _, s := range n.Subnets {
		if gives, known := s.MapPublicIP.Get(); !gives || !known || p.Cluster().Network.Public(s) != model.Yes {
			continue
		}
		names = append(names, s.Title())
		f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)})
	}
	switch len(names) {
	case 0:
		return
	case 1:
		f.Message = fmt.Sprintf("Nodes of %s have public addresses: subnet %s leads to an internet gateway", n.Title(), names[0])
	default:
		f.Message = fmt.Sprintf("Nodes of %s have public addresses: subnets %s lead to an internet gateway", n.Title(), strings.Join(names, ", "))
	}
	p.Report(f)
}
