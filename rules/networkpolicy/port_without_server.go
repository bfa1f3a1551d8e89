package networkpolicy

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// PortWithoutServer is NP-019.
func PortWithoutServer() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-019",
			Title:    "Policy names a port that its pods do not have",
			Category: "networkpolicy",
			Description: `Fires on a port name in an ingress or egress rule that no container of the pods that receive the
connection has, with that protocol: such an entry admits nothing. It also fires on a port number of an
ingress rule that no container declares, when Services send to other ports of the pods and no rule admits
these. A number that is not declared says nothing by itself: containers may listen on ports that they do not
declare. So every container has to declare ports, every pod has to stand behind a Service, and a number that
a Service has is left to NP-003. It is silent on pods that may get a sidecar, on ranges, on ingress policies
for every pod of a namespace and rules without pod labels unless the input is declared complete, and where
the input does not show all pods or their ports.`,
			Rationale:   `The entry admits nothing, and the connection that it was written for times out.`,
			Remediation: `Name a port of the containers: its number, or its name and protocol.`,
			Severity:    rule.Warning,
			Kinds:       []string{"NetworkPolicy"},
			Reads:       graph.ConnectionKinds(),
			Needs:       model.Policies,
			Refs: []string{
				"https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
				"https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
			},
			Since: "0.1.0",
		},
		Run: rule.On(portWithoutServer),
	}
}

func portWithoutServer(p *rule.Pass, policy *graph.Policy) {
	for _, port := range p.Graph.PolicyPorts(policy) {
		w := port.Receivers[0]
		who := fmt.Sprintf("%s %q", w.Ref().Kind, w.Ref().Name)
		what, at := "", rule.KeyAt(w.Holder(), w.PathTo("spec", "containers")...)
		if name, ok := port.Name(); ok && nameless(p.Graph, port, name) {
			what = fmt.Sprintf("%s port %q, which no container of %s has", port.Protocol(), name, who)
		} else if number, ok := port.Number(); ok && misses(p.Graph, port, number) {
			what = fmt.Sprintf("%s port %d, which no container of %s declares, and no rule admits the ports that its Services send to", port.Protocol(), number, who)
		}
		if what == "" {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s rule %d of NetworkPolicy %q names %s", port.Direction, port.Rule+1, policy.Ref().Name, what),
			At:      rule.ValueAt(policy.Resource(), port.At.Child("port")...),
			Related: []rule.Related{{Message: "the containers of " + who, At: at}},
		})
	}
}

// nameless reports whether none of the receivers has a port of that name.
func nameless(g *graph.Graph, port graph.PolicyPort, name string) bool {
	for _, w := range port.Receivers {
		if _, has := w.NamedPorts(name, port.Protocol()); has != model.No || g.MayGetSidecar(w) {
			return false
		}
	}
	return true
}

// misses reports whether an ingress rule names a number beside the ports that
// the receivers serve.
func misses(g *graph.Graph, port graph.PolicyPort, number int32) bool {
	if port.Direction != networkingv1.PolicyTypeIngress {
		return false
	}
	for _, w := range port.Receivers {
		declared, known := w.DeclaredPorts()
		if known != model.Yes || declares(declared, number, port.Protocol()) || g.MayGetSidecar(w) || !closed(g, w, number) {
			return false
		}
	}
	return true
}

// closed reports whether Services stand before the pods, none has the number,
// and no ingress rule admits a port that they send to.
func closed(g *graph.Graph, w *graph.Workload, number int32) bool {
	services := g.ServicesOf(w)
	for _, s := range services {
		for i, port := range s.Spec().Ports {
			target, known := s.TargetPort(i, w)
			if known != model.Yes || port.Port == number || target == number ||
				g.IngressNames(w, target, cmp.Or(port.Protocol, corev1.ProtocolTCP)) != model.No {
				return false
			}
		}
	}
	return len(services) > 0 && g.Snapshot().Knows(model.Services, w.Ref().Namespace) != model.NotKnown
}
