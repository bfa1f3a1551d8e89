package terraform_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

func text(file, s string) *attr.Value {
	return &attr.Value{Kind: attr.String, Text: s, At: model.Span{File: file}}
}

func openTo(file, address string) *attr.Value {
	v := &attr.Value{Kind: attr.Open, Why: file, At: model.Span{File: file}}
	if address != "" {
		v.Links = []model.Link{{Address: address, Certainty: model.LinkKnown, At: v.At}}
	}
	return v
}

func list(file string, items ...*attr.Value) *attr.Value {
	return &attr.Value{Kind: attr.List, Items: items, At: model.Span{File: file}}
}

func rule(file, port string, peer *attr.Value) *attr.Value {
	return &attr.Value{Kind: attr.Object, At: model.Span{File: file + port}, Fields: []attr.Field{{Name: "port", Value: text(file, port)}, {Name: "peer", Value: peer}}}
}

func brief(v *attr.Value) string {
	out := v.Text
	for _, l := range v.Links {
		out += "->" + l.Address
	}
	for _, item := range v.Items {
		out += "[" + brief(item) + "]"
	}
	for _, f := range v.Fields {
		out += f.Name + "=" + brief(f.Value) + ";"
	}
	return fmt.Sprintf("%s@%s", out, v.At.File)
}

// TestMerge: the plan has the values, the configuration the places and the links.
func TestMerge(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		planned, written *attr.Value
		want             string
	}{
		"a value":                          {text("plan", "a"), text("tf", "a"), "a@tf"},
		"another value":                    {text("plan", "a"), text("tf", "b"), "a@tf"},
		"what the configuration refers to": {openTo("plan", ""), openTo("tf", "x"), "->x@tf"},
		"better than the plan":             {openTo("plan", "y"), openTo("tf", "x"), "->x@tf"},
		"nothing to refer to":              {openTo("plan", "y"), openTo("tf", ""), "->y@tf"},
		"a value that is not known":        {openTo("plan", "y"), text("tf", "b"), "->y@tf"},
		"not written":                      {text("plan", "a"), nil, "a@plan"},
		"a set in another order": {
			list("plan", rule("plan", "80", openTo("plan", "")), rule("plan", "443", openTo("plan", ""))),
			list("tf", rule("tf", "443", openTo("tf", "web")), rule("tf", "80", openTo("tf", "lb"))),
			"[port=80@tf;peer=->lb@tf;@tf80][port=443@tf;peer=->web@tf;@tf443]@tf",
		},
		"elements that look alike": {
			list("plan", openTo("plan", ""), openTo("plan", "")), list("tf", openTo("tf", "x"), openTo("tf", "y")), "[->x@tf][->y@tf]@tf",
		},
		"an element that is not written": {list("plan", text("plan", "a"), text("plan", "b")), list("tf", text("tf", "b")), "[a@tf][b@tf]@tf"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrap := func(v *attr.Value) *attr.Value {
				out := &attr.Value{Kind: attr.Object}
				if v != nil {
					out.Fields = []attr.Field{{Name: "v", Value: v}}
				}
				return out
			}
			plan := []terraform.Resource{{Address: "r", Attributes: wrap(tt.planned)}, {Address: "only.planned", Attributes: wrap(tt.planned)}}
			written := []terraform.Resource{{Address: "r", Attributes: wrap(tt.written), Alias: "west", At: model.Span{File: "tf"}}, {Address: "only.written"}}
			if tt.written == nil {
				written = nil
			}
			before := brief(plan[0].Attributes)
			got := terraform.Merge(plan, written)
			if len(got) != 2 || brief(got[1].Attributes) != brief(plan[1].Attributes) {
				t.Errorf("got %d resources", len(got))
			}
			if tt.written != nil && got[0].Alias != "west" || got[1].Alias != "" {
				t.Errorf("got aliases %q and %q", got[0].Alias, got[1].Alias)
			}
			if diff := cmp.Diff(tt.want, brief(got[0].Attributes.Get("v"))); diff != "" {
				t.Error(diff)
			}
			if before != brief(plan[0].Attributes) {
				t.Error("the plan was changed")
			}
		})
	}
}
