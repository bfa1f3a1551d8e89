package eks_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPodNetwork: under custom networking the pods lie in the subnet of the
// ENIConfig that a label of their nodes names, with its groups.
func TestPodNetwork(t *testing.T) {
	t.Parallel()
	const aws = network + "subnet p vpc=v cidr=10.0.2.0/24 az=az1\nnodegroup n cluster=c subnets=a\n"
	labelled := strings.Replace(aws, "subnets=a\n", "subnets=a label:k8s.amazonaws.com/eniConfig=one\n", 1)
	custom := vpcCNI("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true")
	byZone := strings.Replace(custom, "env: [", "env: [{name: ENI_CONFIG_LABEL_DEF, value: topology.kubernetes.io/zone}, ", 1)
	config := func(name, spec string) string { return "---\nENIConfig//" + name + "\nspec: {" + spec + "}\n" }
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"by the zone":                {byZone + config("az1", "subnet: p, securityGroups: [sg-node]"), aws, []string{"node group n p sg-node"}},
		"by a label":                 {custom + config("one", "subnet: p, securityGroups: [sg-node]"), labelled, []string{"node group n p sg-node"}},
		"the groups of the node":     {byZone + config("az1", "subnet: p"), aws, []string{"node group n p sg-cluster"}},
		"groups by a placeholder":    {byZone + config("az1", "subnet: p, securityGroups: ['${GROUP}']"), aws, []string{"node group n p ?"}},
		"of another zone":            {byZone + config("az2", "subnet: p"), aws, []string{onN, "the input does not show ENIConfig az1"}},
		"a subnet that is not there": {byZone + config("az1", "subnet: q"), aws, []string{onN, "the input does not show subnet q of ENIConfig az1"}},
		"a subnet by a placeholder":  {byZone + config("az1", "subnet: '${SUBNET}'"), aws, []string{onN, "the subnet of ENIConfig az1 is not known"}},
		"a label by a placeholder":   {strings.Replace(byZone, "topology.kubernetes.io/zone", "'${LABEL}'", 1) + config("az1", "subnet: p"), aws, []string{onN, "by which label nodes find their ENIConfig is not known"}},
		"a label that is not shown":  {custom + config("one", "subnet: p"), aws, []string{onN, "the ENIConfig of node group n is not known: the input does not show label k8s.amazonaws.com/eniConfig"}},
		"switched off":               {strings.Replace(byZone, "'true'", "'false'", 1) + config("az1", "subnet: p"), aws, []string{onN}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clusterOf(t, podP+tt.objects, tt.aws)
			if diff := cmp.Diff(tt.want, places(t, c)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			addresses, known := c.PodSubnets()
			if resolved := len(tt.want) == 1; known != resolved {
				t.Errorf("the subnets of pods are all known: %v", known)
			}
			if got := addresses[0].First.String(); strings.Contains(tt.want[0], " p ") != (got == "10.0.2.0") {
				t.Errorf("pods have %s", got)
			}
		})
	}
}
