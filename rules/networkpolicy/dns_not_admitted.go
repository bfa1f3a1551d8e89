package networkpolicy

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// DNSNotAdmitted is NP-001.
func DNSNotAdmitted() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-001",
			Title:    "Egress-isolated pods cannot resolve DNS",
			Category: "networkpolicy",
			Description: `Fires on pods that policies isolate for egress when no rule of any of these policies admits UDP 53 to
what the pods ask for names: the DNS of the cluster, or what their dnsPolicy says instead. A port without a
protocol is TCP. Where the input does not show the DNS of the cluster, it is CoreDNS as EKS installs it,
with the label k8s-app=kube-dns in kube-system. The rule reports once for each policy. It is silent when an
ipBlock admits UDP 53, as it may be meant for the address of the Service or of a cache on the node, with a
label that CoreDNS may have, on pods that policies let out to nothing but themselves, which are cut off on
purpose, on pods to which policies cannot apply, and where the input does not show the policies or the
dnsPolicy. With dnsPolicy Default, and with a private nameserver, it speaks only when UDP 53 is admitted to
no address at all. With a nameserver in the pod itself or on its node it speaks only of NodeLocal DNSCache
where the input holds it beside the VPC CNI, which judges what pods send there.`,
			Rationale: `The pods may talk to somebody and cannot find the address: every look-up times out, which reads as
an outage of the other side.`,
			Remediation: `Add an egress rule for UDP and TCP 53 to the pods with k8s-app: kube-dns in the namespace with
kubernetes.io/metadata.name: kube-system.`,
			Severity: rule.Error,
			Kinds:    []string{"Namespace"},
			Reads:    graph.ConnectionKinds(),
			Needs:    model.Policies,
			Refs: []string{
				"https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc",
				"https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy",
				"https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
			},
			Since: "0.1.0",
		},
		Run: rule.On(dnsNotAdmitted),
	}
}

// silenced are pods that one policy keeps from one kind of resolver.
type silenced struct {
	policy   *graph.Policy
	resolver string
	pods     []*graph.Workload
}

func dnsNotAdmitted(p *rule.Pass, ns *graph.Namespace) {
	if len(ns.Policies) == 0 {
		return
	}
	var found []*silenced
	names := p.Reach().Names()
	index := map[[2]string]*silenced{}
	for _, w := range ns.Workloads {
		resolvers := names.Resolvers(w)
		policy := p.Reach().CutOff(w, resolvers.Endpoints, reach.DNSPorts(netset.UDP))
		if policy == nil {
			continue
		}
		key := [2]string{policy.Ref().Name, resolvers.Text}
		if index[key] == nil {
			index[key] = &silenced{policy: policy, resolver: resolvers.Text}
			found = append(found, index[key])
		}
		index[key].pods = append(index[key].pods, w)
	}
	for _, s := range found {
		p.Report(s.finding())
	}
}

func (s silenced) finding() rule.Finding {
	w := s.pods[0]
	return rule.Finding{
		Message: fmt.Sprintf("NetworkPolicy %q isolates %s for egress, and no policy admits UDP 53 to %s",
			s.policy.Ref().Name, andMore(s.pods), s.resolver),
		At:      rule.KeyAt(s.policy.Resource(), s.policy.Section(networkingv1.PolicyTypeEgress)...),
		Related: []rule.Related{{Message: "the pods of " + workload(w), At: rule.KeyAt(w.Holder(), w.PathTo("spec")...)}},
		Key:     s.resolver,
	}
}
