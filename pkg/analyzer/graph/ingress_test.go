package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

const alb = "alb.ingress.kubernetes.io/"

// newIngress makes an Ingress of the namespace shop; class "" names none, and
// pairs are annotations.
func newIngress(name, class string, pairs ...string) *model.Resource {
	object := &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Annotations: labels{}}}
	if class != "" {
		object.Spec.IngressClassName = &class
	}
	for n := 0; n < len(pairs); n += 2 {
		object.Annotations[pairs[n]] = pairs[n+1]
	}
	ref := model.Ref{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: name}
	return &model.Resource{Ref: ref, Object: object}
}

func newClass(name, controller, params string, isDefault bool) *model.Resource {
	object := &networkingv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: name}}
	object.Spec.Controller = controller
	if isDefault {
		object.Annotations = labels{"ingressclass.kubernetes.io/is-default-class": "true"}
	}
	if params != "" {
		group := "elbv2.k8s.aws"
		object.Spec.Parameters = &networkingv1.IngressClassParametersReference{APIGroup: &group, Kind: "IngressClassParams", Name: params}
	}
	ref := model.Ref{Group: "networking.k8s.io", Kind: "IngressClass", Name: name}
	return &model.Resource{Ref: ref, Object: object}
}

func newParams(name string, spec model.IngressClassParamsSpec) *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Group: "elbv2.k8s.aws", Kind: "IngressClassParams", Name: name},
		Object: &model.IngressClassParams{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec},
	}
}

// albConfig is what classes of Alibaba Cloud's controller name.
func albConfig() *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Group: "alibabacloud.com", Kind: "AlbConfig", Name: "edge"},
		Object: &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: "edge"}},
	}
}

func theIngress(t *testing.T, g *graph.Graph, name string) *graph.Ingress {
	t.Helper()
	return find[*graph.Ingress](t, g, model.Ref{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: name})
}

func TestIngressManager(t *testing.T) {
	t.Parallel()
	const lbc, auto, nginx = "ingress.k8s.aws/alb", "eks.amazonaws.com/alb", "k8s.io/ingress-nginx"
	const annotation = "kubernetes.io/ingress.class"
	for name, tt := range map[string]struct {
		ingress *model.Resource
		others  []*model.Resource
		want    graph.Manager
		assumed bool
	}{
		"class of the controller":     {newIngress("web", "alb"), []*model.Resource{newClass("alb", lbc, "", false)}, graph.ManagerLBC, false},
		"class of Auto Mode":          {newIngress("web", "alb"), []*model.Resource{newClass("alb", auto, "", false)}, graph.ManagerAutoMode, false},
		"class of another":            {newIngress("web", "nginx"), []*model.Resource{newClass("nginx", nginx, "", false)}, graph.ManagerOther, false},
		"annotation beats the field":  {newIngress("web", "alb", annotation, "nginx"), []*model.Resource{newClass("alb", lbc, "", false)}, graph.ManagerOther, false},
		"annotation":                  {newIngress("web", "", annotation, "alb"), nil, graph.ManagerLBC, false},
		"placeholder":                 {newIngress("web", "", annotation, "${CLASS}"), nil, graph.ManagerUnknown, false},
		"another name by flag":        {newIngress("web", "", annotation, "edge"), []*model.Resource{controller("--ingress-class=edge")}, graph.ManagerLBC, false},
		"the usual name is not asked": {newIngress("web", "", annotation, "alb"), []*model.Resource{controller("--ingress-class=edge")}, graph.ManagerOther, false},
		"class elsewhere, named alb":  {newIngress("web", "alb"), nil, graph.ManagerLBC, true},
		"class elsewhere, annotated":  {newIngress("web", "edge", alb+"scheme", "internal"), nil, graph.ManagerLBC, true},
		"class elsewhere":             {newIngress("web", "edge"), nil, graph.ManagerUnknown, false},
		"default class":               {newIngress("web", ""), []*model.Resource{newClass("alb", lbc, "", true)}, graph.ManagerLBC, false},
		"no default class":            {newIngress("web", ""), []*model.Resource{newClass("alb", lbc, "", false)}, graph.ManagerNone, false},
		"two default classes":         {newIngress("web", ""), []*model.Resource{newClass("a", lbc, "", true), newClass("b", lbc, "", true)}, graph.ManagerUnknown, false},
		"no class at all":             {newIngress("web", ""), nil, graph.ManagerUnknown, false},
		"default that is not known":   {newIngress("web", ""), []*model.Resource{unknownAt(newClass("alb", lbc, "", true), model.Path{"metadata", "annotations"}), newClass("edge", lbc, "", false)}, graph.ManagerUnknown, false},
		"the controller takes all":    {newIngress("web", ""), []*model.Resource{newClass("edge", lbc, "", false), controller("--ingress-class=")}, graph.ManagerLBC, false},
		"another cloud's parameters":  {newIngress("web", "alb", alb+"scheme", "internal"), []*model.Resource{albConfig()}, graph.ManagerOther, false},
		"annotation, Auto Mode":       {newIngress("web", "", annotation, "alb"), []*model.Resource{newClass("auto", auto, "", false)}, graph.ManagerLBC, true},
		"annotation, both":            {newIngress("web", "", annotation, "alb"), []*model.Resource{newClass("auto", auto, "", false), newClass("alb", lbc, "", false)}, graph.ManagerLBC, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := theIngress(t, graphFrom(model.Scope{}, append(tt.others, tt.ingress)...), "web")
			if i.Manager != tt.want || i.Assumed != tt.assumed {
				t.Errorf("manager = %s, assumed %v; want %s, %v", i.Manager, i.Assumed, tt.want, tt.assumed)
			}
		})
	}
}

// TestSettingPrecedence: IngressClassParams, annotation, flag, default.
func TestSettingPrecedence(t *testing.T) {
	t.Parallel()
	internal := "internal"
	class := newClass("alb", "ingress.k8s.aws/alb", "shared", false)
	params := newParams("shared", model.IngressClassParamsSpec{Scheme: &internal})
	plain := newClass("alb", "ingress.k8s.aws/alb", "", false)
	facing := []string{alb + "scheme", "internet-facing"}
	for name, tt := range map[string]struct {
		ingress *model.Resource
		others  []*model.Resource
		want    string
		origin  graph.Origin
		known   bool
	}{
		"params win":                       {newIngress("web", "alb", facing...), []*model.Resource{class, params}, "internal", graph.OriginParams, true},
		"params elsewhere may win":         {newIngress("web", "alb", facing...), []*model.Resource{class}, "", graph.OriginParams, false},
		"params are bypassed":              {newIngress("web", "", "kubernetes.io/ingress.class", "alb", facing[0], facing[1]), []*model.Resource{class, params}, "internet-facing", graph.OriginIngress, true},
		"annotation":                       {newIngress("web", "alb", facing...), []*model.Resource{plain}, "internet-facing", graph.OriginIngress, true},
		"placeholder":                      {newIngress("web", "alb", alb+"scheme", "${SCHEME}"), []*model.Resource{plain}, "", graph.OriginIngress, false},
		"annotation that a patch may make": {unknownAt(newIngress("web", "alb"), model.Path{"metadata", "annotations"}), []*model.Resource{plain}, "", graph.OriginIngress, false},
		"flag":                             {newIngress("web", "alb"), []*model.Resource{plain, controller("--default-load-balancer-scheme=internet-facing")}, "internet-facing", graph.OriginFlag, true},
		"default":                          {newIngress("web", "alb"), []*model.Resource{plain}, "internal", graph.OriginDefault, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, append(tt.others, tt.ingress)...)
			s := g.Setting(theIngress(t, g, "web"), "scheme")
			if s.Text() != tt.want || s.Origin != tt.origin || s.Known != tt.known {
				t.Errorf("scheme = %q from %s, known %v; want %q from %s, %v", s.Text(), s.Origin, s.Known, tt.want, tt.origin, tt.known)
			}
		})
	}
}

func TestListeners(t *testing.T) {
	t.Parallel()
	class := newClass("alb", "ingress.k8s.aws/alb", "", false)
	for name, tt := range map[string]struct {
		annotations []string
		want        []int
		known       bool
	}{
		"default":                       {nil, []int{80}, true},
		"certificate":                   {[]string{alb + "certificate-arn", "arn:aws:acm:eu-west-1:111122223333:certificate/a"}, []int{443}, true},
		"placeholder of a certificate":  {[]string{alb + "certificate-arn", "${ARN}"}, []int{443}, true},
		"empty list of certificates":    {[]string{alb + "certificate-arn", " , "}, []int{80}, true},
		"written":                       {[]string{alb + "listen-ports", `[{"HTTP":8080},{"HTTPS":8443}]`}, []int{8080, 8443}, true},
		"written and wrong":             {[]string{alb + "listen-ports", `{"HTTP":80}`}, nil, false},
		"placeholder":                   {[]string{alb + "listen-ports", "${PORTS}"}, nil, false},
		"certificate that may be made":  {[]string{alb + "create-acm-cert", "true"}, nil, false},
		"certificate that is not made":  {[]string{alb + "create-acm-cert", "false"}, []int{80}, true},
		"certificate, unknown switch":   {[]string{alb + "create-acm-cert", "${SWITCH}"}, nil, false},
		"other annotations do not care": {[]string{alb + "scheme", "${SCHEME}"}, []int{80}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := theIngress(t, graphFrom(model.Scope{}, class, newIngress("web", "alb", tt.annotations...)), "web")
			var got []int
			for _, l := range i.Listeners {
				got = append(got, l.Port)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || i.ListenersKnown != tt.known {
				t.Errorf("known = %v, want %v; listeners (-want +got):\n%s", i.ListenersKnown, tt.known, diff)
			}
		})
	}
}

// TestGroupOrder: group.order first, then namespace and name; a group of one
// is named for its Ingress.
func TestGroupOrder(t *testing.T) {
	t.Parallel()
	g := graphFrom(model.Scope{},
		newClass("alb", "ingress.k8s.aws/alb", "", false),
		newIngress("a", "alb", alb+"group.name", "edge"),
		newIngress("b", "alb", alb+"group.name", "edge", alb+"group.order", "-1"),
		newIngress("c", "alb", alb+"group.name", "edge", alb+"group.order", "5"),
		newIngress("d", "alb"),
		newIngress("e", "alb", alb+"group.name", "${GROUP}"),
	)
	got := map[string][]string{}
	for _, o := range g.Objects("IngressGroup") {
		if group, ok := o.(*graph.IngressGroup); ok {
			got[group.Ref().Name] = names(group.Members)
		}
	}
	want := map[string][]string{"edge": {"b", "a", "c"}, "shop/d": {"d"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestServiceAccount(t *testing.T) {
	t.Parallel()
	account := &model.Resource{
		Ref:    model.Ref{Kind: "ServiceAccount", Namespace: "shop", Name: "web"},
		Object: &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}},
	}
	g := graphFrom(model.Scope{}, account,
		newWorkload("web", nil, func(p *corev1.PodTemplateSpec) { p.Spec.ServiceAccountName = "web" }),
		newWorkload("api", nil),
	)
	if name, object := g.ServiceAccount(deployment(t, g, "web")); name != "web" || object != account {
		t.Errorf("web runs as %q, %v", name, object)
	}
	if name, object := g.ServiceAccount(deployment(t, g, "api")); name != "default" || object != nil {
		t.Errorf("api runs as %q, %v", name, object)
	}
}
