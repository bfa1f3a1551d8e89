package graph

import (
	"cmp"
	"slices"
	"strconv"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// calledPort is a port of a Service that the API server calls. It comes from the addresses
// of the control plane, which no selector names.
type calledPort struct {
	namespace, name string
	// anyNamespace and anyName are set where the input does not fix them.
	anyNamespace, anyName bool
	number                int32
}

// defaultCalledPort is what both kinds of reference have without a port:
// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/
const defaultCalledPort = 443

// readCalledPorts are those of webhooks and of APIServices.
func (g *Graph) readCalledPorts() []calledPort {
	var out []calledPort
	add := func(r *model.Resource, namespace, name string, port *int32, at ...string) {
		c := calledPort{namespace: namespace, name: name, number: defaultCalledPort}
		c.anyNamespace, c.anyName = r.IsUnknown(append(at, "namespace")...), r.IsUnknown(append(at, "name")...)
		if port != nil {
			c.number = *port
		}
		out = append(out, c)
	}
	hook := func(r *model.Resource, i int, s *admissionv1.ServiceReference) {
		if s != nil {
			add(r, s.Namespace, s.Name, s.Port, "webhooks", strconv.Itoa(i), "clientConfig", "service")
		}
	}
	for _, gk := range []model.GroupKind{model.KindValidatingWebhookConfiguration, model.KindMutatingWebhookConfiguration, model.KindAPIService} {
		for _, r := range g.snapshot.All(gk) {
			switch o := r.Object.(type) {
			case *admissionv1.ValidatingWebhookConfiguration:
				for i, w := range o.Webhooks {
					hook(r, i, w.ClientConfig.Service)
				}
			case *admissionv1.MutatingWebhookConfiguration:
				for i, w := range o.Webhooks {
					hook(r, i, w.ClientConfig.Service)
				}
			case *apiregistrationv1.APIService:
				if s := o.Spec.Service; s != nil {
					add(r, s.Namespace, s.Name, s.Port, "spec", "service")
				}
			}
		}
	}
	return out
}

func (c calledPort) isOf(s *Service) bool {
	return (c.anyNamespace || c.namespace == s.Ref().Namespace) && (c.anyName || c.name == s.Ref().Name)
}

// CalledPorts returns the ports over TCP on which the API server may call pods of a policy,
// as a webhook or for an APIService: their numbers and names, sorted. It may be any port when
// the input does not fix to which one the Service sends.
func (g *Graph) CalledPorts(p *Policy) (ports []intstr.IntOrString, isAny bool) {
	selected := p.Pods()
	for _, s := range g.Namespace(p.Ref().Namespace).Services {
		for _, c := range g.called() {
			i, ok := s.overTCP(c.number)
			if !ok || !c.isOf(s) {
				continue
			}
			pods := s.Pods()
			if s.resource.IsUnknown("spec", "selector") {
				pods = selected
			}
			for _, w := range pods {
				if !slices.Contains(selected, w) {
					continue
				}
				number, known := s.TargetPort(i, w)
				if isAny = isAny || known == model.Unknown; known == model.Yes {
					ports = append(ports, namesOf(w, number)...)
				}
			}
		}
	}
	slices.SortFunc(ports, func(a, b intstr.IntOrString) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(ports), isAny
}

// namesOf is a port of pods by its number and its names.
func namesOf(w *Workload, number int32) []intstr.IntOrString {
	out := []intstr.IntOrString{intstr.FromInt32(number)}
	ports, _ := w.Ports()
	for _, p := range ports {
		if p.ContainerPort == number && p.Name != "" && orTCP(p.Protocol) == corev1.ProtocolTCP {
			out = append(out, intstr.FromString(p.Name))
		}
	}
	return out
}
