package reachability

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// InternetCannotEnter is REACH-006.
func InternetCannotEnter() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "REACH-006",
			Title:    "Internet-facing load balancer that the internet cannot reach",
			Category: "reachability",
			Description: `Fires on an internet-facing load balancer when no public IPv4 address gets as far as one of its
listeners: the subnets that it is given have no route to an internet gateway, a network ACL refuses the clients or the answers to
them, or no rule of its security groups admits one. It is silent when some public address gets through, as a list of
allowed sources is meant to keep the others out, and where the input does not show the subnets, routes, network
ACLs or security groups.`,
			Rationale:   `Every client times out, though the load balancer and its targets are healthy.`,
			Remediation: `Repair the hop that the finding names: the route, the network ACL or the security group.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(internetCannotEnter),
	}
}

func internetCannotEnter(p *rule.Pass, lb *eks.LoadBalancer) {
	if !lb.Scheme.Is("internet-facing") {
		return
	}
	for _, entry := range p.Path().Entries(lb, netset.Public()) {
		if entry.Verdict != path.Blocked {
			continue
		}
		stop, closed := closedInAWS(entry)
		if !closed || stop.Layer == vpc.LayerRoute && !lb.Subnets.IsSet() {
			continue // of subnets that the controller finds by their tags, NET-004 speaks
		}
		f := rule.Finding{
			Message: fmt.Sprintf("No address of the internet reaches port %s of the internet-facing %s: %s", entry.Port, lb.Title, because(stop)),
			Key:     entry.Port.String(), Related: relatedOf(stop), Flow: flow(entry),
		}
		f.At = placeOf(p, lb, stop)
		p.Report(f)
	}
}
