package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// TestReaderOfAll: every object is kept as it was written, and nothing else is.
func TestReaderOfAll(t *testing.T) {
	t.Parallel()
	const text = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [], "nope": 1}}
---
{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {}}
---
{"apiVersion": "example.com/v1", "kind": "AllowList", "metadata": {"name": "a"}, "spec": {"n": 1}}
---
{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "b.example.com/v1", "kind": "B", "metadata": {"name": "b"}}]}
---
{"apiVersion": "extensions/v1beta1", "kind": "Ingress", "metadata": {"name": "old"}}
---
{"kind": "values", "a": 1}
`
	documents, _ := Documents(&File{Name: "a.yaml", Text: []byte(text)})
	var got []string
	notes := 0
	for _, d := range documents {
		part := NewReaderOfAll().Read(d)
		notes += len(part.Notes)
		for _, r := range part.Resources {
			got = append(got, r.Ref.String()+" "+strings.TrimSpace(string(r.Written)))
		}
	}
	want := []string{
		`Service web {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [], "nope": 1}}`,
		`Secret s {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {}}`,
		`AllowList a {"apiVersion": "example.com/v1", "kind": "AllowList", "metadata": {"name": "a"}, "spec": {"n": 1}}`,
		`B b {"apiVersion": "b.example.com/v1", "kind": "B", "metadata": {"name": "b"}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if notes != 1 {
		t.Errorf("%d notes, want one on the Ingress of a removed API version", notes)
	}
	part := NewReader([]model.GroupKind{{Kind: "Secret"}}).Read(documents[1])
	if len(part.Resources) != 1 || part.Resources[0].Written != nil {
		t.Errorf("the text is kept where nobody asked for it: %+v", part.Resources)
	}
}
