package networkpolicy

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpccni"
	"github.com/ekslint/ekslint/pkg/model"
)

// ServiceNotAdmitted is NP-018.
func ServiceNotAdmitted() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-018",
			Title:    "Egress rule admits the pods but not the Service in front of them",
			Category: "networkpolicy",
			Description: `Fires on a peer of an egress rule that asks for pods by their labels when the Amazon VPC CNI enforces
the policies and drops what is sent to every Service that leads to these pods, although the policies admit the
pods. The VPC CNI judges egress by the address and the port of a Service, and admits them only where the peer
matches the selector of the Service, read as labels. It is silent without the DaemonSet kube-system/aws-node,
for headless Services, where one of the Services is admitted, and where the input does not show all clients and
all pods that the peer names.`,
			Rationale: `The policy is right by the rules of Kubernetes, and connections by the name of the Service still time
out. Nothing in the cluster says why.`,
			Remediation: `Ask for the labels that the Service selects by and no others, and for the port of the pods that
the Service leads to.`,
			Severity: rule.Warning,
			Kinds:    []string{"NetworkPolicy"},
			Needs:    model.Policies | model.Workloads | model.Services,
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
				"https://github.com/aws/amazon-network-policy-controller-k8s",
			},
			Since: "0.1.0",
		},
		Run: rule.On(serviceNotAdmitted),
	}
}

func serviceNotAdmitted(p *rule.Pass, policy *graph.Policy) {
	if e := p.Graph.Enforcement(); e.Engine != graph.EngineVPCCNI || e.Enforced != model.Yes || len(policy.Pods()) == 0 {
		return
	}
	client := policy.Pods()[0]
	for _, peer := range p.Graph.EgressPeers(policy) {
		dropped := droppedServices(p, policy, client, peer)
		if len(dropped) == 0 {
			continue
		}
		s := dropped[0]
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Egress rule %d of NetworkPolicy %q admits the pods of Service %q, but the %s drops what %s %q sends to the Service",
				peer.Rule+1, policy.Ref().Name, s.Ref().NamespacedName(), graph.EngineVPCCNI, client.Ref().Kind, client.Ref().Name),
			At:      rule.KeyAt(policy.Resource(), peer.At.Child("podSelector")...),
			Related: []rule.Related{{Message: fmt.Sprintf("Service %q selects by these labels", s.Ref().NamespacedName()), At: rule.KeyAt(s.Resource(), "spec", "selector")}},
		})
	}
}

// droppedServices are the Services in front of the pods of a peer, when the
// client reaches the pods by the rule and none of the Services.
func droppedServices(p *rule.Pass, policy *graph.Policy, client *graph.Workload, peer graph.EgressPeer) []*graph.Service {
	from, known := p.Reach().Number(client)
	services, all := servicesOf(p.Graph, peer.Pods)
	if !known || !all {
		return nil
	}
	admits := func(d reach.Decision) bool {
		return d.Policy == graph.Object(policy) && slices.Equal(d.At, peer.At[:len(peer.At)-2])
	}
	var out []*graph.Service
	for _, s := range services {
		for _, a := range p.Reach().ToService(from, s, netset.AllPorts()) {
			e, ok := vpccni.Enforce(p.Graph, a)
			switch {
			case !ok || a.Verdict == reach.NotKnown || e.Verdict != reach.Blocked:
				return nil
			case slices.ContainsFunc(a.Admitting(reach.Egress), admits) && !slices.Contains(out, s):
				out = append(out, s)
			}
		}
	}
	return out
}

// servicesOf are the Services that lead to some of the pods. It reports false
// where a headless one does, as clients may talk to the pods by its name.
func servicesOf(g *graph.Graph, pods []*graph.Workload) ([]*graph.Service, bool) {
	var out []*graph.Service
	for _, w := range pods {
		for _, s := range g.ServicesOf(w) {
			if s.Spec().ClusterIP == corev1.ClusterIPNone {
				return nil, false
			}
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out, true
}
