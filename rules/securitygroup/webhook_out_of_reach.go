package securitygroup

import (
	"fmt"
	"strconv"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// WebhookOutOfReach is SG-002.
func WebhookOutOfReach() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-002",
			Title:    "Control plane cannot reach a webhook or an aggregated API",
			Category: "securitygroup",
			Description: `Fires on a validating or mutating webhook, or an APIService, that a Service of the cluster answers when the security groups of its pods,
wherever they may run, refuse the control plane on the port of the container, to which the API server connects
itself. It is an error where failurePolicy is Fail, its default, and a warning where it is Ignore. It is silent for
webhooks with a URL, where the Service or its pods are not in the input, where pods may run on nodes that are not
known, and where a security group or its rules are not known.`,
			Rationale: `Each change of what the webhook looks at waits for its timeout and fails: no pods start, and the cause shows in
the events of other objects alone. With failurePolicy Ignore the check does not happen.`,
			Remediation: `Admit the port of the container from the cluster security group in the security group of the nodes.`,
			Severity:    rule.Error,
			Kinds:       []string{"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"},
			Refs: []string{
				"https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference",
				"https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
			},
			Since: "0.1.0",
		},
		Run: webhookOutOfReach,
	}
}

// call is a Service that the API server calls.
type call struct {
	// what names it in messages, and at is the place that names the Service.
	what, namespace, name string
	port                  *int32
	at                    []string
	// optional is set where the API server goes on without an answer.
	optional bool
}

// calls are those of a webhook configuration or an APIService.
func calls(object any) []call {
	var out []call
	hook := func(i int, name string, client admissionv1.WebhookClientConfig, policy *admissionv1.FailurePolicyType) {
		if s := client.Service; s != nil {
			out = append(out, call{
				what: fmt.Sprintf("webhook %q", name), namespace: s.Namespace, name: s.Name, port: s.Port,
				at: []string{"webhooks", strconv.Itoa(i), "clientConfig", "service"}, optional: policy != nil && *policy == admissionv1.Ignore,
			})
		}
	}
	switch o := object.(type) {
	case *admissionv1.ValidatingWebhookConfiguration:
		for i, w := range o.Webhooks {
			hook(i, w.Name, w.ClientConfig, w.FailurePolicy)
		}
	case *admissionv1.MutatingWebhookConfiguration:
		for i, w := range o.Webhooks {
			hook(i, w.Name, w.ClientConfig, w.FailurePolicy)
		}
	case *apiregistrationv1.APIService:
		if s := o.Spec.Service; s != nil {
			out = append(out, call{what: "APIService " + o.Name, namespace: s.Namespace, name: s.Name, port: s.Port, at: []string{"spec", "service"}})
		}
	}
	return out
}

func webhookOutOfReach(p *rule.Pass, o graph.Object) {
	told := map[string]bool{}
	for _, c := range calls(o.Resource().Object) {
		port := int32(443) // the default of both
		if c.port != nil {
			port = *c.port
		}
		name := fmt.Sprintf("%s/%s:%d", c.namespace, c.name, port)
		if told[name] || o.Resource().IsUnknown(c.at...) {
			continue
		}
		told[name] = true
		hop, refused := refusedAt(p, c, port)
		if !refused {
			continue
		}
		f := rule.Finding{
			Related: rule.Deciding(hop),
			Message: fmt.Sprintf("The control plane cannot reach %s at Service %s: %s", c.what, name, hop.Why), Key: name,
			At: rule.ValueAt(o.Resource(), c.at...),
		}
		if c.optional {
			f.Severity = rule.Warning
		}
		p.Report(f)
	}
}

// refusedAt is what refuses the control plane at every pod of a Service.
func refusedAt(p *rule.Pass, to call, port int32) (vpc.Hop, bool) {
	c := p.Cluster()
	s, ok := p.Graph.Lookup(model.Ref{Kind: model.KindService.Kind, Namespace: to.namespace, Name: to.name}).(*graph.Service)
	if !ok {
		return vpc.Hop{}, false
	}
	index, exists := s.Port(port, "")
	if exists != model.Yes {
		return vpc.Hop{}, false
	}
	var all eks.First
	for _, w := range s.Pods() {
		target, known := s.TargetPort(index, w)
		places, why := c.Places(w)
		if known != model.Yes || why != "" || target < 1 || target > int32(netset.LastPort) {
			return vpc.Hop{}, false
		}
		var pods []vpc.Side
		for _, place := range places {
			pods = append(pods, place.Pod)
		}
		number := uint16(target)
		all.Add(c.Refused(vpc.LayerSecurityGroup, c.ControlPlane(), pods, netset.PortRange(netset.TCP, number, number)))
	}
	return all.Refused()
}
