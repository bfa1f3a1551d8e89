package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

const prefix = "service.beta.kubernetes.io/"

func newService(name string, selector labels, edit ...func(*corev1.Service)) *model.Resource {
	object := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Annotations: labels{}}}
	object.Spec.Selector = selector
	for _, f := range edit {
		f(object)
	}
	return &model.Resource{Ref: model.Ref{Kind: "Service", Namespace: "shop", Name: name}, Object: object}
}

func theService(t *testing.T, g *graph.Graph, name string) *graph.Service {
	t.Helper()
	return find[*graph.Service](t, g, model.Ref{Kind: "Service", Namespace: "shop", Name: name})
}

func balanced(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeLoadBalancer }

func classed(class string) func(*corev1.Service) {
	return func(s *corev1.Service) {
		balanced(s)
		s.Spec.LoadBalancerClass = &class
	}
}

func annotated(pairs ...string) func(*corev1.Service) {
	return func(s *corev1.Service) {
		for i := 0; i < len(pairs); i += 2 {
			s.Annotations[prefix+pairs[i]] = pairs[i+1]
		}
	}
}

func ranged(cidrs ...string) func(*corev1.Service) {
	return func(s *corev1.Service) { s.Spec.LoadBalancerSourceRanges = cidrs }
}

// webhook is the controller's webhook for new Services.
func webhook() *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration", Name: "lbc"},
		Object: &admissionv1.MutatingWebhookConfiguration{Webhooks: []admissionv1.MutatingWebhook{{Name: "mservice.elbv2.k8s.aws"}}},
	}
}

func autoModeClass() *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Group: "networking.k8s.io", Kind: "IngressClass", Name: "alb"},
		Object: &networkingv1.IngressClass{Spec: networkingv1.IngressClassSpec{Controller: "eks.amazonaws.com/alb"}},
	}
}

func controller(args ...string) *model.Resource {
	return newWorkload("aws-load-balancer-controller", nil, func(p *corev1.PodTemplateSpec) {
		p.Spec.Containers[0].Image = "public.ecr.aws/eks/aws-load-balancer-controller:v2.13.4"
		p.Spec.Containers[0].Args = args
	})
}

var complete = model.Scope{Complete: true}

func TestServiceManagerAndScheme(t *testing.T) {
	t.Parallel()
	const lbcClass, autoClass = "service.k8s.aws/nlb", "eks.amazonaws.com/nlb"
	const facing, internal, dark = "internet-facing", "internal", ""
	facingAnnotation := annotated("aws-load-balancer-scheme", facing)
	for name, tc := range map[string]struct {
		scope   model.Scope
		service *model.Resource
		others  []*model.Resource
		manager graph.Manager
		scheme  string
	}{
		"cluster IP":                     {model.Scope{}, newService("s", nil), nil, graph.ManagerNone, dark},
		"class of the controller":        {model.Scope{}, newService("s", nil, classed(lbcClass)), nil, graph.ManagerLBC, internal},
		"class of Auto Mode":             {model.Scope{}, newService("s", nil, classed(autoClass)), nil, graph.ManagerAutoMode, internal},
		"class of another":               {model.Scope{}, newService("s", nil, classed("tailscale"), facingAnnotation), nil, graph.ManagerOther, dark},
		"class renamed by the flag":      {model.Scope{}, newService("s", nil, classed("mine")), []*model.Resource{controller("--load-balancer-class=mine")}, graph.ManagerLBC, internal},
		"old class after renaming":       {model.Scope{}, newService("s", nil, classed(lbcClass)), []*model.Resource{controller("--load-balancer-class=mine")}, graph.ManagerOther, dark},
		"class is unknown":               {complete, unknownAt(newService("s", nil, balanced), model.Path{"spec", "loadBalancerClass"}), nil, graph.ManagerUnknown, dark},
		"type is unknown":                {complete, unknownAt(newService("s", nil), model.Path{"spec", "type"}), nil, graph.ManagerUnknown, dark},
		"no class":                       {model.Scope{}, newService("s", nil, balanced), nil, graph.ManagerUnknown, dark},
		"no class, webhook":              {model.Scope{}, newService("s", nil, balanced), []*model.Resource{webhook()}, graph.ManagerLBC, internal},
		"no class, Auto Mode":            {model.Scope{}, newService("s", nil, balanced), []*model.Resource{autoModeClass()}, graph.ManagerAutoMode, internal},
		"no class, nothing in complete":  {complete, newService("s", nil, balanced), nil, graph.ManagerLegacy, facing},
		"legacy, internal":               {complete, newService("s", nil, balanced, annotated("aws-load-balancer-internal", "true")), nil, graph.ManagerLegacy, internal},
		"legacy, not internal":           {complete, newService("s", nil, balanced, annotated("aws-load-balancer-internal", "false")), nil, graph.ManagerLegacy, facing},
		"webhook switched off":           {complete, newService("s", nil, balanced), []*model.Resource{webhook(), controller("--enable-service-mutator-webhook=false")}, graph.ManagerLegacy, facing},
		"type nlb-ip":                    {model.Scope{}, newService("s", nil, annotated("aws-load-balancer-type", "nlb-ip")), nil, graph.ManagerLBC, internal},
		"type external with targets":     {model.Scope{}, newService("s", nil, annotated("aws-load-balancer-type", "external", "aws-load-balancer-nlb-target-type", "ip")), nil, graph.ManagerLBC, internal},
		"type external without targets":  {model.Scope{}, newService("s", nil, balanced, annotated("aws-load-balancer-type", "external")), nil, graph.ManagerOther, dark},
		"type is a placeholder":          {complete, newService("s", nil, balanced, annotated("aws-load-balancer-type", "${TYPE}")), nil, graph.ManagerUnknown, dark},
		"scheme is written":              {model.Scope{}, newService("s", nil, classed(lbcClass), facingAnnotation), nil, graph.ManagerLBC, facing},
		"scheme is a placeholder":        {model.Scope{}, newService("s", nil, classed(lbcClass), annotated("aws-load-balancer-scheme", "${S}")), nil, graph.ManagerLBC, dark},
		"scheme is patched":              {model.Scope{}, unknownAt(newService("s", nil, classed(lbcClass)), model.Path{"metadata", "annotations", prefix + "aws-load-balancer-scheme"}), nil, graph.ManagerLBC, dark},
		"internal is false":              {model.Scope{}, newService("s", nil, classed(lbcClass), annotated("aws-load-balancer-internal", "false")), nil, graph.ManagerLBC, facing},
		"Auto Mode ignores internal":     {model.Scope{}, newService("s", nil, classed(autoClass), annotated("aws-load-balancer-internal", "false")), nil, graph.ManagerAutoMode, internal},
		"default scheme of the flag":     {model.Scope{}, newService("s", nil, classed(lbcClass)), []*model.Resource{controller("--default-load-balancer-scheme=internet-facing")}, graph.ManagerLBC, facing},
		"all who may take it agree":      {model.Scope{}, newService("s", nil, balanced, facingAnnotation), nil, graph.ManagerUnknown, facing},
		"those who may take it disagree": {model.Scope{}, newService("s", nil, balanced, annotated("aws-load-balancer-scheme", internal)), nil, graph.ManagerUnknown, dark},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(tc.scope, append(tc.others, tc.service)...)
			s := theService(t, g, "s")
			if s.Manager != tc.manager {
				t.Errorf("manager %s, want %s", s.Manager, tc.manager)
			}
			if got := g.Scheme(s).Text(); got != tc.scheme {
				t.Errorf("scheme %q, want %q", got, tc.scheme)
			}
		})
	}
}

func TestClassless(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		service *model.Resource
		want    model.Tri
	}{
		"load balancer":    {newService("s", nil, balanced), model.Yes},
		"empty class":      {newService("s", nil, classed("")), model.Yes},
		"class":            {newService("s", nil, classed("x")), model.No},
		"cluster IP":       {newService("s", nil), model.No},
		"taken":            {newService("s", nil, balanced, annotated("aws-load-balancer-type", "nlb-ip")), model.No},
		"class is unknown": {unknownAt(newService("s", nil, balanced), model.Path{"spec", "loadBalancerClass"}), model.Unknown},
		"type is patched":  {unknownAt(newService("s", nil, balanced), model.Path{"metadata", "annotations"}), model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := theService(t, graphFrom(model.Scope{}, tc.service), "s").Classless(); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	const ranges, groups, lists = "load-balancer-source-ranges", "aws-load-balancer-security-groups", "aws-load-balancer-security-group-prefix-lists"
	field, key := model.Path{"spec", "loadBalancerSourceRanges"}, model.Path{"metadata", "annotations", prefix + ranges}
	lbc := classed("service.k8s.aws/nlb")
	for name, tc := range map[string]struct {
		service *model.Resource
		want    graph.Sources
	}{
		"nothing":                  {newService("s", nil, lbc), graph.Sources{Any: model.Yes}},
		"field":                    {newService("s", nil, lbc, ranged("10.0.0.0/8")), graph.Sources{Any: model.No, Path: field}},
		"field with everything":    {newService("s", nil, lbc, ranged("10.0.0.0/8", "0.0.0.0/0")), graph.Sources{Any: model.Yes, Path: field}},
		"two halves":               {newService("s", nil, lbc, ranged("128.0.0.0/1", "0.0.0.0/1")), graph.Sources{Any: model.Yes, Path: field}},
		"one half":                 {newService("s", nil, lbc, ranged("0.0.0.0/1")), graph.Sources{Any: model.No, Path: field}},
		"IPv6":                     {newService("s", nil, lbc, ranged("10.0.0.0/8", "::/0")), graph.Sources{Any: model.Yes, Path: field}},
		"annotation":               {newService("s", nil, lbc, annotated(ranges, "10.0.0.0/8, 10.1.0.0/16")), graph.Sources{Any: model.No, Path: key}},
		"annotation of everything": {newService("s", nil, lbc, annotated(ranges, "0.0.0.0/0")), graph.Sources{Any: model.Yes, Path: key}},
		"annotation of nothing":    {newService("s", nil, lbc, annotated(ranges, " , ")), graph.Sources{Any: model.Yes}},
		"field wins":               {newService("s", nil, lbc, ranged("10.0.0.0/8"), annotated(ranges, "0.0.0.0/0")), graph.Sources{Any: model.No, Path: field}},
		"Auto Mode reads a field":  {newService("s", nil, classed("eks.amazonaws.com/nlb"), annotated(ranges, "10.0.0.0/8")), graph.Sources{Any: model.Yes}},
		"security groups":          {newService("s", nil, lbc, annotated(groups, "sg-1")), graph.Sources{}},
		"no security groups":       {newService("s", nil, lbc, annotated(groups, "")), graph.Sources{Any: model.Yes}},
		"prefix lists":             {newService("s", nil, lbc, annotated(lists, "pl-1")), graph.Sources{}},
		"unknown field":            {unknownAt(newService("s", nil, lbc), field.Child("0")), graph.Sources{Path: field}},
		"unknown annotation":       {newService("s", nil, lbc, annotated(ranges, "${R}")), graph.Sources{Path: key}},
		"unknown groups":           {newService("s", nil, lbc, annotated(groups, "${G}")), graph.Sources{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, tc.service)
			if diff := cmp.Diff(tc.want, g.Sources(theService(t, g, "s"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNLBTargetType(t *testing.T) {
	t.Parallel()
	const target, kind = "aws-load-balancer-nlb-target-type", "aws-load-balancer-type"
	lbc := classed("service.k8s.aws/nlb")
	for name, tc := range map[string]struct {
		service *model.Resource
		others  []*model.Resource
		want    string
	}{
		"annotation":   {newService("s", nil, lbc, annotated(target, "instance")), nil, "instance"},
		"nlb-ip":       {newService("s", nil, annotated(kind, "nlb-ip")), nil, "ip"},
		"flag":         {newService("s", nil, lbc), []*model.Resource{controller("--default-target-type=ip")}, "ip"},
		"nobody knows": {newService("s", nil, lbc), nil, ""},
		"placeholder":  {newService("s", nil, lbc, annotated(target, "${T}")), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, append(tc.others, tc.service)...)
			if got := g.NLBTargetType(theService(t, g, "s")).Text(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func port(target intstr.IntOrString, protocol corev1.Protocol) func(*corev1.Service) {
	return func(s *corev1.Service) {
		s.Spec.Ports = []corev1.ServicePort{{Name: "p", Port: 80, TargetPort: target, Protocol: protocol}}
	}
}

func named(name string, number int32, protocol corev1.Protocol) corev1.Container {
	return corev1.Container{Name: name, Ports: []corev1.ContainerPort{{Name: name, ContainerPort: number, Protocol: protocol}}}
}

func TestTargetPort(t *testing.T) {
	t.Parallel()
	always := corev1.ContainerRestartPolicyAlways
	template := func(p *corev1.PodTemplateSpec) {
		p.Spec.Containers = []corev1.Container{named("http", 8080, ""), named("dns", 5353, corev1.ProtocolUDP), named("http", 9090, "")}
		sidecar, setup := named("proxy", 15001, ""), named("setup", 7000, "")
		sidecar.RestartPolicy = &always
		p.Spec.InitContainers = []corev1.Container{sidecar, setup}
	}
	for name, tc := range map[string]struct {
		service *model.Resource
		number  int32
		exists  model.Tri
	}{
		"name":                     {newService("s", nil, port(intstr.FromString("http"), "")), 8080, model.Yes},
		"no such name":             {newService("s", nil, port(intstr.FromString("web"), "")), 0, model.No},
		"other protocol":           {newService("s", nil, port(intstr.FromString("dns"), "")), 0, model.No},
		"its protocol":             {newService("s", nil, port(intstr.FromString("dns"), corev1.ProtocolUDP)), 5353, model.Yes},
		"TCP is the default":       {newService("s", nil, port(intstr.FromString("http"), corev1.ProtocolTCP)), 8080, model.Yes},
		"restartable init":         {newService("s", nil, port(intstr.FromString("proxy"), "")), 15001, model.Yes},
		"init that ends":           {newService("s", nil, port(intstr.FromString("setup"), "")), 0, model.No},
		"number need not be there": {newService("s", nil, port(intstr.FromInt32(1234), "")), 1234, model.Yes},
		"absent is the port":       {newService("s", nil, port(intstr.IntOrString{}, "")), 80, model.Yes},
		"unknown":                  {unknownAt(newService("s", nil, port(intstr.FromString("web"), "")), model.Path{"spec", "ports", "0", "targetPort"}), 0, model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, tc.service, newWorkload("web", nil, template))
			number, exists := theService(t, g, "s").TargetPort(0, deployment(t, g, "web"))
			if number != tc.number || exists != tc.exists {
				t.Errorf("got %d, %s; want %d, %s", number, exists, tc.number, tc.exists)
			}
		})
	}
	t.Run("container ports are unknown", func(t *testing.T) {
		t.Parallel()
		w := unknownAt(newWorkload("web", nil), model.Path{"spec", "template", "spec", "containers", "0", "ports"})
		g := graphFrom(model.Scope{}, newService("s", nil, port(intstr.FromString("web"), "")), w)
		if _, exists := theService(t, g, "s").TargetPort(0, deployment(t, g, "web")); exists != model.Unknown {
			t.Errorf("got %s, want unknown", exists)
		}
	})
}

func TestServicePods(t *testing.T) {
	t.Parallel()
	slice := &model.Resource{
		Ref:    model.Ref{Group: "discovery.k8s.io", Kind: "EndpointSlice", Namespace: "shop", Name: "bare-1"},
		Object: &discoveryv1.EndpointSlice{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "bare-1", Labels: labels{"kubernetes.io/service-name": "bare"}}},
	}
	g := graphFrom(model.Scope{}, slice,
		newWorkload("web", labels{"app": "web"}), newWorkload("worker", labels{"app": "worker"}),
		newService("web", labels{"app": "web"}), newService("none", labels{"app": "none"}), newService("bare", nil),
		newService("primary", labels{"app": "web", "cnpg.io/instanceRole": "primary"}),
		unknownAt(newService("patched", labels{"app": "none"}), model.Path{"spec", "selector"}))
	for name, tc := range map[string]struct {
		pods      []string
		certain   model.Tri
		endpoints bool
		runtime   bool
	}{
		"web":     {[]string{"web"}, model.Yes, false, false},
		"none":    {[]string{}, model.Yes, false, false},
		"bare":    {[]string{}, model.Yes, true, false},
		"primary": {[]string{}, model.Yes, false, true},
		"patched": {[]string{}, model.Unknown, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := theService(t, g, name)
			if diff := cmp.Diff(tc.pods, names(s.Pods())); diff != "" {
				t.Error(diff)
			}
			if s.PodsCertain() != tc.certain || s.Endpoints != tc.endpoints || s.AsksRuntimeLabel() != tc.runtime {
				t.Errorf("got %s, %v, %v; want %s, %v, %v", s.PodsCertain(), s.Endpoints, s.AsksRuntimeLabel(), tc.certain, tc.endpoints, tc.runtime)
			}
		})
	}
	if diff := cmp.Diff([]string{"web"}, names(g.ServicesOf(deployment(t, g, "web")))); diff != "" {
		t.Errorf("ServicesOf: %s", diff)
	}
}

func TestMayGetSidecar(t *testing.T) {
	t.Parallel()
	podAnnotation := func(key, value string) *model.Resource {
		return newWorkload("web", nil, func(p *corev1.PodTemplateSpec) { p.Annotations = labels{key: value} })
	}
	for name, tc := range map[string]struct {
		resources []*model.Resource
		want      bool
	}{
		"nothing asks":           {[]*model.Resource{newWorkload("web", nil), newNamespace("shop", labels{"team": "a"})}, false},
		"namespace asks":         {[]*model.Resource{newWorkload("web", nil), newNamespace("shop", labels{"istio-injection": "enabled"})}, true},
		"namespace declines":     {[]*model.Resource{newWorkload("web", nil), newNamespace("shop", labels{"istio-injection": "disabled"})}, false},
		"revision":               {[]*model.Resource{newWorkload("web", nil), newNamespace("shop", labels{"istio.io/rev": "stable"})}, true},
		"pod asks":               {[]*model.Resource{podAnnotation("linkerd.io/inject", "enabled")}, true},
		"pod declines":           {[]*model.Resource{podAnnotation("sidecar.istio.io/inject", "false")}, false},
		"pod label":              {[]*model.Resource{newWorkload("web", labels{"sidecar.istio.io/inject": "true"})}, true},
		"pod asks by collector":  {[]*model.Resource{podAnnotation("sidecar.opentelemetry.io/inject", "my-collector")}, true},
		"annotation of the team": {[]*model.Resource{podAnnotation("example.com/owner", "web")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, tc.resources...)
			if got := g.MayGetSidecar(deployment(t, g, "web")); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}
