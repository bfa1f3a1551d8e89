package dns

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// AutopathWithoutVerifiedPods is DNS-009.
func AutopathWithoutVerifiedPods() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-009",
			Title:    "autopath does not know which pod asks",
			Category: "dns",
			Description: `Fires when a server block of kube-system/coredns uses autopath @kubernetes while its kubernetes plugin
does not say pods verified. It is silent where the block imports files, which are not read.`,
			Rationale: `autopath answers for the search path of the pod whose address asks. Without pods verified CoreDNS does not
watch pods, so that the plugin has nothing to look the address up in.`,
			Remediation: `Say pods verified in the kubernetes plugin, which costs memory, or drop autopath.`,
			Severity:    rule.Note,
			Kinds:       []string{graph.KindCorefile},
			Refs:        []string{"https://coredns.io/plugins/autopath/", "https://coredns.io/plugins/kubernetes/"},
			Since:       "0.1.0",
		},
		Run: rule.On(autopathUnverified),
	}
}

func autopathUnverified(p *rule.Pass, c *graph.Corefile) {
	for _, b := range c.File.Blocks {
		if b.Incomplete || c.Err != nil || slices.ContainsFunc(b.All("kubernetes"), verified) {
			continue
		}
		for _, x := range b.All("autopath") {
			if len(x.Args) == 0 || x.Args[len(x.Args)-1] != "@kubernetes" {
				continue
			}
			p.Report(rule.Finding{
				Message: "autopath asks the kubernetes plugin for pods, which it does not watch",
				At:      rule.ValueAt(c.Resource(), c.At(x.Line)...),
			})
		}
	}
}

func verified(kubernetes corefile.Plugin) bool {
	pods, ok := kubernetes.Option("pods")
	return ok && slices.Equal(pods.Args, []string{"verified"})
}
