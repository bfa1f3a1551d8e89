package networkpolicy

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// ServerDoesNotReceive is NP-022.
func ServerDoesNotReceive() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-022",
			Title:    "Client may send, server does not receive",
			Category: "networkpolicy",
			Description: `Fires on a peer of an egress rule that asks for pods by their labels when policies for ingress keep
every pod that it names from every pod that the policy is for, on all ports, or on all ports that egress
admits. It is silent when one of the pods gets through, on peers that take all pods of a namespace, on
ipBlocks, on rules that name the port of a Service, which NP-003 reports, and where the input does not show
all clients, all servers or their policies. An empty podSelector shows them only in an input that is declared
complete.`,
			Rationale:   `Both sides must admit a connection. The one that egress was opened for still times out.`,
			Remediation: `Admit the client on the same port in an ingress policy of the server, or remove the egress peer.`,
			Severity:    rule.Warning,
			Kinds:       []string{"NetworkPolicy"},
			Reads:       graph.ConnectionKinds(),
			Needs:       model.Policies | model.Workloads,
			Refs: []string{
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
			},
			Since: "0.1.0",
		},
		Run: rule.On(serverDoesNotReceive),
	}
}

func serverDoesNotReceive(p *rule.Pass, policy *graph.Policy) {
	for _, peer := range p.Graph.EgressPeers(policy) {
		a, ok := refused(p.Reach(), policy.Pods(), peer.Pods)
		if !ok || namesServicePort(p.Graph, policy, peer.Rule) {
			continue
		}
		ingress := a.Hops[1]
		client, server := a.From.Workload.Ref(), a.To.Workload.Ref()
		what := "do not admit them"
		if ingress.Verdict == model.Yes {
			what = "admit other ports only"
		}
		of := ingress.Decisions[0]
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Egress rule %d of NetworkPolicy %q admits connections from %s %q to %s %q, whose policies for ingress %s",
				peer.Rule+1, policy.Ref().Name, client.Kind, client.Name, server.Kind, server.Name, what),
			At: rule.KeyAt(policy.Resource(), peer.At.Child("podSelector")...),
			Related: []rule.Related{{
				Message: fmt.Sprintf("NetworkPolicy %q isolates %s %q", of.Policy.Ref().Name, server.Kind, server.Name),
				At:      rule.KeyAt(of.Policy.Resource(), of.At...),
			}},
		})
	}
}

// refused reports whether egress admits each connection and ingress lets none
// through, with the first.
func refused(engine *reach.Engine, clients, servers []*graph.Workload) (reach.Answer, bool) {
	var first reach.Answer
	for _, client := range clients {
		from, _ := engine.Number(client)
		for _, server := range servers {
			to, _ := engine.Number(server)
			if !engine.Between(from, to).Possible.IsEmpty() {
				return reach.Answer{}, false
			}
			a := engine.Ask(from, to, netset.AllPorts())
			if a.Verdict != reach.Blocked || len(a.Hops) < 2 || a.Hops[0].Verdict != model.Yes || len(a.Hops[1].Decisions) == 0 ||
				slices.ContainsFunc(a.Hops[1].Decisions, func(d reach.Decision) bool { return d.Denies }) {
				return reach.Answer{}, false
			}
			if first.From.Workload == nil {
				first = a
			}
		}
	}
	return first, first.From.Workload != nil
}

// namesServicePort reports whether an egress rule names a port that NP-003
// reports, which explains why nobody receives it.
func namesServicePort(g *graph.Graph, policy *graph.Policy, number int) bool {
	return slices.ContainsFunc(g.PolicyPorts(policy), func(port graph.PolicyPort) bool {
		n, ok := port.Number()
		if !ok || port.Rule != number || port.Direction != networkingv1.PolicyTypeEgress {
			return false
		}
		_, wrong := mistaken(g, port, n)
		return wrong
	})
}
