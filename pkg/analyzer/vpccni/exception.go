package vpccni

import (
	"fmt"
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxEntries are the ports and protocols that the agent keeps for one address.
// https://github.com/aws/aws-network-policy-agent/blob/c8619c0/pkg/ebpf/c/tc.v4ingress.bpf.c
const maxEntries = 24

// exceptions judges a side that admits the connection. An except is a deny of
// its own: it wins over what any rule admits by a CIDR that is not narrower.
// Pods that a selector names have an entry of their own, the narrowest there is.
func (j *judge) exceptions(h reach.Hop) (verdict model.Tri, own bool) {
	peer := j.peer(h)
	if peer.Label != "" || j.named(h, peer) {
		return h.Verdict, false
	}
	addresses := []netip.Addr{peer.Range.First}
	if w := peer.Workload; w != nil {
		addresses = nil
		if w.ShowsAddresses() {
			addresses = w.Addresses()
		}
	}
	var admitted, others, excepted []block
	for _, r := range j.rules(h) {
		for _, b := range blocks(r) {
			excepted = append(excepted, b.holes...)
			if admits(h, r) {
				admitted = append(admitted, b)
			} else {
				others = append(others, b)
			}
		}
	}
	for _, x := range excepted {
		switch denies(x, admitted, others, addresses) {
		case model.Yes:
			j.note("an except denies the address, whatever a wider CIDR admits", x.policy, x.at)
			return model.No, true
		case model.Unknown:
			j.note("an except may hold the address, and would deny it", x.policy, x.at)
			return model.Unknown, true
		case model.No:
		}
	}
	return h.Verdict, false
}

// nameless judges a side that is admitted by nothing but names of ports beside
// what is no selector of pods. On egress the controller drops such a name, as it
// has no pod to find it on; on ingress its older versions do.
func (j *judge) nameless(h reach.Hop) (verdict model.Tri, own bool) {
	peer := j.peer(h)
	for _, r := range j.rules(h) {
		byNumber := len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(p networkingv1.NetworkPolicyPort) bool {
			return p.Port == nil || p.Port.Type == intstr.Int
		})
		if admits(h, r) && (byNumber || j.names(r, peer)) {
			return h.Verdict, false
		}
	}
	d := h.Decisions[0]
	if h.Direction == reach.Egress {
		j.note("it drops the names of ports where the peer is no selector of pods", d.Policy, d.At)
		return model.No, true
	}
	j.note("older versions drop the names of ports where the peer is no selector of pods", d.Policy, d.At)
	return model.Unknown, true
}

// denies answers whether an except takes addresses from what is admitted. What
// a narrower CIDR of another port inherits from wider ones is not known.
func denies(x block, admitted, others []block, addresses []netip.Addr) model.Tri {
	if len(addresses) == 0 && mayHoldPod(x.Prefix) {
		return model.Unknown
	}
	for _, a := range addresses {
		if !x.Contains(a) {
			continue
		}
		switch bits := narrowest(admitted, a); {
		case bits > x.Bits():
		case bits == x.Bits() || narrowest(others, a) >= x.Bits():
			return model.Unknown
		default:
			return model.Yes
		}
	}
	return model.No
}

// narrowest is the longest prefix among the blocks that hold an address, -1 when
// none does.
func narrowest(list []block, a netip.Addr) int {
	bits := -1
	for _, b := range list {
		if b.holds(a) {
			bits = max(bits, b.Bits())
		}
	}
	return bits
}

// peer is the other end of a side.
func (j *judge) peer(h reach.Hop) reach.Endpoint {
	if h.Direction == reach.Egress {
		return j.answer.To
	}
	return j.answer.From
}

// named reports whether a selector of a rule that admits names the peer.
func (j *judge) named(h reach.Hop, peer reach.Endpoint) bool {
	return slices.ContainsFunc(j.rules(h), func(r rule) bool { return admits(h, r) && j.names(r, peer) })
}

// names reports whether a selector of a rule certainly names a workload.
func (j *judge) names(r rule, peer reach.Endpoint) bool {
	if peer.Workload == nil {
		return false
	}
	for _, p := range r.Peers {
		if j.selects(r, p, peer.Workload.Ref().Namespace, peer.Workload.Selected) == model.Yes {
			return true
		}
	}
	return false
}

// entries counts the different ports that policies certainly name for the peer
// of a side.
func (j *judge) entries(h reach.Hop) int {
	peer := j.peer(h)
	seen := map[string]bool{}
	for _, r := range j.rules(h) {
		if !j.names(r, peer) && !j.holds(r, peer) {
			continue
		}
		if len(r.Ports) == 0 {
			seen["all"] = true
		}
		for _, p := range r.Ports {
			end := int32(0)
			if p.EndPort != nil {
				end = *p.EndPort
			}
			seen[fmt.Sprintf("%s %v %d", protocolOf(p), p.Port, end)] = true
		}
	}
	return len(seen)
}

// holds reports whether a block of a rule certainly holds all addresses of the
// peer.
func (j *judge) holds(r rule, peer reach.Endpoint) bool {
	if peer.Label != "" {
		return false
	}
	addresses := []netip.Addr{peer.Range.First}
	if peer.Workload != nil {
		addresses = peer.Workload.Addresses()
	}
	return len(addresses) > 0 && !slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		return !slices.ContainsFunc(blocks(r), func(b block) bool { return b.holds(a) })
	})
}
