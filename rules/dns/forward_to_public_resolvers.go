package dns

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// ForwardToPublicResolvers is DNS-008.
func ForwardToPublicResolvers() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-008",
			Title:    "CoreDNS asks public resolvers in place of the VPC's",
			Category: "dns",
			Description: `Fires when the root zone of kube-system/coredns forwards all names to public addresses alone. It is
silent about /etc/resolv.conf, which names the resolver of the VPC on a node of EKS, about private
addresses, and about forwards of single zones.`,
			Rationale: `Public resolvers know neither the private hosted zones of the VPC nor the private names of interface
endpoints, such as that of a private cluster endpoint, and need a way to the internet.`,
			Remediation: `Forward to /etc/resolv.conf, and only the zones that need it to other resolvers.`,
			Severity:    rule.Warning,
			Kinds:       []string{graph.KindCorefile},
			Refs: []string{
				"https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
				"https://coredns.io/plugins/forward/",
			},
			Since: "0.1.0",
		},
		Run: rule.On(forwardToPublic),
	}
}

func forwardToPublic(p *rule.Pass, c *graph.Corefile) {
	root := c.Root()
	if root == nil || c.Err != nil {
		return
	}
	for _, f := range root.All("forward") {
		if len(f.Args) < 2 || f.Args[0] != "." || slices.ContainsFunc(targets(f), notPublic) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("CoreDNS asks %s for every other name, which do not know the private names of the VPC", strings.Join(targets(f), ", ")),
			At:      rule.ValueAt(c.Resource(), c.At(f.Line)...), Key: strings.Join(f.Args, " "),
		})
	}
}

// notPublic reports whether a target may be a resolver that knows the VPC.
func notPublic(target string) bool {
	address, _, ok := corefile.Upstream(target)
	shared := netip.MustParsePrefix("100.64.0.0/10")
	return !ok || !address.IsGlobalUnicast() || address.IsPrivate() || shared.Contains(address)
}
