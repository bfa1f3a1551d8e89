package reach

import (
	"cmp"
	"net/netip"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
)

// Endpoint is the pods of one workload or, when Workload is nil, a range of
// addresses outside the cluster that no rule tells apart.
type Endpoint struct {
	Workload *graph.Workload
	Range    netset.Range
	// Assumed is set for pods that the input does not show although every
	// cluster has them. Edges leave them out.
	Assumed bool
	// Label names what is neither, such as a load balancer. No endpoint of an
	// engine has one.
	Label string
	// gone is set for a workload that the graph no longer holds.
	gone bool
}

// String writes namespace/name[Kind] of the workload's owner,
// first-last[External] or the label.
func (e Endpoint) String() string {
	if e.Label != "" {
		return e.Label
	}
	if e.Workload == nil {
		return e.Range.String() + "[External]"
	}
	ref := e.Workload.Owner()
	return e.Namespace() + "/" + ref.Name + "[" + ref.Kind + "]"
}

// Namespace is that of the workload. One that names none is shown in default,
// where kubectl puts it; an address range has none.
func (e Endpoint) Namespace() string {
	if e.Workload == nil {
		return ""
	}
	return cmp.Or(e.Workload.Ref().Namespace, corev1.NamespaceDefault)
}

// hostNetwork reports whether policies neither isolate nor select the pods.
func (e Endpoint) hostNetwork() bool { return e.Workload != nil && e.Workload.HostNetwork() }

// single reports whether the endpoint is one pod, so that a connection to
// itself is one of a pod to itself and not of a replica to another.
func (e Endpoint) single() bool { return e.Workload != nil && e.Workload.Single() }

// Addresses are those of the workload's pods that the input shows.
func (e Endpoint) Addresses() []netip.Addr {
	if e.Workload == nil {
		return nil
	}
	return e.Workload.Addresses()
}
