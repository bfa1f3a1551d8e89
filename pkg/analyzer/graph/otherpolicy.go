package graph

import (
	"slices"

	"github.com/ekslint/ekslint/pkg/model"
)

// otherPolicyKind is a kind of policy besides networking.k8s.io NetworkPolicy
// that some network plugin obeys.
type otherPolicyKind struct {
	model.GroupKind
	clusterWide bool
}

// otherPolicyKinds are the kinds whose objects may open or close connections
// and which are not evaluated.
func otherPolicyKinds() []otherPolicyKind {
	const upstream, aws, cilium = "policy.networking.k8s.io", "networking.k8s.aws", "cilium.io"
	return []otherPolicyKind{
		{model.GroupKind{Group: upstream, Kind: "AdminNetworkPolicy"}, true},
		{model.GroupKind{Group: upstream, Kind: "BaselineAdminNetworkPolicy"}, true},
		{model.GroupKind{Group: upstream, Kind: "ClusterNetworkPolicy"}, true},
		{model.GroupKind{Group: aws, Kind: "ClusterNetworkPolicy"}, true},
		{model.GroupKind{Group: aws, Kind: "ApplicationNetworkPolicy"}, false},
		{model.GroupKind{Group: cilium, Kind: "CiliumNetworkPolicy"}, false},
		{model.GroupKind{Group: cilium, Kind: "CiliumClusterwideNetworkPolicy"}, true},
		{model.GroupKind{Group: "crd.projectcalico.org", Kind: "NetworkPolicy"}, false},
		{model.GroupKind{Group: "crd.projectcalico.org", Kind: "GlobalNetworkPolicy"}, true},
		{model.GroupKind{Group: "projectcalico.org", Kind: "NetworkPolicy"}, false},
		{model.GroupKind{Group: "projectcalico.org", Kind: "GlobalNetworkPolicy"}, true},
		{model.GroupKind{Group: "crd.antrea.io", Kind: "NetworkPolicy"}, false},
		{model.GroupKind{Group: "crd.antrea.io", Kind: "ClusterNetworkPolicy"}, true},
		{model.GroupKind{Group: "security.istio.io", Kind: "AuthorizationPolicy"}, false},
	}
}

// OtherPolicies returns the objects of a namespace, and those of the whole
// cluster, that may open or close its connections and that are not evaluated:
// policies of other kinds than networking.k8s.io NetworkPolicy. A verdict that
// concerns the namespace is not known where there are any.
func (g *Graph) OtherPolicies(namespace string) []*model.Resource {
	var out []*model.Resource
	for _, kind := range otherPolicyKinds() {
		for _, r := range g.snapshot.All(kind.GroupKind) {
			if kind.clusterWide || r.Ref.Namespace == namespace {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, func(a, b *model.Resource) int { return a.Ref.Compare(b.Ref) })
	return out
}
