package vpccni

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxEntries are the ports and protocols that the agent keeps for one address.
// https://github.com/aws/aws-network-policy-agent/blob/c8619c0/pkg/ebpf/c/tc.v4ingress.bpf.c
const maxEntries = 24

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
			seen[fmt.Sprintf("%s %v %d", graph.ProtocolOf(p), p.Port, end)] = true
		}
	}
	return len(seen)
}
