package graph

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Labels of nodes by which pods choose those of one kind.
// https://docs.aws.amazon.com/eks/latest/userguide/associate-workload.html
// https://karpenter.sh/docs/concepts/scheduling/
const (
	computeTypeLabel = "eks.amazonaws.com/compute-type"
	nodeGroupLabel   = "eks.amazonaws.com/nodegroup"
	nodePoolLabel    = "karpenter.sh/nodepool"
	karpenterGroup   = "karpenter.k8s.aws"
)

// NodePool is a NodePool of Karpenter with the class of its nodes.
type NodePool struct {
	resource *model.Resource
	spec     model.NodePoolSpec
	// Class is the EC2NodeClass or NodeClass; nil when the input does not show it.
	Class *model.Resource
}

// Ref implements Object.
func (p *NodePool) Ref() model.Ref { return p.resource.Ref }

// Resource implements Object.
func (p *NodePool) Resource() *model.Resource { return p.resource }

// nodePoolClass is what a NodePool names as the class of its nodes.
func nodePoolClass(r *model.Resource) model.NodeClassRef {
	object, ok := r.Object.(*model.NodePool)
	if !ok || r.IsUnknown("spec", "template", "spec", "nodeClassRef") {
		return model.NodeClassRef{}
	}
	ref := object.Spec.Template.Spec.NodeClassRef
	if ref.Group == "" && ref.Kind == model.KindEC2NodeClass.Kind {
		ref.Group = karpenterGroup
	}
	return ref
}

// NodePools are those of the input.
func (g *Graph) NodePools() []*NodePool {
	var out []*NodePool
	for _, r := range g.snapshot.All(model.KindNodePool) {
		object, ok := r.Object.(*model.NodePool)
		if !ok {
			continue
		}
		ref := nodePoolClass(r)
		out = append(out, &NodePool{
			resource: r, spec: object.Spec,
			Class: g.snapshot.Get(model.Ref{Group: ref.Group, Kind: ref.Kind, Name: ref.Name}),
		})
	}
	return out
}

// selectedPool is the NodePool that pods select by name; nil when they select
// none, or the input does not show it.
func (g *Graph) selectedPool(w *Workload) *NodePool {
	spec := w.PodSpec()
	if spec == nil || w.Holder().IsUnknown(w.PathTo("spec", "nodeSelector")...) {
		return nil
	}
	name := spec.NodeSelector[nodePoolLabel]
	for _, pool := range g.NodePools() {
		if name == pool.Ref().Name {
			return pool
		}
	}
	return nil
}

// Takes reports whether the pods of a workload certainly may run on nodes of the
// pool: it has no taint, and every label that they select is one it gives.
func (p *NodePool) Takes(w *Workload) bool {
	spec := w.PodSpec()
	if spec == nil || spec.Affinity != nil || len(p.spec.Template.Spec.Taints) > 0 ||
		w.Holder().IsUnknown(w.PathTo("spec", "nodeSelector")...) || w.Holder().IsUnknown(w.PathTo("spec", "affinity")...) || p.resource.IsUnknown("spec", "template") {
		return false
	}
	for key, value := range spec.NodeSelector {
		if !p.gives(key, value) {
			return false
		}
	}
	return true
}

func (p *NodePool) gives(key, value string) bool {
	if key == nodePoolLabel {
		return value == p.Ref().Name
	}
	if label, ok := p.spec.Template.Metadata.Labels[key]; ok {
		return label == value
	}
	return slices.ContainsFunc(p.spec.Template.Spec.Requirements, func(r model.NodeRequirement) bool {
		return r.Key == key && r.Operator == string(corev1.NodeSelectorOpIn) && slices.Contains(r.Values, value)
	})
}

// Spec is the specification of the pool.
func (p *NodePool) Spec() model.NodePoolSpec { return p.spec }

// HopLimit is how many hops an answer of the instance metadata service goes from
// a node of the pool. It is not known without the EC2NodeClass, and 0 when the
// service is off. Version v1beta1 has another default:
// https://karpenter.sh/docs/concepts/nodeclasses/#specmetadataoptions
// https://karpenter.sh/v1.0/upgrading/v1-migration/
func (p *NodePool) HopLimit() (limit int64, known bool) {
	if p.Class == nil || p.Class.IsUnknown("spec", "metadataOptions") {
		return 0, false
	}
	object, ok := p.Class.Object.(*model.EC2NodeClass)
	if !ok {
		return 0, false
	}
	options := object.Spec.MetadataOptions
	switch {
	case options != nil && options.HTTPEndpoint != nil && *options.HTTPEndpoint == "disabled":
		return 0, true
	case options != nil && options.HTTPPutResponseHopLimit != nil:
		return *options.HTTPPutResponseHopLimit, true
	case p.Class.Version == "v1beta1":
		return 2, true
	default:
		return 1, true
	}
}
