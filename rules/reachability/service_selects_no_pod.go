package reachability

import (
	"cmp"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// ServiceSelectsNoPod is REACH-004.
func ServiceSelectsNoPod() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "REACH-004",
			Title:    "Service selects no pod",
			Category: "reachability",
			Description: `Fires on a Service whose traffic arrives nowhere, for one of three reasons. No pod template of its
namespace has all labels of its selector: an error when a template has all but one, and that one reads like
a slip, a warning when the input is declared complete. The selected pods have no port of the
name that targetPort asks for. Or an Ingress sends traffic to the pods of the Service by their addresses,
and the Service has no selector or is an ExternalName: the controller registers addresses of pods only.
It is silent where the pods may be elsewhere, such as in a chart, where custom resources may make pods, on Services whose
EndpointSlice is in the input, on labels that pods get at run time, on namespaces that Kubernetes or EKS
fills, on numeric target ports, which no pod has to declare, and on named ones where sidecars are injected.`,
			Rationale:   `Connections to the Service fail or time out, and its load balancer has no healthy target.`,
			Remediation: `Make the labels or the port name of the Service and of the pod template the same.`,
			Severity:    rule.Error,
			Kinds:       []string{"Service"},
			Reads:       []string{graph.KindWorkload, "Ingress", "Endpoints", "EndpointSlice"},
			Refs: []string{
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/backend/endpoint_resolver.go",
				"https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
				"https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors",
			},
			Since: "0.1.0",
		},
		Run: rule.On(func(p *rule.Pass, s *graph.Service) {
			switch {
			case s.Type() == corev1.ServiceTypeExternalName, s.Selector().Empty():
				withoutPods(p, s)
			case len(s.Pods()) > 0:
				portNames(p, s)
			default:
				selector(p, s)
			}
		}),
	}
}

// selector reports that no pod has the labels.
func selector(p *rule.Pass, s *graph.Service) {
	namespace := s.Ref().Namespace
	declared := p.Graph.Snapshot().Knows(model.Workloads, namespace) == model.Declared
	if s.PodsCertain() != model.Yes || s.Endpoints || s.AsksRuntimeLabel() || graph.IsSystemNamespace(namespace) && !declared {
		return
	}
	f := rule.Finding{
		Severity: rule.Warning,
		Message:  fmt.Sprintf("Service %q selects no pod: no workload of its namespace has the labels of its selector", s.Ref().Name),
		At:       rule.ValueAt(s.Resource(), "spec", "selector"),
	}
	if near := p.Graph.NearMissOf(s); near != nil {
		describe(p, &f, s, near)
	} else if !declared {
		return
	}
	p.Report(f)
}

// describe completes the finding with the workload that the Service all but selects.
func describe(p *rule.Pass, f *rule.Finding, s *graph.Service, near *graph.NearMiss) {
	f.Severity = rule.Error
	f.At = rule.ValueAt(s.Resource(), "spec", "selector", near.Key)
	has := fmt.Sprintf("has no label %s", near.Key)
	if near.Has != "" {
		has = fmt.Sprintf("has %s %q, not %q", near.Key, near.Has, near.Want)
	}
	f.Message = fmt.Sprintf("Service %q selects no pod: %s %q %s", s.Ref().Name, near.Ref.Kind, near.Ref.Name, has)
	if w, ok := p.Graph.Lookup(near.Ref).(*graph.Workload); ok {
		f.Related = []rule.Related{{
			Message: fmt.Sprintf("%s %q %s", near.Ref.Kind, near.Ref.Name, has),
			At:      rule.ValueAt(w.Holder(), w.PathTo("metadata", "labels", near.Key)...),
		}}
	}
}

// portNames reports the target ports whose name no selected pod has.
func portNames(p *rule.Pass, s *graph.Service) {
	if s.PodsCertain() != model.Yes || s.Endpoints {
		return
	}
	w := s.Pods()[0]
	subject := fmt.Sprintf("%s %q", w.Ref().Kind, w.Ref().Name)
	for i, port := range s.Spec().Ports {
		if !missing(p, s, i) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Port %d of Service %q has no endpoints: no container of %s has a %s port named %q",
				port.Port, s.Ref().Name, subject, cmp.Or(port.Protocol, corev1.ProtocolTCP), port.TargetPort.StrVal),
			At:      rule.ValueAt(s.Resource(), "spec", "ports", strconv.Itoa(i), "targetPort"),
			Related: []rule.Related{{Message: "the containers of " + subject, At: rule.KeyAt(w.Holder(), w.PathTo("spec", "containers")...)}},
		})
	}
}

func missing(p *rule.Pass, s *graph.Service, i int) bool {
	for _, w := range s.Pods() {
		if _, has := s.TargetPort(i, w); has != model.No || p.Graph.MayGetSidecar(w) {
			return false
		}
	}
	return true
}

// withoutPods reports the Ingresses that look for pods of a Service without any.
func withoutPods(p *rule.Pass, s *graph.Service) {
	why, severity := "has no selector", rule.Warning
	switch {
	case s.Type() == corev1.ServiceTypeExternalName:
		why, severity = "is an ExternalName", rule.Error
	case s.PodsCertain() != model.Yes:
		return
	case s.Endpoints:
		severity = rule.Error
	}
	for _, ingress := range s.Ingresses {
		for _, t := range targets(ingress, s) {
			p.Report(rule.Finding{
				Severity: severity,
				Message: fmt.Sprintf("Ingress %q sends traffic to the pods of Service %q by their addresses, but the Service %s and so has no pods",
					ingress.Ref().Name, s.Ref().Name, why),
				At:      rule.ValueAt(ingress.Resource(), t.Path...),
				Related: []rule.Related{{Message: fmt.Sprintf("Service %q %s", s.Ref().Name, why), At: rule.KeyAt(s.Resource(), "spec")}},
			})
		}
	}
}

// targets are the places where the Ingress forwards to the addresses of the
// Service's pods.
func targets(ingress *graph.Ingress, s *graph.Service) []*graph.Target {
	var out []*graph.Target
	for _, b := range ingress.Backends {
		for _, t := range b.Targets {
			if t.Service == s && t.TargetType.Is("ip") && b.Built == model.Yes {
				out = append(out, t)
			}
		}
	}
	return out
}
