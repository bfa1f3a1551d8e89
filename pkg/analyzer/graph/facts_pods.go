package graph

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ServiceFacts is what Facts returns for a Service.
type ServiceFacts struct {
	// Manager is lbc, auto-mode, legacy, other, none or unknown.
	Manager Manager `json:"manager"`
	Type    string  `json:"type"`
	Scheme  Setting `json:"scheme"`
	// Settings maps the suffix of a service.beta.kubernetes.io annotation to
	// its value. It holds what is written and what a patch may write.
	Settings map[string]Setting `json:"settings"`
	// Classless is "yes" when the cluster decides who makes the load balancer.
	Classless model.Tri `json:"classless"`
	Sources   Sources   `json:"sources"`
	// TargetType is how a Network Load Balancer reaches the pods.
	TargetType Setting `json:"target_type"`
	// ServiceWebhook is "yes" when new Services get the controller's class.
	ServiceWebhook model.Tri `json:"service_webhook"`
	AutoMode       model.Tri `json:"auto_mode"`
	// Ingresses are the ALB Ingresses that forward to the Service.
	Ingresses []model.Ref `json:"ingresses"`
	// Annotations are those of the Ingress family that stand on the Service.
	Annotations []Annotation `json:"annotations"`
	Pods        []model.Ref  `json:"pods"`
	PodsCertain model.Tri    `json:"pods_certain"`
}

func (g *Graph) serviceFacts(s *Service) ServiceFacts {
	return ServiceFacts{
		Manager: s.Manager, Type: string(s.Type()), Scheme: g.Scheme(s), Settings: s.settings(),
		Classless: s.Classless(), Sources: g.Sources(s), TargetType: g.NLBTargetType(s),
		ServiceWebhook: g.controller.ServiceWebhook, AutoMode: g.controller.AutoMode,
		Ingresses: refs(s.Ingresses), Annotations: g.ServiceAnnotations(s),
		Pods: refs(s.Pods()), PodsCertain: s.PodsCertain(),
	}
}

func (s *Service) settings() map[string]Setting {
	out := map[string]Setting{}
	for key := range s.resource.Object.GetAnnotations() {
		if suffix, ok := strings.CutPrefix(key, lbc.Service.Prefix()); ok {
			out[suffix], _ = annotation(OriginService, s.resource, key)
		}
	}
	if len(s.resource.Unknown) == 0 {
		return out
	}
	for _, a := range lbc.All(lbc.Service) {
		if setting, ok := annotation(OriginService, s.resource, a.Key()); ok {
			out[a.Suffix] = setting
		}
	}
	return out
}

// WorkloadFacts is what Facts returns for a workload.
type WorkloadFacts struct {
	HostNetwork bool `json:"host_network"`
	// Holder and TemplatePath lead to the pod template.
	Holder       model.Ref  `json:"holder"`
	TemplatePath model.Path `json:"template_path"`
	Known        bool       `json:"known"`
	// Policies are those that select the pods.
	Policies []model.Ref `json:"policies"`
	Services []model.Ref `json:"services"`
}

func (g *Graph) workloadFacts(w *Workload) WorkloadFacts {
	return WorkloadFacts{
		HostNetwork: w.HostNetwork(), Holder: w.holder.Ref, TemplatePath: w.PathTo(), Known: w.Known(),
		Policies: refs(g.PoliciesOf(w)), Services: refs(g.ServicesOf(w)),
	}
}

// PolicyFacts is what Facts returns for a NetworkPolicy.
type PolicyFacts struct {
	// Ingress and Egress say whether the policy isolates in the direction.
	Ingress    model.Tri `json:"ingress"`
	Egress     model.Tri `json:"egress"`
	SelectsAll model.Tri `json:"selects_all"`
	// Pods are the workloads that it certainly selects.
	Pods []model.Ref `json:"pods"`
	// BehindLoadBalancer is set when traffic from outside may reach the pods.
	BehindLoadBalancer bool `json:"behind_load_balancer"`
	// CalledPorts are the ports of pods, by number and by name, that the API server calls;
	// AnyPortCalled is set when it may be any.
	CalledPorts   []intstr.IntOrString `json:"called_ports"`
	AnyPortCalled bool                 `json:"any_port_called"`
	Selections    []Selection          `json:"selections"`
}

func (g *Graph) policyFacts(p *Policy) PolicyFacts {
	called, isAny := g.CalledPorts(p)
	return PolicyFacts{
		CalledPorts: called, AnyPortCalled: isAny,
		Ingress: p.Ingress, Egress: p.Egress, SelectsAll: p.SelectsAll(), Pods: refs(p.Pods()),
		BehindLoadBalancer: g.BehindLoadBalancer(p), Selections: g.Selections(p),
	}
}
