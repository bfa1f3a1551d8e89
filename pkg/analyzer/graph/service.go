package graph

import (
	"net/netip"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/model"
)

// kindEndpoints is the kind that EndpointSlices replace.
var kindEndpoints = model.GroupKind{Kind: "Endpoints"}

// Service is a Service with its pods.
type Service struct {
	chosen   *choice
	resource *model.Resource
	spec     *corev1.ServiceSpec
	selector Selector
	// Manager is who makes a load balancer of it; ManagerNone for Services
	// that ask for none.
	Manager Manager
	// Endpoints is set when an EndpointSlice for the Service is in the input.
	Endpoints bool
	// Ingresses are the ALB Ingresses that forward to it.
	Ingresses []*Ingress
}

// Ref implements Object.
func (s *Service) Ref() model.Ref { return s.resource.Ref }

// Resource implements Object.
func (s *Service) Resource() *model.Resource { return s.resource }

// Type is the Service's type; ClusterIP is Kubernetes' default for an absent one.
func (s *Service) Type() corev1.ServiceType {
	if s.spec.Type == "" {
		return corev1.ServiceTypeClusterIP
	}
	return s.spec.Type
}

// Spec is the specification. It is shared and must not be changed.
func (s *Service) Spec() *corev1.ServiceSpec { return s.spec }

// Annotation returns the setting that an annotation of the Service gives, by its
// suffix behind service.beta.kubernetes.io/; its origin is OriginNone when the
// annotation is not there.
func (s *Service) Annotation(suffix string) Setting {
	if setting, ok := annotation(OriginService, s.resource, servicePrefix+suffix); ok {
		return setting
	}
	return unset()
}

// Selector selects the pods; an empty one selects none.
func (s *Service) Selector() Selector { return s.selector }

// Port returns the index of the port that an Ingress backend names, by number
// or by name. The Tri is Unknown when the ports are not fully known.
func (s *Service) Port(number int32, name string) (int, model.Tri) {
	for i, p := range s.spec.Ports {
		if name != "" && p.Name == name || name == "" && p.Port == number {
			return i, model.Yes
		}
	}
	if s.resource.IsUnknown("spec", "ports") {
		return 0, model.Unknown
	}
	return 0, model.No
}

// NodePort answers whether the port at index i has a node port. The API server
// allocates one for NodePort and LoadBalancer Services unless told not to:
// https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-nodeport-allocation
func (s *Service) NodePort(i int) model.Tri {
	if s.resource.IsUnknown("spec", "type") || s.resource.IsUnknown("spec", "allocateLoadBalancerNodePorts") {
		return model.Unknown
	}
	switch s.Type() {
	case corev1.ServiceTypeNodePort:
		return model.Yes
	case corev1.ServiceTypeLoadBalancer:
		allocate := s.spec.AllocateLoadBalancerNodePorts
		return model.TriOf(allocate == nil || *allocate || s.spec.Ports[i].NodePort != 0)
	default:
		return model.No
	}
}

// ClusterIPs are the addresses that the manifest fixes for the Service; those
// that the API server gives to it are in none.
func (s *Service) ClusterIPs() []netip.Addr {
	var out []netip.Addr
	for _, text := range append(slices.Clone(s.spec.ClusterIPs), s.spec.ClusterIP) {
		if a, err := netip.ParseAddr(text); err == nil && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// Protocol is that of the port at index i; TCP is Kubernetes' default for an
// absent one.
func (s *Service) Protocol(i int) corev1.Protocol { return orTCP(s.spec.Ports[i].Protocol) }

// TargetPort answers whether the target of the port at index i exists on a pod
// of the workload, and its number. A number always exists: containerPort is
// only informational.
func (s *Service) TargetPort(i int, w *Workload) (int32, model.Tri) {
	p := s.spec.Ports[i]
	switch {
	case s.resource.IsUnknown("spec", "ports", strconv.Itoa(i), "targetPort"):
		return 0, model.Unknown
	case p.TargetPort.Type == intstr.String && p.TargetPort.StrVal != "":
		return w.ContainerPort(p.TargetPort.StrVal, p.Protocol)
	case p.TargetPort.IntVal != 0:
		return p.TargetPort.IntVal, model.Yes
	default:
		return p.Port, model.Yes
	}
}

func (g *Graph) addServices(sh *shard) {
	endpoints, around := g.endpointOwners(sh.name), g.population(sh.name)
	for _, r := range g.snapshot.List(model.KindService, sh.name) {
		object, ok := r.Object.(*corev1.Service)
		if !ok {
			continue
		}
		s := &Service{resource: r, spec: &object.Spec}
		if before, ok := sh.was(r).(*Service); ok {
			s.selector, s.chosen = before.selector, before.chosen
		} else {
			s.selector = SelectorOfMap(object.Spec.Selector)
		}
		s.chosen = choose(around, s.selector, s.chosen)
		s.Manager = g.serviceManager(s)
		s.Endpoints = endpoints[r.Ref.Name]
		sh.namespace.Services = append(sh.namespace.Services, s)
		sh.add("Service", s)
	}
}

// Pods are the workloads that the Service certainly selects.
func (s *Service) Pods() []*Workload {
	pods, _ := s.pods()
	return pods
}

// PodsCertain is Yes when Pods are all, as far as the namespace is known.
func (s *Service) PodsCertain() model.Tri {
	_, certain := s.pods()
	return certain
}

func (s *Service) pods() ([]*Workload, model.Tri) {
	if s.resource.IsUnknown("spec", "selector") {
		return nil, model.Unknown
	}
	if s.selector.Empty() {
		return nil, model.Yes
	}
	return s.chosen.selected()
}

// endpointOwners finds the Services that have an EndpointSlice in the input:
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ownership
func (g *Graph) endpointOwners(namespace string) map[string]bool {
	owners := map[string]bool{}
	for _, r := range g.snapshot.List(model.KindEndpointSlice, namespace) {
		if !MadeOfPods(r) {
			owners[r.Object.GetLabels()[discoveryv1.LabelServiceName]] = true
		}
	}
	for _, r := range g.snapshot.List(kindEndpoints, namespace) {
		if !MadeOfPods(r) {
			owners[r.Ref.Name] = true
		}
	}
	return owners
}

// MadeOfPods reports whether an object is an EndpointSlice or Endpoints that Kubernetes
// makes of the pods which a Service selects, as for every Service of a running cluster, and
// so says nothing that they do not:
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#management
// https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-managed-by
func MadeOfPods(r *model.Resource) bool {
	switch labels := r.Object.GetLabels(); r.Ref.GroupKind() {
	case model.KindEndpointSlice:
		return labels[discoveryv1.LabelManagedBy] == "endpointslice-controller.k8s.io"
	case kindEndpoints:
		return labels["endpoints.kubernetes.io/managed-by"] == "endpoint-controller"
	default:
		return false
	}
}

// ServicesOf returns the Services that certainly select the pods of the
// workload, in the order of Ref.
func (g *Graph) ServicesOf(w *Workload) []*Service {
	ns := g.Namespace(w.Ref().Namespace)
	if ns == nil {
		return nil
	}
	var out []*Service
	for _, s := range ns.Services {
		if !s.selector.Empty() && w.Selected(s.selector) == model.Yes {
			out = append(out, s)
		}
	}
	return out
}

// service returns the Service of that name, or nil.
func (g *Graph) service(namespace, name string) *Service {
	s, _ := g.Lookup(model.Ref{Kind: "Service", Namespace: namespace, Name: name}).(*Service)
	return s
}

// KeepsToNode reports whether a node passes what comes from outside the cluster to the
// pods that run on it and to no others:
// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
func (s *Service) KeepsToNode() bool {
	return s.spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

// Exposed reports whether something outside the cluster may reach the Service:
// a load balancer, a node port or an Ingress.
func (s *Service) Exposed() bool {
	return len(s.Ingresses) > 0 || s.Manager != ManagerNone ||
		s.Type() == corev1.ServiceTypeNodePort || s.Type() == corev1.ServiceTypeLoadBalancer
}
