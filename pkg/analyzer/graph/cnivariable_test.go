package graph_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestWritten lists the variables that the VPC CNI is given by name.
func TestWritten(t *testing.T) {
	t.Parallel()
	set := func(env ...corev1.EnvVar) []*model.Resource {
		return []*model.Resource{engine("kube-system", "aws-node", corev1.Container{Name: "aws-node", Env: env})}
	}
	for name, tt := range map[string]struct {
		resources []*model.Resource
		aws       string
		want      []graph.Variable
	}{
		"nothing":               {nil, "", nil},
		"of a DaemonSet":        {set(corev1.EnvVar{Name: "MAX_ENI", Value: "2"}), "", []graph.Variable{{Name: "MAX_ENI", Value: "2", Known: true}}},
		"a name by placeholder": {set(corev1.EnvVar{Name: "${NAME}", Value: "2"}), "", nil},
		"from another object": {
			set(corev1.EnvVar{Name: "MAX_ENI", ValueFrom: &corev1.EnvVarSource{}}, corev1.EnvVar{Name: "POD_MTU", Value: "${MTU}"}), "",
			[]graph.Variable{{Name: "MAX_ENI"}, {Name: "POD_MTU", Value: "${MTU}"}},
		},
		"of an add-on": {
			nil, `addon vpc-cni cluster=c config={"env":{"POD_MTU":1500,"MAX_ENI":"2"}}` + "\n",
			[]graph.Variable{{Name: "MAX_ENI", Value: "2", Known: true}, {Name: "POD_MTU", Value: "1500", Known: true}},
		},
		"of an add-on that is not known": {nil, "addon vpc-cni cluster=c config=?\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := slices.Clone(graph.New(model.NewSnapshot(model.Scope{}, tt.resources).WithAWS(vpctest.Read(t, tt.aws))).CNI().Written())
			for i := range got {
				got[i].NameAt, got[i].ValueAt = model.Span{}, model.Span{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
