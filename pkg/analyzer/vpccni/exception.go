package vpccni

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// exceptions judges a side that admits the connection. An except is a deny of
// its own: it wins over what any rule admits by a CIDR that is not narrower.
// Pods that a selector names have an entry of their own, the narrowest there is.
func (j *judge) exceptions(h reach.Hop) (verdict model.Tri, own bool) {
	peer := j.peer(h)
	if peer.Label != "" || j.named(h, peer) {
		return h.Verdict, false
	}
	addresses := addressesOf(peer)
	if peer.Workload != nil && !peer.Workload.ShowsAddresses() {
		addresses = nil
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
