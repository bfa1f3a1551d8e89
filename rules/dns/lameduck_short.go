package dns

import (
	"fmt"
	"slices"
	"time"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// LameduckShort is DNS-003.
func LameduckShort() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-003",
			Title:    "CoreDNS stops before clients stop asking it",
			Category: "dns",
			Description: `Fires when the health plugin of kube-system/coredns has no lameduck, or one of less than 30 seconds. It
is silent without a health plugin, and where a server block imports files, which are not read.`,
			Rationale: `A CoreDNS pod that ends keeps getting queries until every node has taken its address out of the rules of
kube-proxy. Queries that arrive after it has stopped time out, on each rollout and each scale-in.`,
			Remediation: `Set lameduck 30s in the health plugin.`,
			Severity:    rule.Warning,
			Kinds:       []string{graph.KindCorefile},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/scale-cluster-services.html",
				"https://coredns.io/plugins/health/",
			},
			Params: []rule.Param{{Name: "seconds", Description: "The shortest lameduck that is long enough, in seconds.", Default: 30}},
			Since:  "0.1.0",
		},
		Run: rule.On(lameduckShort),
	}
}

func lameduckShort(p *rule.Pass, c *graph.Corefile) {
	if c.Err != nil || slices.ContainsFunc(c.File.Blocks, func(b corefile.Block) bool { return b.Incomplete }) {
		return
	}
	wanted := time.Duration(p.Params.Int("seconds")) * time.Second
	for _, b := range c.File.Blocks {
		for _, health := range b.All("health") {
			if line, text, short := lameduck(health, wanted); short {
				p.Report(rule.Finding{
					Message: "CoreDNS answers for " + text + " after it is told to stop, and clients ask it for longer",
					At:      rule.ValueAt(c.Resource(), c.At(line)...),
				})
			}
		}
	}
}

func lameduck(health corefile.Plugin, wanted time.Duration) (line int, text string, short bool) {
	option, ok := health.Option("lameduck")
	if !ok || len(option.Args) == 0 {
		return health.Line, "no time", true
	}
	d, err := time.ParseDuration(option.Args[0])
	return option.Line, fmt.Sprint(d), err == nil && d < wanted
}
