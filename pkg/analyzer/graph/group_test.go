package graph_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	albController = "ingress.k8s.aws/alb"
	arn           = "arn:aws:acm:eu-west-1:111122223333:certificate/a"
	onTLS         = `[{"HTTPS":443}]`
	onBoth        = `[{"HTTP":80},{"HTTPS":443}]`
	toHTTPS       = `{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}`
)

// way is one path of an Ingress; a backend that begins with @ is an action.
type way struct {
	host, path string
	pathType   networkingv1.PathType
	backend    string
}

func backendOf(name string) networkingv1.IngressBackend {
	port := networkingv1.ServiceBackendPort{Number: 80}
	if name[0] == '@' {
		name, port = name[1:], networkingv1.ServiceBackendPort{Name: "use-annotation"}
	}
	return networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: name, Port: port}}
}

// routed adds an entry of spec.rules for each run of ways with the same host.
func routed(r *model.Resource, ways ...way) *model.Resource {
	spec := &r.Object.(*networkingv1.Ingress).Spec //nolint:forcetypeassert // newIngress makes no other
	for n, w := range ways {
		if n == 0 || ways[n-1].host != w.host {
			spec.Rules = append(spec.Rules, networkingv1.IngressRule{Host: w.host})
			spec.Rules[len(spec.Rules)-1].HTTP = &networkingv1.HTTPIngressRuleValue{}
		}
		http := spec.Rules[len(spec.Rules)-1].HTTP
		http.Paths = append(http.Paths, networkingv1.HTTPIngressPath{Path: w.path, PathType: &w.pathType, Backend: backendOf(w.backend)})
	}
	return r
}

// defaulted sets the default backend.
func defaulted(r *model.Resource, backend string) *model.Resource {
	b := backendOf(backend)
	r.Object.(*networkingv1.Ingress).Spec.DefaultBackend = &b //nolint:forcetypeassert // newIngress makes no other
	return r
}

// member makes an Ingress of the group edge.
func member(name string, pairs ...string) *model.Resource {
	full := []string{alb + "group.name", "edge"}
	for n := 0; n < len(pairs); n += 2 {
		full = append(full, alb+pairs[n], pairs[n+1])
	}
	return newIngress(name, "alb", full...)
}

// theGroup returns the group that every test here names edge.
func theGroup(t *testing.T, g *graph.Graph) *graph.IngressGroup {
	t.Helper()
	return find[*graph.IngressGroup](t, g, model.Ref{Group: model.GroupDerived, Kind: "IngressGroup", Name: "edge"})
}

// TestConflicts: what two members of a group may not set differently, in the
// way the controller compares it.
func TestConflicts(t *testing.T) {
	t.Parallel()
	attribute := func(protocol string, port int32, key string) *model.Resource {
		return newParams("shared", model.IngressClassParamsSpec{Listeners: []model.ParamsListener{{
			Protocol: protocol, Port: port, ListenerAttributes: []model.ParamsPair{{Key: key, Value: "1"}},
		}}})
	}
	type pairs []string
	for name, tt := range map[string]struct {
		a, b   pairs
		params *model.Resource
		want   []string
	}{
		"one sets it":                   {pairs{"scheme", "internal"}, nil, nil, nil},
		"both set the same":             {pairs{"scheme", "internal"}, pairs{"scheme", "internal"}, nil, nil},
		"schemes":                       {pairs{"scheme", "internal"}, pairs{"scheme", "internet-facing"}, nil, []string{"scheme"}},
		"placeholder":                   {pairs{"scheme", "${S}"}, pairs{"scheme", "internal"}, nil, nil},
		"empty text is a scheme":        {pairs{"scheme", ""}, pairs{"scheme", "internal"}, nil, []string{"scheme"}},
		"spelling of a boolean":         {pairs{"shield-advanced-protection", "true"}, pairs{"shield-advanced-protection", "True"}, nil, nil},
		"spelling of a number":          {pairs{"listen-ports", onTLS, "ssl-redirect", "443"}, pairs{"ssl-redirect", "+443"}, nil, nil},
		"order of subnets":              {pairs{"subnets", "a,b"}, pairs{"subnets", "b, a"}, nil, nil},
		"order of security groups":      {pairs{"security-groups", "a,b"}, pairs{"security-groups", "b,a"}, nil, []string{"security-groups"}},
		"empty list is no value":        {pairs{"security-groups", " , "}, pairs{"security-groups", "b"}, nil, nil},
		"web ACL under both names":      {pairs{"waf-acl-id", "x"}, pairs{"web-acl-id", "y"}, nil, []string{"waf-acl-id"}},
		"the new name wins":             {pairs{"waf-acl-id", "x", "web-acl-id", "z"}, pairs{"web-acl-id", "x"}, nil, nil},
		"empty web ACL":                 {pairs{"waf-acl-id", ""}, pairs{"waf-acl-id", "x"}, nil, nil},
		"ACL by ARN":                    {pairs{"wafv2-acl-arn", "x"}, pairs{"wafv2-acl-arn", "y"}, nil, []string{"wafv2-acl-arn"}},
		"a name beats the ARNs":         {pairs{"wafv2-acl-arn", "x", "wafv2-acl-name", "n"}, pairs{"wafv2-acl-arn", "y"}, nil, nil},
		"backend rules need groups":     {pairs{"manage-backend-security-group-rules", "true"}, pairs{"manage-backend-security-group-rules", "false"}, nil, nil},
		"backend rules with groups":     {pairs{"security-groups", "a", "manage-backend-security-group-rules", "true"}, pairs{"manage-backend-security-group-rules", "false"}, nil, []string{"manage-backend-security-group-rules"}},
		"other keys":                    {pairs{"tags", "a=1"}, pairs{"tags", "b=2"}, nil, nil},
		"one key":                       {pairs{"tags", "a=1,b=1"}, pairs{"tags", "b=2"}, nil, []string{"tags b"}},
		"protocol":                      {pairs{"listen-ports", `[{"HTTP":443}]`}, pairs{"listen-ports", onTLS}, nil, []string{"listen-ports 443"}},
		"protocol of a default":         {pairs{"listen-ports", `[{"HTTPS":80}]`}, nil, nil, []string{"listen-ports 80"}},
		"ranges of a port":              {pairs{"inbound-cidrs", "10.0.0.0/8,10.1.0.0/16"}, pairs{"inbound-cidrs", "10.0.0.0/8"}, nil, []string{"inbound-cidrs 80"}},
		"order of ranges":               {pairs{"inbound-cidrs", "10.0.0.0/8,11.0.0.0/8"}, pairs{"inbound-cidrs", "11.0.0.0/8,10.0.0.0/8"}, nil, nil},
		"ranges of two ports":           {pairs{"inbound-cidrs", "10.0.0.0/8"}, pairs{"listen-ports", onTLS, "inbound-cidrs", "11.0.0.0/8"}, nil, nil},
		"policy on HTTPS":               {pairs{"listen-ports", onTLS, "ssl-policy", "x"}, pairs{"listen-ports", onTLS, "ssl-policy", "y"}, nil, []string{"ssl-policy 443"}},
		"policy on HTTP":                {pairs{"ssl-policy", "x"}, pairs{"ssl-policy", "y"}, nil, nil},
		"clients' certificates":         {pairs{"listen-ports", onTLS, "mutual-authentication", `[{"port":443,"mode":"off"}]`}, pairs{"listen-ports", onTLS, "mutual-authentication", `[{"port":443,"mode":"passthrough"}]`}, nil, []string{"mutual-authentication 443"}},
		"clients' certificates, others": {pairs{"listen-ports", onTLS, "mutual-authentication", `[{"port":8443,"mode":"off"}]`}, pairs{"listen-ports", onTLS, "mutual-authentication", `[{"port":443,"mode":"passthrough"}]`}, nil, nil},
		"listener attribute":            {pairs{"listener-attributes.HTTP-80", "k=1"}, pairs{"listener-attributes.HTTP-80", "k=2"}, nil, []string{"listener-attributes.HTTP-80 k"}},
		"the params set it":             {pairs{"listener-attributes.HTTP-80", "k=1"}, pairs{"listener-attributes.HTTP-80", "k=2"}, attribute("HTTP", 80, "k"), nil},
		"the params set another key":    {pairs{"listener-attributes.HTTP-80", "k=1"}, pairs{"listener-attributes.HTTP-80", "k=2"}, attribute("HTTP", 80, "x"), []string{"listener-attributes.HTTP-80 k"}},
		"the params set another port":   {pairs{"listener-attributes.HTTP-80", "k=1"}, pairs{"listener-attributes.HTTP-80", "k=2"}, attribute("HTTP", 81, "k"), []string{"listener-attributes.HTTP-80 k"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources := []*model.Resource{newClass("alb", albController, "", false), member("a", tt.a...), member("b", tt.b...)}
			if tt.params != nil {
				resources[0] = newClass("alb", albController, "shared", false)
				resources = append(resources, tt.params)
			}
			var got []string
			for _, c := range theGroup(t, graphFrom(model.Scope{}, resources...)).Conflicts {
				if c.Other.Setting.Ref == nil {
					t.Errorf("%s: nothing to point at", c.Item)
				}
				item := c.Item
				if c.Detail != "" {
					item += " " + c.Detail
				}
				got = append(got, item)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestGroupScheme: the members of a group share one scheme, whichever sets it.
func TestGroupScheme(t *testing.T) {
	t.Parallel()
	class := newClass("alb", albController, "", false)
	for name, tt := range map[string]struct {
		members []*model.Resource
		want    string
		known   bool
	}{
		"nobody":              {[]*model.Resource{member("a"), member("b")}, "internal", true},
		"the first":           {[]*model.Resource{member("a", "scheme", "internet-facing"), member("b")}, "internet-facing", true},
		"the last":            {[]*model.Resource{member("a"), member("b", "scheme", "internet-facing")}, "internet-facing", true},
		"unknown":             {[]*model.Resource{member("a"), member("b", "scheme", "${S}")}, "", false},
		"unknown beside one":  {[]*model.Resource{member("a", "scheme", "${S}"), member("b", "scheme", "internal")}, "internal", true},
		"another group's own": {[]*model.Resource{member("a"), newIngress("b", "alb", alb+"scheme", "internet-facing")}, "internal", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, append(tt.members, class)...)
			s := theGroup(t, g).Scheme
			if s.Text() != tt.want || s.Known != tt.known {
				t.Errorf("scheme = %q, known %v; want %q, %v", s.Text(), s.Known, tt.want, tt.known)
			}
			i := theIngress(t, g, "a")
			if i.Annotation("scheme").Origin == graph.OriginNone && g.Setting(i, "scheme").Text() != tt.want {
				t.Errorf("a does not follow the group: %q", g.Setting(i, "scheme").Text())
			}
		})
	}
}

// TestRedirectAndCertificate: ssl-redirect of a group, the rules that it leaves
// out, and the listeners without a certificate.
func TestRedirectAndCertificate(t *testing.T) {
	t.Parallel()
	root := way{"", "/", networkingv1.PathTypePrefix, "web"}
	named := way{"a.example.com", "/", networkingv1.PathTypePrefix, "web"}
	for name, tt := range map[string]struct {
		members     []*model.Resource
		redirects   model.Tri
		built       model.Tri // of the first member
		certificate map[int]model.Tri
	}{
		"no redirect":             {[]*model.Resource{routed(member("a"), root)}, model.No, model.Yes, map[int]model.Tri{80: model.No}},
		"to its own listener":     {[]*model.Resource{routed(member("a", "listen-ports", onBoth, "ssl-redirect", "443"), root)}, model.Yes, model.Yes, map[int]model.Tri{80: model.No, 443: model.No}},
		"to no listener":          {[]*model.Resource{routed(member("a", "ssl-redirect", "443"), root)}, model.No, model.Yes, map[int]model.Tri{80: model.No}},
		"to HTTP":                 {[]*model.Resource{routed(member("a", "listen-ports", onBoth, "ssl-redirect", "80"), root)}, model.No, model.Yes, map[int]model.Tri{80: model.No, 443: model.No}},
		"of another member":       {[]*model.Resource{routed(member("a"), root), member("b", "listen-ports", onTLS, "ssl-redirect", "443", "certificate-arn", arn)}, model.Yes, model.No, map[int]model.Tri{80: model.No, 443: model.Yes}},
		"placeholder":             {[]*model.Resource{routed(member("a", "ssl-redirect", "${P}"), root)}, model.Unknown, model.Unknown, map[int]model.Tri{80: model.No}},
		"listeners not known":     {[]*model.Resource{routed(member("a", "ssl-redirect", "443"), root), member("b", "listen-ports", "${L}")}, model.Unknown, model.Unknown, map[int]model.Tri{80: model.No}},
		"a host finds one":        {[]*model.Resource{routed(member("a", "listen-ports", onTLS), named)}, model.No, model.Yes, map[int]model.Tri{443: model.Yes}},
		"one to be created":       {[]*model.Resource{routed(member("a", "listen-ports", onTLS, "create-acm-cert", "true"), root)}, model.No, model.Yes, map[int]model.Tri{443: model.No}},
		"one named by a variable": {[]*model.Resource{routed(member("a", "listen-ports", onTLS, "certificate-arn", "${ARN}"), root)}, model.No, model.Yes, map[int]model.Tri{443: model.Yes}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, append(tt.members, newClass("alb", albController, "", false))...)
			group := theGroup(t, g)
			if group.Redirects != tt.redirects {
				t.Errorf("redirects = %s, want %s", group.Redirects, tt.redirects)
			}
			if got := theIngress(t, g, "a").Backends[0].Built; got != tt.built {
				t.Errorf("built = %s, want %s", got, tt.built)
			}
			got := map[int]model.Tri{}
			for _, p := range group.Ports {
				got[p.Port] = p.Certificate
			}
			if diff := cmp.Diff(tt.certificate, got); diff != "" {
				t.Errorf("certificates (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCreatedCertificateNeedsItsGate: create-acm-cert moves the default
// listener only where the feature is on.
func TestCreatedCertificateNeedsItsGate(t *testing.T) {
	t.Parallel()
	for gates, want := range map[string]int{"EnableCertificateManagement=true": 443, "EnableIPTargetType=true": 80} {
		t.Run(gates, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, newClass("alb", albController, "", false), controller("--feature-gates="+gates),
				newIngress("web", "alb", alb+"create-acm-cert", "true"))
			i := theIngress(t, g, "web")
			if !i.ListenersKnown || len(i.Listeners) != 1 || i.Listeners[0].Port != want {
				t.Errorf("listeners = %+v, known %v; want %s", i.Listeners, i.ListenersKnown, strconv.Itoa(want))
			}
		})
	}
}
