package graph

import (
	"slices"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// EgressPeer is a peer of an egress rule that asks for pods by their labels.
type EgressPeer struct {
	// At leads to the peer; Rule is the number of the rule.
	At   model.Path
	Rule int
	// Pods are all workloads that it names, never empty.
	Pods []*Workload
}

// EgressPeers returns the peers of a policy that ask for pods by their labels,
// in the order of the file, where the input shows all pods that the policy is
// for and all that the peer names. The slice is shared.
func (g *Graph) EgressPeers(p *Policy) []EgressPeer {
	return p.peers.at(g.moment, func() []EgressPeer { return g.readPeers(p) })
}

func (g *Graph) readPeers(p *Policy) []EgressPeer {
	declared := g.snapshot.Knows(model.Workloads, p.Ref().Namespace) == model.Declared
	if p.Egress != model.Yes || p.PodsCertain() != model.Yes || p.selector.Empty() && !declared {
		return nil
	}
	var out []EgressPeer
	for i, r := range p.Rules(networkingv1.PolicyTypeEgress) {
		for n, peer := range r.Peers {
			at := r.Path().Child("to", strconv.Itoa(n))
			if SelectorOf(peer.PodSelector).Empty() {
				continue
			}
			pods, known := g.peerPods(p, at, peer)
			pods = slices.DeleteFunc(slices.Clone(pods), (*Workload).HostNetwork)
			if known == model.Yes && len(pods) > 0 {
				out = append(out, EgressPeer{at, i, pods})
			}
		}
	}
	return out
}

// LetsOut reports whether some policy of the workload may admit a connection
// from its pods to something else, whether or not the input shows what. Pods
// that nothing lets out are cut off on purpose.
func (g *Graph) LetsOut(w *Workload) bool {
	for _, p := range g.PoliciesOf(w) {
		if p.Egress == model.No {
			continue
		}
		if p.resource.IsUnknown("spec", "egress") {
			return true
		}
		for _, rule := range p.spec.Egress {
			if len(rule.To) == 0 || g.namesOthers(w, rule.To) {
				return true
			}
		}
	}
	return false
}

// namesOthers reports whether one of the peers names more than the workload.
func (g *Graph) namesOthers(w *Workload, peers []networkingv1.NetworkPolicyPeer) bool {
	for _, peer := range peers {
		if peer.NamespaceSelector != nil || peer.PodSelector == nil {
			return true
		}
		yes, maybe := g.Matching(w.Ref().Namespace, SelectorOf(peer.PodSelector))
		if len(maybe) > 0 || len(yes) != 1 || yes[0] != w {
			return true
		}
	}
	return false
}
