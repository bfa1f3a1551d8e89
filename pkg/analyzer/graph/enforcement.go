package graph

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// PolicyEngine is what enforces network policies in a cluster.
type PolicyEngine string

// The engines that the graph tells apart. The zero value is unknown: policies
// may be enforced by any of them, by another one, or not at all.
const (
	EngineUnknown PolicyEngine = ""
	EngineVPCCNI  PolicyEngine = "Amazon VPC CNI"
	EngineCilium  PolicyEngine = "Cilium"
	EngineOther   PolicyEngine = "another engine"
)

// Enforcement is what the input shows of the engine.
type Enforcement struct {
	Engine PolicyEngine
	// Enforced is Yes when an engine is there and switched on, No when the VPC
	// CNI is there with its policies switched off and no other engine is.
	Enforced model.Tri
	// Agent is the object that shows it, a DaemonSet or the ConfigMap that EKS Auto
	// Mode reads, and At the place in its Holder.
	Agent Object
	At    model.Path
	// AutoMode is set where EKS Auto Mode enforces policies, on its own nodes.
	AutoMode bool
	// IPv4 is Yes when the agent says that the cluster is not one of IPv6.
	IPv4 model.Tri
	// strict is Yes when the VPC CNI denies what no policy selects, strictAt the
	// place in Agent that says so. EKS Auto Mode has it by class of nodes.
	strict   model.Tri
	strictAt model.Path
	// ClusterPolicies is Yes when its version reads the ClusterNetworkPolicy of
	// AWS, No when it is older.
	ClusterPolicies model.Tri
	// cni are the settings of the VPC CNI; of another engine none are known.
	cni CNI
}

// The container of the VPC CNI's agent, and the flag that switches it on, which
// is off by default: https://github.com/aws/aws-network-policy-agent#enable-network-policy
const (
	nodeAgent         = "aws-eks-nodeagent"
	nodeAgentSwitch   = "enable-network-policy"
	nodeAgentIPv6     = "enable-ipv6"
	vpcCNI            = "aws-node"
	enforcingMode     = "NETWORK_POLICY_ENFORCING_MODE"
	policyEngineSpace = "kube-system"
)

// Enforcement reads the engine from the DaemonSets of the input. Several
// engines make it unknown, because which of them is in charge is not known.
func (g *Graph) Enforcement() Enforcement { return g.enforcement() }

func (g *Graph) readEnforcement() Enforcement {
	var found []Enforcement
	for _, o := range g.Objects(model.KindDaemonSet.Kind) {
		if w, ok := o.(*Workload); ok {
			if e, ok := engineOf(w); ok {
				found = append(found, e)
			}
		}
	}
	if len(found) == 0 {
		if e, ok := g.addonEnforcement(); ok {
			return e
		}
		return g.autoModeEnforcement()
	}
	on := slices.DeleteFunc(slices.Clone(found), func(e Enforcement) bool { return e.Enforced == model.No })
	switch {
	case len(on) == 1:
		return on[0]
	case len(on) == 0 && len(found) == 1:
		return found[0]
	default:
		return Enforcement{}
	}
}

func engineOf(w *Workload) (Enforcement, bool) {
	name := w.Ref().Name
	switch {
	case w.PodSpec() == nil:
		return Enforcement{}, false
	case isVPCCNI(w):
		return vpcCNIOf(w), true
	case name == "cilium":
		return Enforcement{Engine: EngineCilium, Enforced: model.Yes, Agent: w, At: w.PathTo("spec")}, true
	case name == "calico-node", name == "canal", name == "antrea-agent", name == "kube-router", name == "weave-net":
		return Enforcement{Engine: EngineOther, Enforced: model.Yes, Agent: w, At: w.PathTo("spec")}, true
	default:
		return Enforcement{}, false
	}
}

// vpcCNIOf reads the arguments of the agent beside the VPC CNI. Without the
// agent nothing enforces policies.
func vpcCNIOf(w *Workload) Enforcement {
	out := Enforcement{Engine: EngineVPCCNI, Enforced: model.No, Agent: w, At: w.PathTo("spec", "containers")}
	mayBeAgent := func(c corev1.Container) bool { return placeholder.In(c.Name) }
	if w.Holder().Hides(w.PathTo("spec", "containers")...) || slices.ContainsFunc(w.PodSpec().Containers, mayBeAgent) {
		out.Enforced = model.Unknown
	}
	for i, c := range w.PodSpec().Containers {
		at := w.PathTo("spec", "containers", strconv.Itoa(i))
		switch c.Name {
		case vpcCNI:
			out.cni = cniOf(w)
			out.strict, out.strictAt = out.strictMode()
			out.ClusterPolicies = readsClusterPolicies(versionOf(c.Image))
		case nodeAgent:
			out.At = at
			if !w.Holder().Hides(at.Child("args")...) {
				out.Enforced = flagged(c, nodeAgentSwitch)
				out.IPv4 = flagged(c, nodeAgentIPv6).Not()
			} else {
				out.Enforced = model.Unknown
			}
			for n, arg := range c.Args {
				if strings.HasPrefix(strings.TrimLeft(arg, "-"), nodeAgentSwitch+"=") {
					out.At = out.At.Child("args", strconv.Itoa(n))
				}
			}
		}
	}
	return out
}

// OtherFamily answers whether the VPC CNI gives pods an interface of the family
// that is not the cluster's, by which they leave and nothing reaches them, with
// the place that says so. It does not filter that interface.
// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
func (e Enforcement) OtherFamily() (family string, on model.Tri, at model.Path) {
	switch e.IPv4 {
	case model.Yes:
		on, at = e.cni.Switch("ENABLE_V6_EGRESS", false)
		return "IPv6", on, at
	case model.No:
		on, at = e.cni.Switch("ENABLE_V4_EGRESS", true)
		return "IPv4", on, at
	default:
		return "", model.Unknown, nil
	}
}

// strictMode reads the mode, which is standard unless it is given.
// https://github.com/aws/amazon-vpc-cni-k8s#network_policy_enforcing_mode-v1171
func (e Enforcement) strictMode() (model.Tri, model.Path) {
	mode, at, known := e.cni.read(enforcingMode)
	if !known {
		return model.Unknown, at
	}
	return model.TriOf(mode == "strict"), at
}

// versionOf is the tag of an image.
func versionOf(image string) string {
	name, _, _ := strings.Cut(image, "@")
	return name[strings.LastIndexByte(name, ':')+1:]
}

// readsClusterPolicies answers by the version of the VPC CNI:
// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
func readsClusterPolicies(release string) model.Tri {
	v, err := version.ParseSemantic(release)
	if err != nil {
		return model.Unknown
	}
	return model.TriOf(v.AtLeast(version.MajorMinor(1, 21)))
}

// flagged reads a flag that is off unless it is given.
func flagged(c corev1.Container, name string) model.Tri {
	answer := model.No
	for _, arg := range slices.Concat(c.Command, c.Args) {
		flag, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case placeholder.In(flag):
			return model.Unknown
		case flag != name:
		case !given:
			answer = model.Yes
		default:
			on, err := strconv.ParseBool(value)
			if err != nil {
				return model.Unknown
			}
			answer = model.TriOf(on)
		}
	}
	return answer
}
