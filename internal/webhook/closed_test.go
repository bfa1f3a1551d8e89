package webhook_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// pods is a Deployment whose containers name what is given.
func pods(namespace, name, labels, names string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: %s}
spec:
  selector: {matchLabels: {%s}}
  template:
    metadata: {labels: {%s}}
    spec: {containers: [{name: a, image: a, ports: [{containerPort: 8080}], env: [{name: BACKEND, value: %q}]}]}`, name, namespace, labels, labels, names)
}

func serviceOf(namespace, name, selector string) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Service
metadata: {name: %s, namespace: %s}
spec: {selector: {%s}, ports: [{port: 80, targetPort: 8080, protocol: TCP}]}`, name, namespace, selector)
}

// policyOf is a NetworkPolicy with a spec.
func policyOf(namespace, name, spec string) string {
	return fmt.Sprintf("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: %s}\nspec: {%s}", name, namespace, spec)
}

// town has an api that two namespaces use, in two versions, and a store that nobody uses.
var town = strings.Join([]string{
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}",
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: office}",
	pods("shop", "web", "app: web", "http://api"),
	pods("shop", "api", "app: api, version: one", ""),
	pods("shop", "api-next", "app: api, version: two", ""),
	pods("shop", "store", "app: store", ""),
	serviceOf("shop", "api", "app: api"),
	serviceOf("shop", "store", "app: store"),
	pods("office", "report", "app: report", "http://api.shop.svc.cluster.local/v1"),
	pods("office", "audit", "app: audit", "http://api.shop:80"),
	pods("office", "idle", "app: idle", ""),
}, "\n---\n")

const (
	denyIngress = "podSelector: {}, policyTypes: [Ingress]"
	everybody   = "podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 8080}]}]"
	onlyShop    = "podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: 8080}]}]"
)

// TestClosed: what is warned of besides findings.
func TestClosed(t *testing.T) {
	t.Parallel()
	const (
		ofAudit = "office/audit[Deployment] to Service shop/api on TCP 80"
		both    = "ekslint: it closes 2 connections, such as " + ofAudit
	)
	// A pod whose address is known, and its client.
	addressed := []string{
		`apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: a, image: a}]}
status: {podIP: 10.0.0.7, podIPs: [{ip: 10.0.0.7}]}`, serviceOf("shop", "db", "app: db"), pods("office", "bank", "app: bank", "http://db.shop"),
	}
	for name, c := range map[string]struct {
		there  []string
		op     admissionv1.Operation
		object string
		mode   webhook.Mode
		label  string
		want   []string
	}{
		"a policy that admits its own namespace":     {object: policyOf("shop", "a", onlyShop), want: []string{both}},
		"where it only warns":                        {object: policyOf("shop", "a", onlyShop), mode: webhook.Warn, want: []string{both}},
		"where nobody is warned":                     {object: policyOf("shop", "a", onlyShop), mode: webhook.Audit},
		"where the namespace says so":                {object: policyOf("shop", "a", onlyShop), label: "audit"},
		"what a finding tells is not said again":     {object: policyOf("shop", "a", denyIngress), want: []string{"[REACH-005]", both}},
		"a Service that nobody uses":                 {object: policyOf("shop", "a", "podSelector: {matchLabels: {app: store}}, policyTypes: [Ingress]")},
		"everybody is admitted":                      {object: policyOf("shop", "a", everybody)},
		"one of two versions":                        {object: policyOf("shop", "a", "podSelector: {matchLabels: {version: two}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: office}}}]}]"), want: []string{"ekslint: it closes a connection: shop/web[Deployment] to Service shop/api on TCP 80"}},
		"another port":                               {object: policyOf("shop", "a", "podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 80}]}]"), want: []string{"[REACH-005]", both}},
		"egress of a client, which a finding tells":  {object: policyOf("office", "a", "podSelector: {matchLabels: {app: audit}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}]"), want: []string{"[REACH-005]"}},
		"egress to the versions of the Service":      {object: policyOf("office", "a", "podSelector: {matchLabels: {app: audit}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {version: one}}}]}]"), want: []string{"ekslint: it closes a connection: " + ofAudit}},
		"an address that may be that of the Service": {there: addressed, object: policyOf("office", "a", "podSelector: {matchLabels: {app: bank}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 172.20.0.0/16}}]}]")},
		"a port that no address is open on":          {there: addressed, object: policyOf("office", "a", "podSelector: {matchLabels: {app: bank}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 172.20.0.0/16}}], ports: [{port: 443}]}]"), want: []string{"[REACH-005]"}},
		"what is closed already":                     {there: []string{policyOf("shop", "b", denyIngress)}, object: policyOf("shop", "a", onlyShop)},
		"what it admits goes on with it":             {there: []string{policyOf("shop", "b", denyIngress), policyOf("shop", "a", everybody)}, op: admissionv1.Delete, object: policyOf("shop", "a", everybody), want: []string{"[REACH-005]", both}},
		"an update that admits less":                 {there: []string{policyOf("shop", "a", everybody)}, op: admissionv1.Update, object: policyOf("shop", "a", onlyShop), want: []string{both}},
		"one that changes nothing":                   {there: []string{policyOf("shop", "a", onlyShop)}, op: admissionv1.Update, object: policyOf("shop", "a", onlyShop)},
		"one policy of two that admit":               {there: []string{policyOf("shop", "a", everybody), policyOf("shop", "b", everybody)}, op: admissionv1.Delete, object: policyOf("shop", "a", everybody)},
		"a policy that goes and opens":               {there: []string{policyOf("shop", "a", onlyShop)}, op: admissionv1.Delete, object: policyOf("shop", "a", onlyShop)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := town
			if c.label != "" {
				text = strings.Replace(text, "{name: shop}", "{name: shop, labels: {ekslint.io/mode: "+c.label+"}}", 1)
			}
			r := newReviewer(t, strings.Join(append([]string{text}, c.there...), "\n---\n"))
			if c.mode != 0 {
				r.Policy.Mode = c.mode
			}
			if c.op == "" {
				c.op = admissionv1.Create
			}
			a, err := r.Review(t.Context(), request(t, c.op, c.object))
			if err != nil || !a.Allowed {
				t.Fatalf("%v, %v", a, err)
			}
			var got []string
			for _, w := range a.Warnings {
				if strings.HasPrefix(w, "[REACH-005]") {
					w = "[REACH-005]"
				}
				if strings.HasPrefix(w, "ekslint:") || w == "[REACH-005]" {
					got = append(got, w)
				}
				if len(w) > 256 {
					t.Errorf("%d bytes: %s", len(w), w)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s%s", diff, strings.Join(a.Warnings, "\n"))
			}
		})
	}
}

// TestClosedToLoadBalancers: an Ingress relies on its Service, too.
func TestClosedToLoadBalancers(t *testing.T) {
	t.Parallel()
	ingress := strings.NewReplacer("extern", "internal", "name: web", "name: api").Replace(badIngress)
	class := "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}"
	r := newReviewer(t, strings.Join([]string{town, class, ingress}, "\n---\n"))
	o, err := r.Cluster.Consider(t.Context(), changeOf(t, r.Objects, policyOf("shop", "a", "podSelector: {matchLabels: {version: two}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}]}]")))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := texts(o.Closed), []string{"Ingress shop/new to shop/api-next[Deployment] on TCP 8080"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func changeOf(t testing.TB, objects *webhook.Objects, text string) webhook.Change {
	t.Helper()
	object := parse(t, objects, text)[0]
	return webhook.Change{Ref: object.Ref, Object: object}
}

func texts(list []webhook.Closed) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Text)
	}
	slices.Sort(out)
	return out
}

// TestClosedIsWhatAllPairsSay: in clusters that change at random, what is closed is what a
// look at every workload of the whole cluster finds.
func TestClosedIsWhatAllPairsSay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	spaces, apps := []string{"a", "b", "c"}, []string{"api", "web", "store"}
	label := func() string { return "app: " + one(apps...) + ", tier: " + one("front", "back") }
	backend := func() string {
		return "http://" + one(apps...) + one("", ".a", ".b.svc", ".c.svc.cluster.local")
	}
	peer := func() string {
		return one("{podSelector: {}}", "{namespaceSelector: {}}", "{podSelector: {matchLabels: {app: "+one(apps...)+"}}}",
			"{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "+one(spaces...)+"}}, podSelector: {matchLabels: {tier: "+one("front", "back")+"}}}",
			"{ipBlock: {cidr: 10.0.0.0/8}}")
	}
	rule := func(peers string) string {
		return "[{" + peers + ": [" + peer() + "], ports: [{port: " + one("8080", "9") + "}]}]"
	}
	policy := func() string {
		selects := "podSelector: {matchLabels: {" + one("app: api", "app: web", "tier: back") + "}}, "
		return policyOf(one(spaces...), one("p", "q"), selects+one(
			"policyTypes: [Ingress]", "policyTypes: [Egress]", "policyTypes: [Ingress], ingress: "+rule("from"), "policyTypes: [Egress], egress: "+rule("to"),
			"policyTypes: [Ingress], ingress: [{}]", "policyTypes: [Egress], egress: [{}]"))
	}
	closings := 0
	for range 15 {
		var all []string
		for _, space := range spaces {
			all = append(all, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+space+", labels: {kubernetes.io/metadata.name: "+space+"}}")
			for n, app := range apps {
				all = append(all, pods(space, fmt.Sprintf("w%d", n), label(), backend()), serviceOf(space, app, "app: "+app))
			}
		}
		objects := webhook.NewObjects(nil)
		c := webhook.NewCluster(webhook.Options{Clock: time.Now})
		replace(t, c, parse(t, objects, strings.Join(all, "\n---\n")))
		for range 40 {
			if random.IntN(4) == 0 {
				c.Apply([]webhook.Change{changeOf(t, objects, pods(one(spaces...), "w1", label(), backend()))})
			}
			change := changeOf(t, objects, policy())
			if random.IntN(3) == 0 {
				change.Object = nil
			}
			before, after := c.Snapshot(), c.Snapshot().Without(change.Ref)
			if change.Object != nil {
				after = c.Snapshot().With(change.Object)
			}
			want := closedByPairs(before, after)
			o, err := c.Consider(t.Context(), change)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, texts(o.Closed)); diff != "" {
				t.Fatalf("%s %v (-pairs +got):\n%s", change.Ref, change.Object, diff)
			}
			closings += len(want)
			c.Apply([]webhook.Change{change})
		}
	}
	if closings < 60 {
		t.Errorf("only %d connections were closed", closings)
	}
}

// closedByPairs looks at every workload, its dependencies and the pods behind them.
func closedByPairs(before, after *model.Snapshot) []string {
	type connection struct{ text, to string }
	open := func(s *model.Snapshot) (certain, possible map[connection]bool) {
		certain, possible = map[connection]bool{}, map[connection]bool{}
		g := graph.New(s)
		e := reach.New(g)
		for _, o := range g.Objects(graph.KindWorkload) {
			w := o.(*graph.Workload)
			for _, d := range g.Dependencies(w) {
				for _, to := range d.Service.Pods() {
					from, _ := e.Number(w)
					at, _ := e.Number(to)
					key := connection{fmt.Sprintf("%s to Service %s on TCP %d", e.Endpoint(from), d.Service.Ref().NamespacedName(), d.Number), to.Ref().String()}
					ports := e.Between(from, at)
					certain[key] = ports.Certain.Contains(netset.TCP, 8080)
					// Where an ipBlock admits addresses, one of them may be that of the Service.
					byAddress := !e.EgressBlocked(from, e.Outside(), netset.PortRange(netset.TCP, 80, 80)) && isIngressOpen(e, from, at)
					possible[key] = ports.Possible.Contains(netset.TCP, 8080) || byAddress
				}
			}
		}
		return certain, possible
	}
	was, _ := open(before)
	_, may := open(after)
	var out []string
	for key, isOpen := range was {
		if isOpen && !may[key] && !slices.Contains(out, key.text) {
			out = append(out, key.text)
		}
	}
	slices.Sort(out)
	return out
}

func isIngressOpen(e *reach.Engine, from, to int) bool {
	for _, hop := range e.Ask(from, to, netset.PortRange(netset.TCP, 8080, 8080)).Hops {
		if hop.Direction == reach.Ingress && hop.Verdict == model.No {
			return false
		}
	}
	return true
}

// BenchmarkClosed is what a policy costs where nothing is asked but what it closes. Of
// 10,000 workloads each names a Service of its namespace and one of another.
func BenchmarkClosed(b *testing.B) {
	const spaces, workloads = 500, 20
	var all []string
	for n := range spaces {
		space := fmt.Sprintf("ns-%d", n)
		all = append(all, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+space+"}")
		for i := range workloads {
			name := fmt.Sprintf("w-%d", i)
			names := fmt.Sprintf("http://w-%d,http://%s.ns-%d.svc", (i+1)%workloads, name, (n*7+i)%spaces)
			all = append(all, pods(space, name, "app: "+name, names), serviceOf(space, name, "app: "+name))
		}
	}
	objects := webhook.NewObjects(nil)
	c := webhook.NewCluster(webhook.Options{Clock: time.Now})
	replace(b, c, parse(b, objects, strings.Join(all, "\n---\n")))
	change := func(i int) webhook.Change {
		return changeOf(b, objects, policyOf(fmt.Sprintf("ns-%d", i*7%spaces), "deny", denyIngress))
	}
	for i := 0; b.Loop(); i++ {
		if o, err := c.Consider(b.Context(), change(i)); err != nil || len(o.Closed) < workloads {
			b.Fatalf("%d are closed, %v", len(o.Closed), err)
		}
	}
}
