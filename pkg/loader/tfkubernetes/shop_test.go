package tfkubernetes_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/loader/tfplan"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestShop: one shop, as manifests and in each form of Terraform, is the same.
// shop.state.json and shop.plan.json hold every attribute of the provider's schema.
func TestShop(t *testing.T) {
	t.Parallel()
	want := map[model.Ref]metav1.Object{}
	documents, _ := manifest.Documents(&manifest.File{Name: "shop.yaml", Text: []byte(text(t, "shop.yaml"))})
	for _, d := range documents {
		collect(t, want, manifest.NewReader(nil).Read(d))
	}
	for name, resources := range map[string][]terraform.Resource{
		"configuration": configured(text(t, "shop.tf")),
		"plan":          planned(t, "shop.plan.json"),
		"state":         planned(t, "shop.state.json"),
		"both":          terraform.Merge(planned(t, "shop.plan.json"), configured(text(t, "shop.tf"))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[model.Ref]metav1.Object{}
			collect(t, got, tfkubernetes.Load("main.tf", resources, manifest.NewReader(nil)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-manifests +Terraform:\n%s", diff)
			}
		})
	}
}

// collect checks that all is known, and adds the objects.
func collect(t *testing.T, to map[model.Ref]metav1.Object, part model.Fragment) {
	t.Helper()
	for _, p := range part.Problems {
		t.Errorf("problem: %s", p.Message)
	}
	for _, o := range part.Opaque {
		t.Errorf("opaque: %s", o.Why)
	}
	for _, r := range part.Resources {
		if len(r.Unknown)+len(r.Defects) > 0 {
			t.Errorf("%s: unknown %v, defects %v", r.Ref, r.Unknown, r.Defects)
		}
		to[r.Ref] = r.Object
	}
}

func text(t testing.TB, name string) string {
	t.Helper()
	out, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func configured(configuration string) []terraform.Resource {
	resources, _ := tfhcl.NewSource(func(dir string) (map[string][]byte, error) {
		if dir != "root" {
			return nil, fs.ErrNotExist
		}
		return map[string][]byte{"main.tf": []byte(configuration)}, nil
	}).Load("root", tfhcl.Inputs{})
	return resources
}

func planned(t *testing.T, name string) []terraform.Resource {
	t.Helper()
	return tfplan.Read(name, []byte(text(t, name))).Resources
}
