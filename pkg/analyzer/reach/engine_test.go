package reach_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestEngines: whether an ipBlock holds pods is a matter of the engine. The VPC
// CNI compares addresses, Cilium does not; without a sign of either it is not
// known.
func TestEngines(t *testing.T) {
	t.Parallel()
	const (
		pod  = "Pod/x/new\nmetadata: {labels: {app: new}}\n---\n"
		all  = "NetworkPolicy/y/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}\n"
		part = "NetworkPolicy/y/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}\n"
	)
	for name, tt := range map[string]struct {
		objects string
		want    reach.Verdict
	}{
		"unknown engine, every address": {pod + all, reach.NotKnown},
		"VPC CNI, every address":        {vpcCNI + pod + all, reach.Open},
		"VPC CNI, some addresses":       {vpcCNI + pod + part, reach.NotKnown},
		"Cilium, every address":         {cilium + pod + all, reach.Blocked},
		"two engines":                   {vpcCNI + cilium + pod + all, reach.NotKnown},
		"networks of a cluster policy, both families": {
			pod + "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]}\n",
			reach.Blocked,
		},
		"networks of a cluster policy, one family": {
			pod + "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n",
			reach.NotKnown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkVerdicts(t, reach.New(graphtest.Read(t, base+tt.objects)), map[string]reach.Verdict{"y/job x/new 80/TCP": tt.want})
		})
	}
}
