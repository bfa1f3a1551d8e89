package graph

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// The ConfigMap that switches the network policies of EKS Auto Mode on. Beside
// nodes of another kind it does not show that they have an agent.
// https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
const (
	vpcCNIConfig     = "amazon-vpc-cni"
	policyController = "enable-network-policy-controller"
	defaultDeny      = "DefaultDeny"
)

func (g *Graph) autoModeEnforcement() Enforcement {
	o := g.Lookup(model.Ref{Kind: model.KindConfigMap.Kind, Namespace: policyEngineSpace, Name: vpcCNIConfig})
	if o == nil || g.controller.AutoMode != model.Yes {
		return Enforcement{}
	}
	at := model.Path{"data", policyController}
	out := Enforcement{Engine: EngineVPCCNI, Agent: o, At: at, AutoMode: true, ClusterPolicies: model.Yes}
	object, ok := o.Resource().Object.(*corev1.ConfigMap)
	if !ok {
		return Enforcement{}
	}
	if on, err := strconv.ParseBool(object.Data[policyController]); err == nil {
		out.Enforced = model.TriOf(on)
	}
	return out
}

// Strict answers whether the VPC CNI denies what no policy selects among the
// pods of a workload, with the object that says so and the place in its Holder.
// https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
func (g *Graph) Strict(w *Workload) (answer model.Tri, by Object, at model.Path) {
	e := g.Enforcement()
	if !e.AutoMode {
		return e.strict, e.Agent, e.strictAt
	}
	at = model.Path{"spec", "networkPolicy"}
	if pool := g.selectedPool(w); pool != nil && pool.Class != nil {
		if object, ok := pool.Class.Object.(*model.NodeClass); ok && !pool.Class.IsUnknown(at...) {
			return model.TriOf(object.Spec.NetworkPolicy == defaultDeny), g.Lookup(pool.Class.Ref), at
		}
	}
	for _, r := range g.snapshot.All(model.KindNodeClass) {
		object, ok := r.Object.(*model.NodeClass)
		if ok && (object.Spec.NetworkPolicy == defaultDeny || r.IsUnknown(at...)) {
			return model.Unknown, g.Lookup(r.Ref), at
		}
	}
	return model.No, e.Agent, e.At
}

// OnAutoMode answers whether the pods run on nodes that EKS Auto Mode makes, by
// what they select and by what the cluster shows of it.
func (g *Graph) OnAutoMode(w *Workload) model.Tri {
	spec := w.PodSpec()
	if spec == nil || w.Holder().IsUnknown(w.PathTo("spec", "nodeSelector")...) {
		return model.Unknown
	}
	for key, value := range spec.NodeSelector {
		switch {
		case key == computeTypeLabel && value == "auto", strings.HasPrefix(key, autoModeGroup+"/instance-"):
			return model.Yes
		case key == computeTypeLabel, key == nodeGroupLabel, strings.HasPrefix(key, karpenterGroup+"/"):
			return model.No
		}
	}
	if pool := g.selectedPool(w); pool != nil {
		return byGroup(nodePoolClass(pool.resource).Group)
	}
	if g.controller.AutoMode == model.No {
		return model.No
	}
	return model.Unknown
}

func byGroup(group string) model.Tri {
	switch group {
	case autoModeGroup:
		return model.Yes
	case karpenterGroup:
		return model.No
	default:
		return model.Unknown
	}
}
