package ingress

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// FrontendNLBRefused is ING-038.
func FrontendNLBRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "ING-038",
			Title:    "Network Load Balancer in front of an ALB that cannot be as written",
			Category: "ingress",
			Description: `Fires on an Ingress whose enable-frontend-nlb is on when frontend-nlb-listener-port-mapping names a port on which the ALB
does not listen, so that the Network Load Balancer gets no listener for it; when frontend-nlb-eip-allocations stands beside
a scheme that is internal, as it is by default, or has another number of addresses than frontend-nlb-subnets has subnets; and when
annotations of the Network Load Balancer are written and enable-frontend-nlb is not on, so that they have no effect
(warning). It is silent where a setting or the listeners are not known, and for a named group unless the input is
declared complete, since another Ingress may say more.`,
			Rationale: `The controller passes over the port without a word, so that clients of the Network Load Balancer are refused there; or it
makes no load balancer at all.`,
			Remediation: `Map ports to listeners of the ALB, name one Elastic IP address for each subnet of an internet-facing Network Load
Balancer, or set enable-frontend-nlb to "true".`,
			Severity: rule.Error,
			Kinds:    []string{model.KindIngressGroup.Kind},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#enable-frontend-nlb",
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/ingress/model_build_frontend_nlb.go",
			},
			Since: "0.1.0",
		},
		Run: rule.On(frontendNLBRefused),
	}
}

const (
	enableNLB    = "enable-frontend-nlb"
	nlbScheme    = "frontend-nlb-scheme"
	nlbSubnets   = "frontend-nlb-subnets"
	nlbPorts     = "frontend-nlb-listener-port-mapping"
	nlbAddresses = "frontend-nlb-eip-allocations"
)

func frontendNLBRefused(p *rule.Pass, g *graph.IngressGroup) {
	if !g.Members[0].Manager.IsAWS() || g.Explicit && p.Graph.Snapshot().Knows(model.IngressClasses, "") != model.Declared {
		return
	}
	n := frontendNLB{pass: p, group: g}
	on := model.No
	for _, i := range g.Members {
		enabled := p.Graph.Setting(i, enableNLB)
		value, ok := lbc.Bool(enabled.Text())
		switch {
		case !enabled.Known || enabled.IsSet() && !ok:
			return // a value that is none of a boolean is another rule's
		case value:
			on = model.Yes
		}
	}
	for _, i := range g.Members {
		if on == model.No {
			n.unused(i)
			continue
		}
		n.ports(i)
		n.addresses(i)
	}
}

type frontendNLB struct {
	pass  *rule.Pass
	group *graph.IngressGroup
}

// report points at the annotation that gives a setting.
func (n frontendNLB) report(s graph.Setting, severity rule.Severity, key, format string, args ...any) {
	if s.Ref == nil {
		return
	}
	n.pass.Report(rule.Finding{
		Severity: severity, Message: fmt.Sprintf(format, args...), Key: key,
		At: rule.KeyAt(n.pass.Graph.Snapshot().Get(*s.Ref), s.Path...),
	})
}

// unused tells of the first annotation that has no effect.
func (n frontendNLB) unused(i *graph.Ingress) {
	for _, suffix := range []string{nlbScheme, nlbSubnets, "frontend-nlb-security-groups", nlbPorts, nlbAddresses} {
		if s := n.pass.Graph.Setting(i, suffix); s.IsSet() {
			n.report(s, rule.Warning, suffix, "%s of Ingress %q has no effect: %s is not on, and there is no Network Load Balancer", suffix, i.Ref().Name, enableNLB)
			return
		}
	}
}

// ports are those of the ALB to which ports of the Network Load Balancer lead.
func (n frontendNLB) ports(i *graph.Ingress) {
	s := n.pass.Graph.Setting(i, nlbPorts)
	mapping, err := lbc.StringMap(s.Text())
	if !s.Known || err != nil || !n.group.PortsKnown {
		return
	}
	for _, from := range slices.Sorted(maps.Keys(mapping)) {
		to, err := strconv.Atoi(mapping[from])
		if err != nil || n.group.Listener(to) != nil {
			continue
		}
		n.report(s, rule.Error, from, "Port %s of the Network Load Balancer of Ingress %q leads nowhere: the ALB does not listen on port %d", from, i.Ref().Name, to)
	}
}

// addresses are the Elastic IP addresses of the Network Load Balancer.
func (n frontendNLB) addresses(i *graph.Ingress) {
	given := n.pass.Graph.Setting(i, nlbAddresses)
	list := lbc.StringList(given.Text())
	scheme, subnets := n.setting(nlbScheme), n.setting(nlbSubnets)
	if !given.Known || len(list) == 0 {
		return
	}
	_, byFlag := n.pass.Graph.Controller().Flag("default-load-balancer-scheme")
	if scheme.Is("internal") || scheme.Known && !scheme.IsSet() && !byFlag {
		n.report(given, rule.Error, "scheme", "The Network Load Balancer of Ingress %q has Elastic IP addresses, and its scheme is internal", i.Ref().Name)
	}
	if names := lbc.StringList(subnets.Text()); subnets.Known && len(names) > 0 && len(names) != len(list) {
		n.report(given, rule.Error, "count", "The Network Load Balancer of Ingress %q has %d Elastic IP addresses for %d subnets", i.Ref().Name, len(list), len(names))
	}
}

// setting is that of the first member that has it, as members must agree.
func (n frontendNLB) setting(suffix string) graph.Setting {
	out := graph.Setting{Known: true, Origin: graph.OriginNone}
	for _, i := range n.group.Members {
		if s := n.pass.Graph.Setting(i, suffix); s.IsSet() || !s.Known {
			return s
		}
	}
	return out
}
