package webhook_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestKnow: what is of a missing kind is missed by no rule, and is known again with it.
func TestKnow(t *testing.T) {
	t.Parallel()
	warned := "warning: " + lonely + "\nfindings: REACH-004 Service shop/api warn"
	r := newReviewer(t, shopNow)
	web := model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "web"}
	object := r.Cluster.Snapshot().Get(web)
	for _, step := range []struct {
		name    string
		changes []webhook.Change
		missing []model.GroupKind
		want    string
		objects int
	}{
		{name: "all is known", want: warned, objects: 1},
		{name: "a kind that is in no domain", missing: []model.GroupKind{model.KindConfigMap}, objects: 1},
		{name: "the kind is missing", missing: []model.GroupKind{model.KindDeployment}, objects: 1},
		{name: "its objects go", missing: []model.GroupKind{model.KindDeployment}, changes: []webhook.Change{{Ref: web}}},
		{name: "they come with it", changes: []webhook.Change{{Ref: web, Object: object}}, want: warned, objects: 1},
	} {
		r.Cluster.Know(step.changes, step.missing)
		a, err := r.Review(t.Context(), request(t, admissionv1.Create, lonelyService))
		if err != nil {
			t.Fatal(err)
		}
		got := said(a)
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		if n := len(r.Cluster.Snapshot().All(model.KindDeployment)); n != step.objects || r.Cluster.Missing() != len(step.missing) {
			t.Errorf("%s: %d objects, %d kinds are missing", step.name, n, r.Cluster.Missing())
		}
	}
}
