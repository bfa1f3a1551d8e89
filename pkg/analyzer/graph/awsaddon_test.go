package graph_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestAddonOfTheAWSSide: the add-on VPC CNI of the AWS side shows the engine and its
// settings, as that of eksctl does.
func TestAddonOfTheAWSSide(t *testing.T) {
	t.Parallel()
	const on = `addon vpc-cni cluster=c version=v1.21.0 config={"enableNetworkPolicy":"true","env":{"ENABLE_POD_ENI":"true"}}` + "\n"
	for name, tt := range map[string]struct {
		aws              string
		engine           graph.PolicyEngine
		enforced, podENI model.Tri
	}{
		"switched on":         {on, graph.EngineVPCCNI, model.Yes, model.Yes},
		"says nothing of it":  {"addon vpc-cni cluster=c config={}\n", graph.EngineUnknown, model.Unknown, model.No},
		"not told":            {"addon vpc-cni cluster=c config=?\n", graph.EngineUnknown, model.Unknown, model.Unknown},
		"another add-on":      {"addon coredns cluster=c config={}\n", graph.EngineUnknown, model.Unknown, model.Unknown},
		"of several clusters": {on + "cluster c vpc=v\ncluster d vpc=v\n", graph.EngineUnknown, model.Unknown, model.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph.New(model.NewSnapshot(model.Scope{}, nil).WithAWS(vpctest.Read(t, tt.aws)))
			e := g.Enforcement()
			podENI, _ := g.CNI().Switch("ENABLE_POD_ENI", false)
			if e.Engine != tt.engine || e.Enforced != tt.enforced || podENI != tt.podENI {
				t.Errorf("got %q, enforced %v, ENABLE_POD_ENI %v", e.Engine, e.Enforced, podENI)
			}
			if tt.engine == graph.EngineVPCCNI {
				if at := graph.Holder(e.Agent).Locate(e.At, model.PartValue); at.File != vpctest.File || e.IPv4 != model.Unknown || e.ClusterPolicies != model.Yes {
					t.Errorf("got %v, IPv4 %v, cluster policies %v", at, e.IPv4, e.ClusterPolicies)
				}
			}
		})
	}
}
