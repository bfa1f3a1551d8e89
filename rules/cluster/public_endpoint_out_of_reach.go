package cluster

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// PublicEndpointOutOfReach is EKS-003.
func PublicEndpointOutOfReach() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "EKS-003",
			Title:    "Nodes cannot reach the public endpoint, the only one",
			Category: "cluster",
			Description: `Fires on a node group in a subnet with no route out of its VPC when the API server has a public endpoint and no private
one. It is silent where routes or the endpoints are not known.`,
			Rationale:   `The nodes never join the cluster: they ask for the API server by its public address.`,
			Remediation: `Switch the private endpoint on, or give the subnet a route to a NAT gateway.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(publicEndpointOutOfReach),
	}
}

func publicEndpointOutOfReach(p *rule.Pass, n *eks.NodeGroup) {
	c := p.Cluster()
	if c.Config == nil {
		return
	}
	private, known := c.Config.PrivateAccess.Get()
	if public, _ := c.Config.PublicAccess.Get(); private || !known || !public {
		return
	}
	var names []string
	f := rule.Finding{At: rule.SpanAt(c.Config.PrivateAccess.Span()), Key: n.Name, Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}}}
	for _, s := range n.Subnets {
		if s.VPC != nil && c.Network.CutOff(s) {
			names = append(names, s.Title())
			f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)})
		}
	}
	if len(names) > 0 {
		f.Message = fmt.Sprintf("Nodes of %s have no way to the API server: its endpoint is public alone, and no route leaves the VPC from %s", n.Title(), strings.Join(names, ", "))
		p.Report(f)
	}
}
