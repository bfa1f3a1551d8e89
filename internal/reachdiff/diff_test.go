package reachdiff_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/reachdiff"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// manifests are one state of a cluster in a single file.
type manifests string

func (text manifests) load(t *testing.T) *model.Snapshot {
	t.Helper()
	loaded, err := loader.Load(t.Context(), fstest.MapFS{"a.yaml": {Data: []byte(text)}}, loader.Options{Paths: []string{"a.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Clusters) == 0 {
		return model.NewSnapshot(model.Scope{}, nil)
	}
	return loaded.Clusters[0]
}

// lines writes a diff a line each: effect, pair and ports, then the causes as
// state, line and rule.
func lines(d reachdiff.Diff, states [2]manifests) []string {
	var out []string
	groups := func(heading string, list []reachdiff.Group) {
		for _, g := range list {
			line := fmt.Sprintf("%s %s => %s %s (%d)", heading, nameList(d, g.From), nameList(d, g.To), g.Ports, g.Connections)
			for _, c := range g.Causes {
				at := c.Resource.Locate(c.At, model.PartKey).Start
				number := 1 + bytes.Count([]byte(states[c.State])[:at], []byte("\n"))
				line += fmt.Sprintf("; %s %d %s %s %s", c.State, number, c.Resource.Ref.Name, c.At, c.Why)
			}
			out = append(out, line)
		}
	}
	groups("opened", d.Opened)
	groups("closed", d.Closed)
	for _, x := range d.NewWorkloads {
		out = append(out, fmt.Sprintf("new %s %d %d %v %v %v", short(x.Workload), x.ReachedBy, x.Reaches, x.FromOutside, x.ToOutside, x.Existing))
	}
	for _, x := range d.GoneWorkloads {
		out = append(out, fmt.Sprintf("gone %s %d %d %v %v %v", short(x.Workload), x.ReachedBy, x.Reaches, x.FromOutside, x.ToOutside, x.Existing))
	}
	if d.Undecided+d.Unclear > 0 {
		out = append(out, fmt.Sprintf("undecided %d, unclear %d: %s", d.Undecided, d.Unclear, strings.Join(d.Reasons, ", ")))
	}
	return out
}

func nameList(d reachdiff.Diff, list []int32) string {
	var out []string
	for _, i := range list {
		out = append(out, short(d.Endpoints[i]))
	}
	return strings.Join(out, ",")
}

func short(e reach.Endpoint) string {
	if e.Workload == nil {
		return e.Range.String()
	}
	return e.Workload.Ref().Name
}

// pod is a pod of namespace x, or of the namespace before a slash.
func pod(name string, labels ...string) string {
	namespace, name, ok := strings.Cut(name, "/")
	if !ok {
		namespace, name = "x", namespace
	}
	return fmt.Sprintf("---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {%s}}, "+
		"spec: {containers: [{name: c, image: i}]}, status: {podIP: 10.9.0.1}}\n", name, namespace, strings.Join(labels, ", "))
}

// policy isolates pods of namespace x for ingress. The rest follows in lines.
func policy(name, selector string, rest ...string) string {
	return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: x}\n"+
		"spec:\n  podSelector: {%s}\n%s", name, selector, indented(rest))
}

func indented(lines []string) string {
	out := ""
	for _, l := range lines {
		out += "  " + l + "\n"
	}
	return out
}

const (
	all      = "SCTP 1-65535,TCP 1-65535,UDP 1-65535"
	everyone = "0.0.0.0-255.255.255.255"
	ingress  = "policyTypes: [Ingress]"
	egress   = "policyTypes: [Egress]"
	matchA   = "matchLabels: {app: a}"
	matchB   = "matchLabels: {app: b}"
)

const (
	unread   = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"w\n"
	operator = "---\n{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: k8s, namespace: x}, spec: {}}\n"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	two := pod("a", "app: a") + pod("b", "app: b")
	// other keeps the policies of the namespace known, and isolates nobody.
	other := policy("other", "matchLabels: {app: nobody}")
	deny := policy("deny", matchA, ingress)
	portRule := func(ports ...string) string {
		lines := []string{ingress, "ingress:", "- ports:"}
		for _, p := range ports {
			lines = append(lines, "  - "+p)
		}
		return policy("p", matchA, lines...)
	}
	block := func(cidr string) string {
		return policy("p", matchA, ingress, "ingress:", "- from:", "  - ipBlock: {cidr: "+cidr+"}")
	}
	for _, test := range []struct {
		name     string
		old, new string
		want     []string
	}{
		{name: "nothing", old: two + deny, new: two + deny},
		{name: "nothing at all"},
		{
			name: "a policy added closes", old: two + other, new: two + other + deny,
			want: []string{"closed " + everyone + ",b => a " + all + " (2); new 15 deny spec.ingress isolates the pods: it has no ingress rule"},
		},
		{
			name: "removing a policy opens everything", old: two + deny, new: two,
			want: []string{"opened " + everyone + ",b => a " + all + " (2); old 9 deny spec.ingress isolated the pods, and is gone"},
		},
		{
			name: "a rule added opens", old: two + policy("p", matchA, ingress),
			new:  two + policy("p", matchA, ingress, "ingress:", "- from:", "  - podSelector: {"+matchB+"}"),
			want: []string{"opened b => a " + all + " (1); new 13 p spec.ingress[0] admits it"},
		},
		{
			name: "a rule removed closes", new: two + policy("p", matchA, ingress),
			old: two + policy("p", matchA, ingress, "ingress:", "- from:", "  - podSelector: {"+matchB+"}"),
			want: []string{"closed b => a " + all + " (1); old 13 p spec.ingress[0] admitted it; " +
				"new 9 p spec.ingress isolates the pods: it has no ingress rule"},
		},
		{
			name: "port widening shows only the new ports",
			old:  two + portRule("port: 80"), new: two + portRule("{port: 80, endPort: 90}", "{port: 53, protocol: UDP}"),
			want: []string{"opened " + everyone + ",b => a TCP 81-90,UDP 53 (2); new 13 p spec.ingress[0] admits it"},
		},
		{
			name: "a port moved opens one and closes the other",
			old:  two + portRule("port: 80"), new: two + portRule("port: 81"),
			want: []string{
				"opened " + everyone + ",b => a TCP 81 (2); new 13 p spec.ingress[0] admits it",
				"closed " + everyone + ",b => a TCP 80 (2); old 13 p spec.ingress[0] admitted it; " +
					"new 13 p spec.ingress[0] isolates the pods: a rule names the peer, but not the port",
			},
		},
		{
			name: "a widened block shows only the new range", old: two + block("192.0.2.0/24"), new: two + block("192.0.2.0/23"),
			want: []string{"opened 192.0.3.0-192.0.3.255 => a " + all + " (1); new 13 p spec.ingress[0] admits it"},
		},
		{
			name: "ranges that touch and change alike are one", old: two + block("192.0.2.64/26"), new: two + block("0.0.0.0/0"),
			want: []string{
				"opened 0.0.0.0-192.0.2.63,192.0.2.128-255.255.255.255,b => a " + all + " (3); new 13 p spec.ingress[0] admits it",
			},
		},
		{
			name: "IPv6 is compared where one side names it", old: two + block("0.0.0.0/0"), new: two + block("2001:db8::/32"),
			want: []string{
				"opened 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff => a " + all + " (1); new 13 p spec.ingress[0] admits it",
				"closed " + everyone + ",b => a " + all + " (2); old 13 p spec.ingress[0] admitted it; " +
					"new 12 p spec.ingress isolates the pods: no rule names the peer",
			},
		},
		{name: "a rename of a policy changes nothing", old: two + deny, new: two + strings.ReplaceAll(deny, "deny", "none")},
		{name: "input order does not matter", old: two + deny + portRule("port: 80"), new: portRule("port: 80") + deny + two},
		{
			name: "a class that splits", old: pod("a", "app: a") + pod("b", "app: a") + pod("c", "app: a") + deny,
			new: pod("a", "app: a") + pod("b", "app: a") + pod("c", "app: a", "public: here") + deny +
				policy("p", "matchLabels: {public: here}", ingress, "ingress: [{from: [{podSelector: {}}]}]"),
			want: []string{"opened a,b => c " + all + " (2); new 21 p spec.ingress[0] admits it"},
		},
		{
			name: "a change of all pairs names each once",
			old:  pod("a", "app: a") + pod("b", "app: a") + pod("c", "app: c") + policy("p", "", ingress, "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", ""),
			new:  pod("a", "app: a") + pod("b", "app: a") + pod("c", "app: c") + policy("p", "", ingress),
			want: []string{"closed " + everyone + ",a,b,c => a,b,c " + all + " (9); old 14 p spec.ingress[0] admitted it; " +
				"new 11 p spec.ingress isolates the pods: it has no ingress rule"},
		},
		{
			name: "a label moved away from its policy", old: two + deny + other, new: strings.ReplaceAll(two, "app: a", "app: b") + deny + other,
			want: []string{"opened " + everyone + ",b => a " + all + " (2); old 9 deny spec.ingress isolated the pods, and selects them no more"},
		},
		{
			name: "a direction is isolated no more", old: two + policy("p", matchA, egress), new: two + policy("p", matchA, ingress, "ingress: [{}]"),
			want: []string{"opened a => " + everyone + ",b " + all + " (2); old 9 p spec.egress isolated the pods, and isolates for egress no more"},
		},
		{
			name: "a pod moves to the node's network", old: two + deny, new: strings.Replace(two, "spec: {", "spec: {hostNetwork: true, ", 1) + deny,
			want: []string{
				"opened " + everyone + ",b => a " + all + " (2); new 2 a spec.hostNetwork the pods use the node's network, which no policy protects",
			},
		},
		{
			name: "each side opens its part", old: two + portRule("port: 80") + policy("q", matchB, egress, "egress: [{ports: [{port: 81}]}]"),
			new: two + portRule("port: 80", "port: 81") + policy("q", matchB, egress, "egress: [{ports: [{port: 81}, {port: 80}]}]"),
			want: []string{
				"opened " + everyone + " => a TCP 81 (1); new 13 p spec.ingress[0] admits it",
				"opened b => " + everyone + " TCP 80 (1); new 23 q spec.egress[0] admits it",
				"opened b => a TCP 80-81 (1); new 23 q spec.egress[0] admits it",
			},
		},
		{
			name: "a new workload that meets an old one", old: two + deny, new: two + deny + pod("c", "app: c"),
			want: []string{"new c 2 1 true true true"},
		},
		{
			name: "a new workload that meets nobody", old: two + deny, new: two + deny + pod("c", "app: c") + policy("q", "matchLabels: {app: c}", "policyTypes: [Ingress, Egress]"),
			want: []string{"new c 0 0 false false false"},
		},
		{
			name: "a gone workload", old: two + deny, new: pod("a", "app: a") + deny,
			want: []string{"gone b 1 0 true true true"},
		},
		{
			name: "an unknown rule before is no change that is known",
			old:  two + policy("p", matchA, ingress, "ingress: [{ports: [{port: \"${PORT}\"}]}]"), new: two + portRule("port: 80"),
			want: []string{"undecided 2, unclear 0: "},
		},
		{
			name: "no policy on either side", old: two, new: strings.Replace(two, "spec: {", "spec: {hostNetwork: true, ", 1),
		},
		{
			name: "a policy that is not read", old: two + deny + other,
			new:  two + other + "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: l7, namespace: x}, spec: {}}\n",
			want: []string{"undecided 2, unclear 0: NetworkPolicy x/l7 is not read"},
		},
		{
			name: "a workload that a side may hold where it is not read", old: two + deny, new: pod("a", "app: a") + deny + unread,
			want: []string{"undecided 0, unclear 1: a.yaml:13 cannot be read"},
		},
		{
			name: "pods of an operator on both sides hide no manifest", old: two + deny + operator, new: pod("a", "app: a") + deny + operator,
			want: []string{"gone b 1 0 true true true"},
		},
		{
			name: "no namespace is namespace default", old: strings.ReplaceAll(two+deny, "namespace: x", "namespace: default"),
			new: strings.ReplaceAll(strings.ReplaceAll(two+deny, ", namespace: x", ""), "namespace: x", ""),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			states := [2]manifests{manifests(test.old), manifests(test.new)}
			got := lines(reachdiff.Compare(states[0].load(t), states[1].load(t)), states)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
