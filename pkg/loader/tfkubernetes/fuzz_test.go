package tfkubernetes_test

import (
	"encoding/json"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/model"
)

// FuzzLoad: no attributes make it panic, every place lies in the file, and what is
// not known or is no object says so.
func FuzzLoad(f *testing.F) {
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Type   string          `json:"type"`
					Values json.RawMessage `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal([]byte(text(f, "shop.state.json")), &state); err != nil {
		f.Fatal(err)
	}
	for _, r := range state.Values.Root.Resources {
		f.Add(r.Type, string(r.Values))
	}
	f.Add("kubernetes_manifest", `{"manifest": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "?"}, "spec": "?"}}`)
	f.Add("kubectl_manifest", `{"yaml_body": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}"}`)
	f.Add("kubernetes_env", `{"api_version": "apps/v1", "kind": "Deployment", "container": "?", "metadata": [{"name": "web", "namespace": "shop"}]}`)
	f.Add("kubernetes_network_policy", `{"metadata": [{"name": "a"}], "spec": [{"pod_selector": [null], "ingress": ["?", null, {"from": [[]]}]}]}`)
	f.Fuzz(func(t *testing.T, typ, values string) {
		n, err := syntax.ParseJSON([]byte(values))
		if err != nil {
			t.Skip()
		}
		r := terraform.Resource{Type: typ, Address: typ + ".a", Attributes: opened(attr.FromJSON(n, "main.tf", 0)), At: model.Span{File: "main.tf"}}
		part := tfkubernetes.Load("main.tf", []terraform.Resource{r}, manifest.NewReader(nil))
		check := func(s model.Span) {
			if s.File != "main.tf" || s.Start < 0 || s.End < s.Start || s.End > len(values) {
				t.Errorf("%v is not in the file", s)
			}
		}
		for _, x := range part.Resources {
			check(x.Source.Extent())
			for _, path := range append(x.Unknown, model.Path{"metadata", "name"}, model.Path{"spec"}, model.Path{"kind"}) {
				check(x.Locate(path, model.PartValue))
			}
			for _, p := range tfkubernetes.Patches([]terraform.Resource{r}) {
				p.Changes(x)
			}
		}
		for _, p := range part.Problems {
			check(p.At)
		}
	})
}

// opened is a value in which the text ? stands for what is not known.
func opened(v *attr.Value) *attr.Value {
	if v.Kind == attr.String && v.Text == "?" {
		return &attr.Value{Kind: attr.Open, Why: "var.x", At: v.At}
	}
	for i := range v.Items {
		v.Items[i] = opened(v.Items[i])
	}
	for i := range v.Fields {
		v.Fields[i].Value = opened(v.Fields[i].Value)
	}
	return v
}
