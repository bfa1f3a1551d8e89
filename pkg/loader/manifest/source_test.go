package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	asList = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: first}\n" +
		"- apiVersion: v1\n  kind: Service\n  metadata:\n    name: web\n  spec:\n    ports:\n    - port: 80\n      name: h\n"
	asJSON = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n {\"kind\": \"Service\", \"apiVersion\": \"v1\",\n" +
		"  \"metadata\": {\"name\": \"web\"}, \"spec\": {\"ports\": [{\"port\": 80, \"name\": \"h\"}]}}]}\n"
	asFlow = "---\n# é\n{apiVersion: v1, kind: Service, metadata: {name: 'web'}, spec: {ports: [{port: 80, name: \"h\"}]}}\n---\n"
	plain  = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n    name: h\n"
	asAnch = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n  - &p {port: 80, name: h}\n  - *p\n"
)

// TestLocate shows that a position means the same in every way to write it.
func TestLocate(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"plain.yaml": plain, "crlf.yaml": "\ufeff" + strings.ReplaceAll("# c\n---\n"+plain, "\n", "\r\n"),
		"second.yaml": "a: é\n---\n" + plain + "\n\n---\nb: c\n", "list.yaml": asList, "list.json": asJSON, "flow.yaml": asFlow,
		"anchors.yaml": asAnch, "directive.yaml": "%YAML 1.1\n---\n" + plain + "...\n# end\n",
	}
	tests := []struct {
		path  string
		part  model.Part
		value string
	}{
		{"kind", model.PartValue, "Service"},
		{"metadata.name", model.PartValue, "web"},
		{"metadata.name", model.PartKey, "name"},
		{"spec.ports.0.port", model.PartValue, "80"},
		{"spec.ports.0.name", model.PartValue, "h"},
		{"spec.ports", model.PartKey, "ports"},
		{"spec.ports", model.PartValue, "ports"},
		{"spec.gone", model.PartValue, "spec"},
		{"spec.ports.0.gone.deep", model.PartKey, ""},
	}
	for name, text := range texts {
		for _, test := range tests {
			t.Run(name+" "+test.path, func(t *testing.T) {
				t.Parallel()
				p := readAll(name, text)
				r := p.Resources[len(p.Resources)-1]
				at := r.Locate(strings.Split(test.path, "."), test.part)
				got := strings.Trim(text[at.Start:at.End], `'"`)
				if test.value == "" {
					if !strings.Contains(got, "80") || strings.Contains(got, "Service") {
						t.Errorf("got %q, want the port", got)
					}
					return
				}
				if got != test.value {
					t.Errorf("got %q, want %q", got, test.value)
				}
			})
		}
	}
}

// TestLocateLine: a line of a text has a place of its own where the text is
// written line by line.
func TestLocateLine(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
	for name, tt := range map[string]struct{ data, element, want string }{
		"first":              {"  a: |\n    one\n      two  \n\n    four\n", model.Line(1), "one"},
		"indented":           {"  a: |\n    one\n      two  \n\n    four\n", model.Line(2), "two"},
		"after an empty one": {"  a: |-\n    one\n\n    three\n", model.Line(3), "three"},
		"with an indicator":  {"  a: |2+\n      one\n    two\n", model.Line(2), "two"},
		"Windows":            {"  a: |\r\n    one\r\n    two\r\n", model.Line(2), "two"},
		"past the end":       {"  a: |\n    one\n", model.Line(2), "a"},
		"folded":             {"  a: >\n    one\n    two\n", model.Line(2), "a"},
		"quoted":             {"  a: \"one\\ntwo\"\n", model.Line(2), "a"},
		"no line":            {"  a: |\n    one\n", "#x", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := head + tt.data
			r := readAll("a.yaml", text).Resources[0]
			at := r.Locate(model.Path{"data", "a", tt.element}, model.PartValue)
			if got := text[at.Start:at.End]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExtent(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a.yaml", "---\n\n# why\n" + plain + "\n \n---\n", strings.TrimSpace(plain)},
		{"a.yaml", asList, strings.TrimSpace(asList[strings.LastIndex(asList, "- apiV")+2:])},
		{"a.json", asJSON, asJSON[strings.Index(asJSON, `{"kind": "S`) : len(asJSON)-3]},
	}
	for i, test := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			p := readAll(test.name, test.text)
			at := p.Resources[len(p.Resources)-1].Source.Extent()
			if diff := cmp.Diff(test.want, test.text[at.Start:at.End]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"one", "a: 1", []string{"a: 1"}},
		{"content behind the marker", "--- {a: 1}\n---\tb\n", []string{" {a: 1}\n", "\tb\n"}},
		{"no markers", "a: 1\n ---\n----\n--- \n---x\n", []string{"a: 1\n ---\n----\n", " \n---x\n"}},
		{"end marker", "a\n...\nb\n... # c\n---\nc", []string{"a\n", "b\n", "\nc"}},
		{"in a block scalar", "a: |\n  ---\n  b\n---\nc", []string{"a: |\n  ---\n  b\n", "\nc"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range split([]byte(test.text)) {
				got = append(got, string(e.of([]byte(test.text))))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	sure := head{apiVersion: "v1", kind: "Pod", sure: true}
	tests := []struct {
		name, text string
		want       head
	}{
		{"plain", "apiVersion: v1\nkind: Pod # c\n", sure},
		{"quoted", "'apiVersion' : \"v1\"\r\n\"kind\": 'Pod'\r\n", sure},
		{"twice", "apiVersion: v1\nkind: Pod\nkind: Pod\n", head{apiVersion: "v1", kind: "Pod"}},
		{"anchored", "apiVersion: &a v1\nkind: Pod\n", head{kind: "Pod"}},
		{"on the next line", "apiVersion:\n  v1\nkind: Pod\n", head{kind: "Pod"}},
		{"deeper", "a:\n  apiVersion: v1\n  kind: Pod\n", head{}},
		{
			"metadata", "apiVersion: v1\nkind: Pod\nmetadata: # c\n\n    # d\n    labels:\n      name: x\n    namespace: \"b\"\n    name: a\nspec:\n    name: y\n",
			head{apiVersion: "v1", kind: "Pod", sure: true, name: "a", namespace: "b"},
		},
		{"no simple name", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${A}\n", sure},
		{"key without blank", "apiVersion:v1\nkind: Pod\n", head{kind: "Pod"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, sniff([]byte(test.text)), cmp.AllowUnexported(head{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
