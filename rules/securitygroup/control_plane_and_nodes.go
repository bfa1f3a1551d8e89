package securitygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// ControlPlaneAndNodes is SG-003.
func ControlPlaneAndNodes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-003",
			Title:    "Security groups keep nodes and control plane apart",
			Category: "securitygroup",
			Description: `Fires on a node group whose security groups and those of the control plane refuse, in every pair of subnets, what EKS
needs between them: TCP 443 from the nodes to the private endpoint of the API server, where that is switched on, or
TCP 10250 from the control plane to the kubelets. It is silent where a security group, a rule or the groups of the
nodes are not known.`,
			Rationale:   `Nodes do not join the cluster, or kubectl logs and exec, and whatever asks the kubelet through the API server, fail.`,
			Remediation: `Add the rule that is missing, or give the nodes the cluster security group, whose members reach each other.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(controlPlaneAndNodes),
	}
}

func controlPlaneAndNodes(p *rule.Pass, n *eks.NodeGroup) {
	c := p.Cluster()
	if c.Config == nil {
		return
	}
	plane, nodes := c.ControlPlane(), n.Sides()
	if private, known := c.Config.PrivateAccess.Get(); private && known {
		tell(p, n, nodes, plane, netset.PortRange(netset.TCP, 443, 443), "Nodes of "+n.Title()+" cannot reach the private endpoint of the API server")
	}
	tell(p, n, plane, nodes, netset.PortRange(netset.TCP, 10250, 10250), "The control plane cannot reach the kubelets of "+n.Title())
}

func tell(p *rule.Pass, n *eks.NodeGroup, from, to []vpc.Side, ports netset.Ports, what string) {
	hop, refused := p.Cluster().Refused(vpc.LayerSecurityGroup, from, to, ports)
	if !refused {
		return
	}
	f := rule.Finding{
		Message: fmt.Sprintf("%s: %s", what, hop.Why), At: rule.SpanAt(n.At), Key: n.Name + what, Related: rule.Deciding(hop),
	}
	if len(hop.Rules) > 0 && !hop.Rules[0].At.IsZero() {
		f.At, f.Related[0] = f.Related[0].At, rule.Related{Message: n.Title(), At: f.At}
	}
	p.Report(f)
}
