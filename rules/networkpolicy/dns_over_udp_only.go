package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// DNSOverUDPOnly is NP-016.
func DNSOverUDPOnly() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-016",
			Title:    "Only UDP 53 is allowed for DNS",
			Category: "networkpolicy",
			Description: `Fires on a rule that admits UDP 53 from isolated pods to the DNS of the cluster when no rule of
any policy of these pods admits TCP 53 to it. It reports the rule once, whatever number of pods it is for.
It is silent when another policy admits TCP 53, when an ipBlock does, as it may be meant for the address of
the Service, where UDP 53 is not admitted for certain, on pods that do not ask the DNS of the cluster, and
where the input does not show the policies.`,
			Rationale: `An answer that does not fit into a packet comes back cut off, and the client asks again over TCP:
names with many records, as of headless Services, fail while all others work.`,
			Remediation: `Add TCP 53 beside UDP 53.`,
			Severity:    rule.Note,
			Kinds:       []string{"Namespace"},
			Reads:       graph.ConnectionKinds(),
			Needs:       model.Policies,
			Refs: []string{
				"https://www.rfc-editor.org/rfc/rfc7766",
				"https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc",
			},
			Since: "0.1.0",
		},
		Run: rule.On(dnsOverUDPOnly),
	}
}

func dnsOverUDPOnly(p *rule.Pass, ns *graph.Namespace) {
	if len(ns.Policies) == 0 {
		return
	}
	seen, names := map[string]bool{}, p.Reach().Names()
	for _, w := range ns.Workloads {
		d, ok := admitsUDPOnly(p, names, w)
		if !ok {
			continue
		}
		key := d.Policy.Ref().Name + " " + d.At.String()
		if seen[key] {
			continue
		}
		seen[key] = true
		who := fmt.Sprintf("%s %q", w.Ref().Kind, w.Ref().Name)
		p.Report(rule.Finding{
			Message: fmt.Sprintf("NetworkPolicy %q admits UDP 53 from %s to the DNS of the cluster, and no policy admits TCP 53", d.Policy.Ref().Name, who),
			At:      rule.KeyAt(d.Policy.Resource(), d.At.Child("ports")...),
			Related: []rule.Related{{Message: "the pods of " + who, At: rule.KeyAt(w.Holder(), w.PathTo("spec")...)}},
		})
	}
}

// admitsUDPOnly returns the first decision that admits UDP 53 from pods to
// which TCP 53 is closed.
func admitsUDPOnly(p *rule.Pass, names reach.Names, w *graph.Workload) (reach.Decision, bool) {
	engine := p.Reach()
	from, ok := engine.Number(w)
	if !ok || !w.Enforceable() || w.Holder().IsUnknown(w.PathTo("spec", "hostNetwork")...) {
		return reach.Decision{}, false
	}
	resolvers := names.Resolvers(w)
	if !resolvers.Cluster || !engine.EgressBlocked(from, resolvers.Endpoints, reach.DNSPorts(netset.TCP)) {
		return reach.Decision{}, false
	}
	for _, to := range engine.DNS() {
		for _, d := range engine.Ask(from, to, reach.DNSPorts(netset.UDP)).Admitting(reach.Egress) {
			return d, true
		}
	}
	return reach.Decision{}, false
}
