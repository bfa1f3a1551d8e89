package eks

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Stranded are targets of a Network Load Balancer in zones in which it has no
// interface. Without load balancing across zones it sends nothing there:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#availability-zones
type Stranded struct {
	// Workload has pods that are targets; nil where the nodes are, whichever pods
	// they hold.
	Workload *graph.Workload
	// Zones are those without an interface, and Subnets hold targets there.
	Zones   []string
	Subnets []*vpc.Subnet
	// All is set when there are no targets elsewhere.
	All bool
}

// Stranded returns the targets of a load balancer that it certainly leaves out.
// Where these are not all, pods may run among them for certain.
func (c *Cluster) Stranded(lb *LoadBalancer) []Stranded {
	enabled, known := enabledZones(lb)
	if lb.CrossZone != model.No || !known || len(lb.Routes) == 0 {
		return nil
	}
	first := lb.Routes[0] // a Service has one type of targets
	switch viaNodes(first) {
	case model.Yes:
		return c.strandedNodes(enabled)
	case model.No:
		var out []Stranded
		for _, w := range first.Service.Pods() {
			if s := c.strandedPods(w, enabled); len(s.Zones) > 0 {
				out = append(out, s)
			}
		}
		return out
	default:
		return nil
	}
}

// enabledZones are the zones in which a load balancer has interfaces.
func enabledZones(lb *LoadBalancer) (zones []string, known bool) {
	for _, f := range lb.Fronts {
		zone, known := f.Subnet.AvailabilityZone.Get()
		if !known {
			return nil, false
		}
		zones = append(zones, zone)
	}
	return zones, len(zones) > 0 && lb.FrontsUnknown == "" && lb.Refused == ""
}

// viaNodes answers whether each node passes on what it is sent, so that it does
// not matter on which the pods run:
// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
func viaNodes(r Route) model.Tri {
	switch {
	case !r.TargetType.Known, r.Service.Resource().IsUnknown("spec", "externalTrafficPolicy"):
		return model.Unknown
	case r.TargetType.Is("instance"):
		return model.TriOf(!r.Service.KeepsToNode())
	default:
		return model.No
	}
}

// strandedNodes is for targets that are nodes, all of which are alike.
func (c *Cluster) strandedNodes(enabled []string) []Stranded {
	out := Stranded{All: c.otherNodes(1) == ""}
	for _, n := range c.Nodes() {
		out.All = out.All && n.SubnetsUnknown == ""
		for _, s := range n.Subnets {
			out.add(s, enabled, model.Yes)
		}
	}
	if !out.All || len(out.Zones) == 0 {
		return nil
	}
	return []Stranded{out}
}

func (c *Cluster) strandedPods(w *graph.Workload, enabled []string) Stranded {
	places, others := c.Places(w)
	all := Stranded{Workload: w, All: others == ""}
	some := Stranded{Workload: w}
	for _, p := range places {
		all.add(p.Subnet, enabled, model.Yes)
		some.add(p.Subnet, enabled, p.Fits)
	}
	switch {
	case all.All:
		return all
	case w.Known() && movesFreely(w):
		return some
	default:
		return Stranded{}
	}
}

// add counts targets in a subnet, which are there for certain or perhaps.
func (s *Stranded) add(in *vpc.Subnet, enabled []string, certain model.Tri) {
	zone, known := in.AvailabilityZone.Get()
	left := known && !slices.Contains(enabled, zone)
	s.All = s.All && left
	if !left || certain != model.Yes {
		return
	}
	if !slices.Contains(s.Zones, zone) {
		s.Zones = append(s.Zones, zone)
	}
	if !slices.Contains(s.Subnets, in) {
		s.Subnets = append(s.Subnets, in)
	}
}

// movesFreely reports whether the pods of a workload may run wherever their nodes
// may be: neither other pods nor volumes hold them, and not each node has one.
func movesFreely(w *graph.Workload) bool {
	spec := w.PodSpec()
	held := spec.NodeName != "" || spec.Affinity != nil && spec.Affinity.PodAffinity != nil ||
		slices.ContainsFunc(spec.Volumes, func(v corev1.Volume) bool { return v.PersistentVolumeClaim != nil || v.Ephemeral != nil })
	return !held && !slices.Contains([]string{"DaemonSet", "StatefulSet"}, w.Owner().Kind)
}
