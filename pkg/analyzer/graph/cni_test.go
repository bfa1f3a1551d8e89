package graph_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestCNI reads the settings of the VPC CNI. A number of -1 is not known.
func TestCNI(t *testing.T) {
	t.Parallel()
	node := func(c ...corev1.Container) []*model.Resource {
		return []*model.Resource{engine("kube-system", "aws-node", c...)}
	}
	set := func(env ...corev1.EnvVar) corev1.Container { return corev1.Container{Name: "aws-node", Env: env} }
	from := corev1.EnvVar{Name: "WARM_PREFIX_TARGET", ValueFrom: &corev1.EnvVarSource{}}
	changed := node(set(corev1.EnvVar{Name: "WARM_PREFIX_TARGET", Value: "3"}))
	changed[0].Unknown = []model.Path{{"spec", "template", "spec", "containers", "0", "env"}}
	for name, tt := range map[string]struct {
		resources []*model.Resource
		aws       string
		shown     bool
		prefixes  model.Tri
		warm      int
	}{
		"nothing":                   {nil, "", false, model.Unknown, -1},
		"a DaemonSet without any":   {node(set()), "", true, model.No, 0},
		"a DaemonSet that sets":     {node(set(corev1.EnvVar{Name: "WARM_PREFIX_TARGET", Value: "3"}, corev1.EnvVar{Name: "ENABLE_PREFIX_DELEGATION", Value: "true"})), "", true, model.Yes, 3},
		"from another object":       {node(set(from)), "", true, model.No, -1},
		"a placeholder":             {node(set(corev1.EnvVar{Name: "WARM_PREFIX_TARGET", Value: "${WARM}"})), "", true, model.No, -1},
		"no number, no switch":      {node(set(corev1.EnvVar{Name: "WARM_PREFIX_TARGET", Value: "two"}, corev1.EnvVar{Name: "ENABLE_PREFIX_DELEGATION", Value: "two"})), "", true, model.Unknown, -1},
		"a patch of the list":       {changed, "", true, model.Unknown, -1},
		"no container of it":        {node(corev1.Container{Name: "other"}), "", true, model.Unknown, -1},
		"of another namespace":      {[]*model.Resource{engine("shop", "aws-node", set())}, "", false, model.Unknown, -1},
		"an add-on sets what it is": {nil, "addon vpc-cni cluster=c config={}\n", true, model.No, 1},
		"an add-on that is told":    {nil, `addon vpc-cni cluster=c config={"env":{"ENABLE_PREFIX_DELEGATION":"true","WARM_PREFIX_TARGET":2}}` + "\n", true, model.Yes, 2},
		"an add-on that is not":     {nil, "addon vpc-cni cluster=c config=?\n", true, model.Unknown, -1},
		"the DaemonSet before it":   {node(set()), "addon vpc-cni cluster=c config={}\n", true, model.No, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cni := graph.New(model.NewSnapshot(model.Scope{}, tt.resources).WithAWS(vpctest.Read(t, tt.aws))).CNI()
			prefixes, _ := cni.Switch("ENABLE_PREFIX_DELEGATION", false)
			number := cni.Number("WARM_PREFIX_TARGET", 0)
			warm, known := number.Get()
			if !known {
				warm = -1
			}
			if (cni.Agent != nil) != tt.shown || prefixes != tt.prefixes || warm != tt.warm {
				t.Errorf("got shown %v, prefixes %s, warm %d (%s)", cni.Agent != nil, prefixes, warm, number.Why())
			}
		})
	}
}
