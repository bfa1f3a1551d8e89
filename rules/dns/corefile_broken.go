package dns

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// CorefileBroken is DNS-001.
func CorefileBroken() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-001",
			Title:    "Corefile leaves names without an answer",
			Category: "dns",
			Description: `Fires on the ConfigMap kube-system/coredns, and on the configuration of the add-on in an eksctl
ClusterConfig, when the Corefile cannot be read, serves no root zone, has
no kubernetes plugin or nothing that forwards other names, and when it forwards names to CoreDNS itself.
It is silent about what is absent where a server block imports files, which are not read, and where the
text holds a placeholder.`,
			Rationale: `CoreDNS does not start with a Corefile that it cannot read, and stops when it finds that it asks itself.
Without its plugins it answers with errors, and every lookup of a pod fails.`,
			Remediation: `Restore the block of the root zone with kubernetes, forward and what else the add-on installs.`,
			Severity:    rule.Error,
			Kinds:       []string{graph.KindCorefile},
			Refs: []string{
				"https://coredns.io/manual/configuration/",
				"https://coredns.io/plugins/loop/",
				"https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/",
			},
			Since: "0.1.0",
		},
		Run: rule.On(corefileBroken),
	}
}

func corefileBroken(p *rule.Pass, c *graph.Corefile) {
	switch {
	case !c.Present:
		return // another tool's ConfigMap of this name, or a part of one
	case c.Err != nil:
		p.Report(rule.Finding{
			Message: fmt.Sprintf("CoreDNS does not start: the Corefile cannot be read, %s", c.Err.Message),
			At:      rule.ValueAt(c.Resource(), c.At(c.Err.Line)...), Key: "syntax",
		})
		return
	}
	missing(p, c)
	for _, b := range c.File.Blocks {
		for _, f := range b.All("forward") {
			asksItself(p, c, f)
		}
	}
}

// missing reports what the configuration as a whole lacks.
func missing(p *rule.Pass, c *graph.Corefile) {
	report := func(what string) {
		p.Report(rule.Finding{Message: what, At: rule.KeyAt(c.Resource(), c.Place()...), Key: what})
	}
	root := c.Root()
	if root == nil {
		if !slices.ContainsFunc(c.File.Blocks, corefile.Block.AnyRoot) {
			report("the Corefile has no server block for the root zone, so that other names get no answer")
		}
		return
	}
	if slices.ContainsFunc(c.File.Blocks, func(b corefile.Block) bool { return b.Incomplete }) {
		return
	}
	if !slices.ContainsFunc(c.File.Blocks, func(b corefile.Block) bool { return len(b.All("kubernetes")) > 0 }) {
		report("the Corefile has no kubernetes plugin, so that names of Services get no answer")
	}
	if !slices.ContainsFunc(root.Plugins, forwards) {
		report("the root zone of the Corefile forwards nothing, so that names outside the cluster get no answer")
	}
}

// forwards reports whether a plugin may answer names that the cluster does not
// know: https://coredns.io/plugins/, https://coredns.io/explugins/
func forwards(p corefile.Plugin) bool {
	return slices.Contains([]string{
		"forward", "proxy", "grpc", "unbound", "recursor", "fanout", "alternate", "dnsredir", "file", "auto", "secondary", "template", "hosts",
	}, p.Name)
}

// asksItself reports a forward to CoreDNS: to the address of its Service, or to
// its own pod, where it listens on every address.
func asksItself(p *rule.Pass, c *graph.Corefile, f corefile.Plugin) {
	own := map[string]bool{}
	if s := p.Graph.DNSService(); s != nil {
		own[s.Spec().ClusterIP] = true
		for _, ip := range s.Spec().ClusterIPs {
			own[ip] = true
		}
	}
	for _, target := range targets(f) {
		address, port, ok := corefile.Upstream(target)
		if !ok || port != "53" || !address.IsLoopback() && !own[address.String()] {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("CoreDNS forwards names to %s, which is CoreDNS itself", address),
			At:      rule.ValueAt(c.Resource(), c.At(f.Line)...), Key: "loop " + address.String(),
		})
	}
}

// targets are what a forward asks: https://coredns.io/plugins/forward/
func targets(f corefile.Plugin) []string {
	if len(f.Args) < 2 {
		return nil
	}
	return f.Args[1:]
}
