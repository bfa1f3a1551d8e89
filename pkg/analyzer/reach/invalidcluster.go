package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// Highest numbers that the definitions of all kinds share.
const (
	maxPriority  = 1000
	maxAddresses = 25 // of networks and of domainNames, in one peer
)

// InvalidCluster returns the faults for which the API of a policy with actions
// and priorities refuses it, or for which the rule is enforced as another one,
// in the order of the file. Values that the input does not fix are no faults;
// objects of other kinds have none.
// https://github.com/kubernetes-sigs/network-policy-api/blob/066a9454c5585568d99b22723b847bcf13df6b41/apis/v1alpha2/clusternetworkpolicy_types.go
func InvalidCluster(o graph.Object) []Fault {
	policy, ok := o.Resource().Object.(*model.ClusterNetworkPolicy)
	if !ok {
		return nil
	}
	f := clusterFaults{faultList: faultList{resource: o.Resource()}, kind: o.Ref().GroupKind()}
	f.head(policy)
	for _, d := range []Direction{Ingress, Egress} {
		rules := policy.Spec.Ingress
		if d == Egress {
			rules = policy.Spec.Egress
		}
		at := specification().Child(d.String())
		if limit := f.limit(); len(rules) > limit {
			f.add(at, fmt.Sprintf("%d rules, and at most %d are allowed", len(rules), limit))
		}
		for i := range rules {
			f.rule(at.Child(strconv.Itoa(i)), d, &rules[i])
		}
	}
	return f.found
}

type clusterFaults struct {
	faultList
	kind model.GroupKind
}

func (f *clusterFaults) isBaseline() bool { return f.kind == model.KindBaselineAdminNetworkPolicy }
func (f *clusterFaults) isAWS() bool      { return f.kind == model.KindAWSClusterNetworkPolicy }

// isFirst reports whether the kind is one of v1alpha1, whose words and limits
// differ:
// https://github.com/kubernetes-sigs/network-policy-api/blob/main/apis/v1alpha1/adminnetworkpolicy_types.go
func (f *clusterFaults) isFirst() bool {
	return f.isBaseline() || f.kind == model.KindAdminNetworkPolicy
}

// limit is the highest number of rules in a direction, and of peers in a rule.
func (f *clusterFaults) limit() int {
	if f.kind == model.KindClusterNetworkPolicy {
		return 25
	}
	return 100
}

// head looks at what stands before the rules.
func (f *clusterFaults) head(p *model.ClusterNetworkPolicy) {
	if f.isBaseline() && p.Name != "default" && p.Name != "" {
		f.add(model.Path{"metadata", "name"}, fmt.Sprintf("%q, and the only one of the kind is named default", p.Name))
	}
	if tier := p.Spec.Tier; !f.isFirst() && tier != "Admin" && tier != "Baseline" {
		f.add(specification().Child("tier"), fmt.Sprintf("%q is not Admin or Baseline", tier))
	}
	if n := p.Spec.Priority; !f.isBaseline() && (n < 0 || n > maxPriority) {
		f.add(specification().Child("priority"), fmt.Sprintf("%d is not in 0 to %d", n, maxPriority))
	}
	f.one(specification().Child("subject"), podFields(&p.Spec.Subject))
}

// one looks for the field of which there must be exactly one.
func (f *clusterFaults) one(at model.Path, fields []string) {
	switch len(fields) {
	case 0:
		f.add(at, "it has no field that is known, and so names nothing")
	case 1:
	default:
		f.add(at, "it has "+strings.Join(fields, " and ")+", and one is allowed")
	}
}

func podFields(p *model.ClusterNetworkPolicyPods) []string {
	var out []string
	if p.Namespaces != nil {
		out = append(out, "namespaces")
	}
	if p.Pods != nil {
		out = append(out, "pods")
	}
	return out
}

// outsideFields are those that only peers for egress have.
func outsideFields(p *model.ClusterNetworkPolicyPeer) []string {
	var out []string
	if len(p.Networks) > 0 {
		out = append(out, "networks")
	}
	if p.Nodes != nil {
		out = append(out, "nodes")
	}
	if len(p.DomainNames) > 0 {
		out = append(out, "domainNames")
	}
	return out
}

func (f *clusterFaults) rule(at model.Path, d Direction, r *model.ClusterNetworkPolicyRule) {
	if words := f.actions(); !words.has(r.Action) {
		f.add(at.Child("action"), fmt.Sprintf("%q is not %s", r.Action, words))
	}
	peers := r.From
	if d == Egress {
		peers = r.To
	}
	field := at.Child(peerField(d))
	switch limit := f.limit(); {
	case len(peers) == 0:
		f.add(field, "no peers, and at least one is required")
	case len(peers) > limit:
		f.add(field, fmt.Sprintf("%d peers, and at most %d are allowed", len(peers), limit))
	}
	for i := range peers {
		f.peer(field.Child(strconv.Itoa(i)), d, r, &peers[i])
	}
	f.names(at, r)
}

func (f *clusterFaults) peer(at model.Path, d Direction, r *model.ClusterNetworkPolicyRule, p *model.ClusterNetworkPolicyPeer) {
	elsewhere := outsideFields(p)
	if d == Ingress && len(elsewhere) > 0 {
		f.add(at.Child(elsewhere[0]), "peers for ingress have no such field")
		return
	}
	f.one(at, append(podFields(&p.ClusterNetworkPolicyPods), elsewhere...))
	f.few(at.Child("networks"), p.Networks)
	f.few(at.Child("domainNames"), p.DomainNames)
	if len(p.DomainNames) > 0 && !f.resolves(r.Action) {
		f.add(at.Child("domainNames"), fmt.Sprintf("no peer of a rule whose action is %s", r.Action))
	}
}

func (f *clusterFaults) few(at model.Path, list []string) {
	if len(list) > maxAddresses {
		f.add(at, fmt.Sprintf("%d elements, and at most %d are allowed", len(list), maxAddresses))
	}
}

// resolves reports whether peers of rules with the action may be domain names.
// Upstream that is a rule that accepts, in BaselineAdminNetworkPolicy none; AWS
// lets a rule pass as well:
// https://github.com/oliviassss/amazon-network-policy-controller-k8s/blob/1b16d320b12a4bb964cadba80c3397adae398f53/api/v1alpha1/clusternetworkpolicy_types.go
// A word that is no action at all is a fault of its own.
func (f *clusterFaults) resolves(action string) bool {
	return !f.actions().has(action) || action != "Deny" && !f.isBaseline() && (f.isAWS() || action != "Pass")
}

// names looks for named ports beside peers that have none. AWS does not refuse
// them.
func (f *clusterFaults) names(at model.Path, r *model.ClusterNetworkPolicyRule) {
	var without string
	for i := range r.To {
		if fields := outsideFields(&r.To[i]); without == "" && len(fields) > 0 {
			without = fields[0]
		}
	}
	if without == "" || f.isAWS() {
		return
	}
	why := without + " in the same rule have no named ports"
	for i, p := range r.Ports {
		if p.NamedPort != "" {
			f.add(at.Child("ports", strconv.Itoa(i), "namedPort"), why)
		}
	}
	for i, p := range r.Protocols {
		if p.DestinationNamedPort != "" {
			f.add(at.Child("protocols", strconv.Itoa(i), "destinationNamedPort"), why)
		}
	}
}

// words are the actions of a kind.
type words []string

func (f *clusterFaults) actions() words {
	switch {
	case f.isBaseline():
		return words{"Allow", "Deny"}
	case f.isFirst():
		return words{"Allow", "Deny", "Pass"}
	default:
		return words{"Accept", "Deny", "Pass"}
	}
}

func (w words) has(word string) bool {
	return slices.Contains(w, word)
}

func (w words) String() string {
	last := len(w) - 1
	return strings.Join(w[:last], ", ") + " or " + w[last]
}
