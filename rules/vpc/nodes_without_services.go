package vpc

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodesWithoutServices is NET-001.
func NodesWithoutServices() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-001",
			Title:    "Nodes have no way to the services of AWS",
			Category: "vpc",
			Description: `Fires on a node group in a subnet with no route out of its VPC when the VPC lacks an endpoint for a service that every
node needs: EC2, the two of the registry (ecr.api and ecr.dkr), S3 for the layers of images, and STS. It is silent
where routes are not known, where the input may not show every endpoint of the VPC, and where the user data of the
nodes is not known or names a proxy.`,
			Rationale: `Nodes cannot pull the images of the VPC CNI and kube-proxy, and never become ready.`,
			Remediation: `Add the endpoints, those of type Interface with private DNS and S3 as a gateway with the route table of the subnet, or
a route to a NAT gateway.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindNodeGroup},
			Reads:    []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(nodesWithoutServices),
	}
}

func nodesWithoutServices(p *rule.Pass, n *eks.NodeGroup) {
	c := p.Cluster()
	if usesProxy(n) {
		return
	}
	var order []string
	without := map[string][]*vpc.Subnet{} // by what they lack
	for _, s := range n.Subnets {
		if s.VPC == nil || !c.Network.CutOff(s) || !c.ShowsEndpoints(s.VPC) {
			continue
		}
		if lacking := lackingServices(c, s); lacking != "" {
			if without[lacking] == nil {
				order = append(order, lacking)
			}
			without[lacking] = append(without[lacking], s)
		}
	}
	for _, lacking := range order {
		subnets := without[lacking]
		f := rule.Finding{
			Message: fmt.Sprintf("Nodes of %s in %s have no way to %s: no route leaves the VPC, and it has no endpoint for them", n.Title(), subnetNames(subnets), lacking),
			At:      rule.SpanAt(subnets[0].At), Key: n.Name + lacking,
			Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}},
		}
		for _, s := range subnets[1:] {
			f.Related = append(f.Related, rule.Related{Message: "subnet " + s.Title(), At: rule.SpanAt(s.At)})
		}
		p.Report(f)
	}
}

// lackingServices names the services to which a subnet that is cut off has no endpoint.
func lackingServices(c *eks.Cluster, s *vpc.Subnet) string {
	var out []string
	for _, service := range []string{"ec2", "ecr.api", "ecr.dkr", "s3", "sts"} {
		if !hasEndpoint(c, s, service) {
			out = append(out, service)
		}
	}
	return strings.Join(out, ", ")
}

func subnetNames(subnets []*vpc.Subnet) string {
	names := make([]string, len(subnets))
	for i, s := range subnets {
		names[i] = s.Title()
	}
	if len(names) == 1 {
		return "subnet " + names[0]
	}
	return "subnets " + strings.Join(names, ", ")
}

// usesProxy reports whether nodes may reach services by a proxy of the VPC.
func usesProxy(n *eks.NodeGroup) bool {
	if n.Template == nil {
		return n.TemplateUnknown != ""
	}
	script, known := n.Template.UserData.Get()
	image, knownImage := n.Template.ImageID.Get()
	return !known || strings.Contains(strings.ToLower(script), "proxy") || !knownImage || image != ""
}

func hasEndpoint(c *eks.Cluster, s *vpc.Subnet, service string) bool {
	for _, e := range c.Network.AWS().Endpoints {
		name, _ := e.Service.Get()
		kind, known := e.Type.Get()
		if e.VPC.LeadsTo(s.VPC.Meta(), e.Origin) != model.Yes || !strings.HasSuffix(name, "."+service) {
			continue
		}
		if !known || kind != eks.EndpointGateway || eks.Serves(e, s) != model.No {
			return true
		}
	}
	return false
}
