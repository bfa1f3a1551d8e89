package dns

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// CacheMissing is DNS-007.
func CacheMissing() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-007",
			Title:    "CoreDNS does not cache answers",
			Category: "dns",
			Description: `Fires when the server block of the root zone in kube-system/coredns has no cache plugin, or one whose
TTL is 0. It is silent where the block imports files, which are not read.`,
			Rationale: `Every lookup then goes to the resolver of the VPC, which drops what exceeds 1024 packets a second for
each network interface. Pods see lookups that time out under load.`,
			Remediation: `Add cache 30 to the block of the root zone, as the add-on installs it.`,
			Severity:    rule.Warning,
			Kinds:       []string{graph.KindCorefile},
			Refs: []string{
				"https://coredns.io/plugins/cache/",
				"https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(cacheMissing),
	}
}

func cacheMissing(p *rule.Pass, c *graph.Corefile) {
	root := c.Root()
	if root == nil || c.Err != nil {
		return
	}
	found := root.All("cache")
	if len(found) == 0 && !root.Incomplete {
		p.Report(rule.Finding{
			Message: "the root zone of the Corefile has no cache",
			At:      rule.ValueAt(c.Resource(), c.At(root.Line)...), Key: "absent",
		})
	}
	for _, x := range found {
		if len(x.Args) > 0 && x.Args[0] == "0" {
			p.Report(rule.Finding{
				Message: "the cache of the root zone keeps answers for 0 seconds",
				At:      rule.ValueAt(c.Resource(), c.At(x.Line)...), Key: "zero",
			})
		}
	}
}
