package targetgroupbinding

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// BindingRefused is TGB-001.
func BindingRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "TGB-001",
			Title:    "TargetGroupBinding that cannot work",
			Category: "targetgroupbinding",
			Description: `Fires on a TargetGroupBinding that names no target group, one with targetType ip and a nodeSelector, two for one target
group that both take for themselves, without multiClusterTargetGroup, one with a port that its Service does not have, and one with
targetType instance for a Service of type ClusterIP, which has no port on nodes. It is silent where the field or the
Service is a placeholder or not in the input.`,
			Rationale:   `The controller refuses the binding or registers no target, and the load balancer answers 503.`,
			Remediation: `Name the target group by ARN or name, leave the nodeSelector out for pods, and name a port of the Service.`,
			Severity:    rule.Error,
			Kinds:       []string{"TargetGroupBinding.elbv2.k8s.aws"},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/",
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/webhooks/elbv2/targetgroupbinding_validator.go",
			},
			Since: "0.1.0",
		},
		Run: bindingRefused,
	}
}

func bindingRefused(p *rule.Pass, o graph.Object) {
	r := o.Resource()
	b, ok := r.Object.(*model.TargetGroupBinding)
	if !ok || r.IsUnknown("spec") {
		return
	}
	report := func(text, key string, at ...string) {
		p.Report(rule.Finding{Message: fmt.Sprintf("TargetGroupBinding %q %s", o.Ref().Name, text), At: rule.KeyAt(r, append([]string{"spec"}, at...)...), Key: key})
	}
	spec := b.Spec
	if spec.TargetGroupARN == "" && spec.TargetGroupName == "" {
		report("names no target group", "group")
	}
	if spec.TargetType == "ip" && spec.NodeSelector != nil {
		report("registers pods and has a nodeSelector, which is for nodes", "selector", "nodeSelector")
	}
	if other := twin(p, r, spec); other != "" {
		report(fmt.Sprintf("binds the target group of TargetGroupBinding %q, and multiClusterTargetGroup is not set", other), "twin", "targetGroupARN")
	}
	s, ok := p.Graph.Lookup(model.Ref{Kind: model.KindService.Kind, Namespace: o.Ref().Namespace, Name: spec.ServiceRef.Name}).(*graph.Service)
	if !ok {
		return
	}
	number, name := spec.ServiceRef.Port.IntVal, ""
	if spec.ServiceRef.Port.Type == intstr.String {
		name = spec.ServiceRef.Port.StrVal
	}
	if _, exists := s.Port(number, name); exists == model.No {
		report(fmt.Sprintf("names port %s, which Service %q does not have", spec.ServiceRef.Port.String(), s.Ref().Name), "port", "serviceRef", "port")
	}
	if spec.TargetType == "instance" && s.Type() == corev1.ServiceTypeClusterIP && !s.Resource().IsUnknown("spec", "type") {
		report(fmt.Sprintf("registers nodes, and Service %q of type ClusterIP has no port on them", s.Ref().Name), "type", "targetType")
	}
}

// twin names an earlier binding of the same target group, unless one of them shares it.
func twin(p *rule.Pass, r *model.Resource, spec model.TargetGroupBindingSpec) string {
	for _, other := range p.Graph.Snapshot().All(model.KindTargetGroupBinding) {
		b, ok := other.Object.(*model.TargetGroupBinding)
		switch {
		case other.Ref == r.Ref:
			return "" // the later of two is told
		case !ok || other.IsUnknown("spec"):
		case spec.TargetGroupARN != "" && b.Spec.TargetGroupARN == spec.TargetGroupARN && !spec.MultiClusterTargetGroup && !b.Spec.MultiClusterTargetGroup:
			return other.Ref.NamespacedName()
		}
	}
	return ""
}
