package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	exact    = networkingv1.PathTypeExact
	ofPrefix = networkingv1.PathTypePrefix
	specific = networkingv1.PathTypeImplementationSpecific
)

func spokenRule(r graph.Rule) string {
	return r.Ingress.Ref().Name + ":" + r.Backend.Host + r.Backend.HTTPPath
}

// TestShadowed: a rule is shadowed when an earlier one, in the controller's
// order, covers it on each port and does something else.
func TestShadowed(t *testing.T) {
	t.Parallel()
	const shop = "shop.example.com"
	post := `[{"field":"http-request-method","httpRequestMethodConfig":{"values":["POST"]}}]`
	host := `[{"field":"host-header","hostHeaderConfig":{"values":["b.example.com"]}}]`
	path := `[{"field":"path-pattern","pathPatternConfig":{"values":["/x/*"]}}]`
	all, api := way{shop, "/", ofPrefix, "web"}, way{shop, "/api/*", specific, "api"}
	first := way{shop, "/*", specific, "web"}
	for name, tt := range map[string]struct {
		members []*model.Resource
		want    []string
	}{
		"prefix before pattern, in either order": {[]*model.Resource{routed(member("a"), api, all)}, []string{"a:" + shop + "/api/* by a:" + shop + "/"}},
		"longer prefix first":                    {[]*model.Resource{routed(member("a"), all, way{shop, "/api", ofPrefix, "api"})}, nil},
		"exact first":                            {[]*model.Resource{routed(member("a"), all, way{shop, "/api", exact, "api"})}, nil},
		"patterns in order of the file":          {[]*model.Resource{routed(member("a"), first, api)}, []string{"a:" + shop + "/api/* by a:" + shop + "/*"}},
		"pattern after":                          {[]*model.Resource{routed(member("a"), api, first)}, nil},
		"literal path":                           {[]*model.Resource{routed(member("a"), way{shop, "/", specific, "web"}, api)}, nil},
		"equal hosts are not joined":             {[]*model.Resource{routed(member("a"), all, way{"b.example.com", "/", ofPrefix, "b"}, way{shop, "/api", ofPrefix, "api"})}, []string{"a:" + shop + "/api by a:" + shop + "/"}},
		"same Service":                           {[]*model.Resource{routed(member("a"), first, way{shop, "/api/*", specific, "web"})}, nil},
		"another host":                           {[]*model.Resource{routed(member("a"), first, way{"b.example.com", "/", specific, "b"})}, nil},
		"earlier member":                         {[]*model.Resource{routed(member("a"), way{"", "/", ofPrefix, "web"}), routed(member("b"), api)}, []string{"b:" + shop + "/api/* by a:/"}},
		"order turns them round":                 {[]*model.Resource{routed(member("a", "group.order", "2"), way{"", "/", ofPrefix, "web"}), routed(member("b", "group.order", "1"), api)}, nil},
		"order not known":                        {[]*model.Resource{routed(member("a", "group.order", "${N}"), way{"", "/", ofPrefix, "web"}), routed(member("b"), api)}, nil},
		"order not known, one member":            {[]*model.Resource{routed(member("a", "group.order", "${N}"), all, api)}, []string{"a:" + shop + "/api/* by a:" + shop + "/"}},
		"other ports":                            {[]*model.Resource{routed(member("a"), way{"", "/", ofPrefix, "web"}), routed(member("b", "listen-ports", onTLS), api)}, nil},
		"on one of two ports":                    {[]*model.Resource{routed(member("a"), way{"", "/", ofPrefix, "web"}), routed(member("b", "listen-ports", onBoth), api)}, nil},
		"a port is not known":                    {[]*model.Resource{routed(member("a"), all, api), member("b", "listen-ports", "${L}")}, nil},
		"conditions narrow the first":            {[]*model.Resource{routed(member("a", "conditions.web", post), all, api)}, nil},
		"conditions narrow the second":           {[]*model.Resource{routed(member("a", "conditions.api", post), all, api)}, []string{"a:" + shop + "/api/* by a:" + shop + "/"}},
		"conditions add a host to the second":    {[]*model.Resource{routed(member("a", "conditions.api", host), all, api)}, nil},
		"conditions add a path to the second":    {[]*model.Resource{routed(member("a", "conditions.api", path), all, api)}, nil},
		"conditions of the second not known":     {[]*model.Resource{routed(member("a", "conditions.api", "${C}"), all, api)}, nil},
		"regular expressions":                    {[]*model.Resource{routed(member("a", "use-regex-path-match", "true"), all, api)}, nil},
		"conditions of the second not readable":  {[]*model.Resource{routed(member("a", "conditions.api", "{"), all, api)}, nil},
		"regular expressions, not known":         {[]*model.Resource{routed(member("a", "use-regex-path-match", "${R}"), all, api)}, nil},
		"redirect to itself is dropped":          {[]*model.Resource{routed(member("a", "listen-ports", onTLS, "actions.ssl", toHTTPS), way{"", "/*", specific, "@ssl"}, api)}, nil},
		"redirect to elsewhere":                  {[]*model.Resource{routed(member("a", "actions.ssl", toHTTPS), way{"", "/*", specific, "@ssl"}, api)}, []string{"a:" + shop + "/api/* by a:/*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, append(tt.members, newClass("alb", albController, "", false))...)
			var got []string
			for _, s := range theGroup(t, g).Shadowed {
				got = append(got, spokenRule(s.Rule)+" by "+spokenRule(s.By))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPlain: what an HTTP listener forwards to targets without a redirect.
func TestPlain(t *testing.T) {
	t.Parallel()
	const shop = "shop.example.com"
	all := way{shop, "/*", specific, "web"}
	redirect := []string{"actions.ssl", toHTTPS}
	for name, tt := range map[string]struct {
		member *model.Resource
		want   []string
	}{
		"a rule":                            {routed(member("a"), all), []string{"a:" + shop + "/*"}},
		"HTTPS only":                        {routed(member("a", "listen-ports", onTLS), all), nil},
		"ssl-redirect":                      {routed(member("a", "listen-ports", onBoth, "ssl-redirect", "443"), all), nil},
		"behind a redirect of every host":   {routed(member("a", redirect...), way{"", "/*", specific, "@ssl"}, all), nil},
		"behind a redirect of its host":     {routed(member("a", redirect...), way{shop, "/*", specific, "@ssl"}, all), nil},
		"behind a redirect of another host": {routed(member("a", redirect...), way{"b.example.com", "/*", specific, "@ssl"}, all), []string{"a:" + shop + "/*"}},
		"before the redirect":               {routed(member("a", redirect...), all, way{"", "/*", specific, "@ssl"}), []string{"a:" + shop + "/*"}},
		"an action not read may redirect":   {routed(member("a", "actions.ssl", "${A}"), way{"", "/*", specific, "@ssl"}, all), nil},
		"default backend":                   {defaulted(routed(member("a", redirect...), way{shop, "/*", specific, "@ssl"}), "web"), []string{"a:"}},
		"default backend behind a redirect": {defaulted(routed(member("a", redirect...), way{"", "/*", specific, "@ssl"}), "web"), nil},
		"fixed response":                    {routed(member("a", "actions.no", `{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404"}}`), way{"", "/*", specific, "@no"}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphFrom(model.Scope{}, tt.member, newClass("alb", albController, "", false))
			var got []string
			for _, p := range theGroup(t, g).Ports {
				for _, r := range p.Plain {
					got = append(got, spokenRule(r))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
