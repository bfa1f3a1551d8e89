package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func controlledBy(apiVersion, kind, name string) []metav1.OwnerReference {
	controller := true
	return []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: name, Controller: &controller}}
}

func ownedPod(name, address string, labels map[string]string, owners []metav1.OwnerReference) *model.Resource {
	return &model.Resource{
		Ref: model.Ref{Kind: "Pod", Namespace: "shop", Name: name},
		Object: &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: labels, OwnerReferences: owners},
			Status:     corev1.PodStatus{PodIP: address},
		},
	}
}

func replicaSet(name string, owners []metav1.OwnerReference) *model.Resource {
	return &model.Resource{
		Ref:    model.Ref{Group: "apps", Kind: "ReplicaSet", Namespace: "shop", Name: name},
		Object: &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, OwnerReferences: owners}},
	}
}

// TestOwners: an object of a running cluster stands for itself only where the
// input does not show what made it.
func TestOwners(t *testing.T) {
	t.Parallel()
	web := map[string]string{"app": "web"}
	deployment := &model.Resource{
		Ref:    model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "web"},
		Object: &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}},
	}
	ofSet, ofDeployment := controlledBy("apps/v1", "ReplicaSet", "web-1"), controlledBy("apps/v1", "Deployment", "web")
	for name, tt := range map[string]struct {
		resources []*model.Resource
		want      []string
	}{
		"the owner speaks for its pods": {
			[]*model.Resource{deployment, replicaSet("web-1", ofDeployment), replicaSet("web-0", ofDeployment), ownedPod("a", "10.0.0.1", web, ofSet), ownedPod("b", "10.0.0.2", web, ofSet)},
			[]string{"Deployment web of Deployment web, single false, [10.0.0.1 10.0.0.2]"},
		},
		"an owner in between": {
			[]*model.Resource{replicaSet("web-1", ofDeployment), ownedPod("a", "10.0.0.1", web, ofSet)},
			[]string{"ReplicaSet web-1 of ReplicaSet web-1, single false, [10.0.0.1]"},
		},
		"pods of an absent owner that are alike are one": {
			[]*model.Resource{ownedPod("a", "10.0.0.1", web, ofSet), ownedPod("b", "10.0.0.2", web, ofSet), ownedPod("c", "10.0.0.3", nil, ofSet)},
			[]string{"Pod a of ReplicaSet web-1, single false, [10.0.0.1 10.0.0.2]", "Pod c of ReplicaSet web-1, single false, [10.0.0.3]"},
		},
		"pods without an owner are themselves": {
			[]*model.Resource{ownedPod("a", "10.0.0.1", web, nil), ownedPod("b", "10.0.0.2", web, nil)},
			[]string{"Pod a of Pod a, single true, [10.0.0.1]", "Pod b of Pod b, single true, [10.0.0.2]"},
		},
		"a node is no owner": {
			[]*model.Resource{ownedPod("a", "", web, controlledBy("v1", "Node", "n")), ownedPod("b", "", web, controlledBy("v1", "Node", "n"))},
			[]string{"Pod a of Pod a, single true, []", "Pod b of Pod b, single true, []"},
		},
		"owners in a circle": {
			[]*model.Resource{replicaSet("x", controlledBy("apps/v1", "ReplicaSet", "y")), replicaSet("y", controlledBy("apps/v1", "ReplicaSet", "x"))},
			[]string{"ReplicaSet x of ReplicaSet x, single false, []", "ReplicaSet y of ReplicaSet y, single false, []"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph.New(model.NewSnapshot(model.Scope{}, tt.resources))
			var got []string
			for _, o := range g.Objects(graph.KindWorkload) {
				w, ok := o.(*graph.Workload)
				if !ok {
					t.Fatalf("%T", o)
				}
				got = append(got, fmt.Sprintf("%s %s of %s %s, single %v, %v",
					w.Ref().Kind, w.Ref().Name, w.Owner().Kind, w.Owner().Name, w.Single(), w.Addresses()))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
