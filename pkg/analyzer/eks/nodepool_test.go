package eks_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNodePools: the nodes of Karpenter lie in the subnets, and have the groups, that
// their class selects.
func TestNodePools(t *testing.T) {
	t.Parallel()
	const (
		pool = "---\nNodePool//spot\nspec: {template: {metadata: {labels: {team: x}}, spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: d}}}}\n"
		aws  = "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24 az=az1 tag:find=me\nsubnet b vpc=v cidr=10.0.1.0/24 az=az2\n" +
			"cluster c vpc=v group=sg-cluster subnets=a,b\ngroup sg-cluster in=all::sg-cluster tag:find=me\ngroup sg-node in=all::sg-node tag:other=y\n"
		onA    = "NodePool spot a sg-cluster"
		hidden = "the subnets of EC2NodeClass d are not among those of the input"
	)
	class := func(subnets, groups string) string {
		return "---\nEC2NodeClass//d\nspec: {subnetSelectorTerms: [" + subnets + "], securityGroupSelectorTerms: [" + groups + "]}\n"
	}
	const mine = "{tags: {find: me}}"
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"by a tag":                      {pool + class(mine, mine), aws, []string{onA}},
		"by a tag with any value":       {pool + class("{tags: {find: '*'}}", "{tags: {find: '*'}}"), aws, []string{onA}},
		"by identifiers":                {pool + class("{id: b}", "{id: sg-node}"), aws, []string{"NodePool spot b sg-node"}},
		"two terms":                     {pool + class("{id: b}, "+mine, "{id: sg-node}, "+mine), aws, []string{"NodePool spot a sg-cluster,sg-node", "NodePool spot b sg-cluster,sg-node"}},
		"a term of two":                 {pool + class("{tags: {find: me}, id: b}", mine), aws, []string{hidden}},
		"beside a node group":           {pool + class(mine, mine), aws + "nodegroup n cluster=c subnets=a\n", []string{onN, onA}},
		"a group by its name":           {pool + class(mine, "{name: nodes}"), aws, []string{"the security groups of EC2NodeClass d are not among those of the input"}},
		"a group by a name that it has": {pool + class(mine, "{name: nodes}"), strings.Replace(strings.Replace(aws, "group sg-node", "group sg-node name=nodes", 1), "group sg-cluster", "group sg-cluster name=other", 1), []string{"NodePool spot a sg-node"}},
		"a tag that is not known":       {pool + class(mine, mine), strings.Replace(aws, "az=az2", "az=az2 tag:find=?", 1), []string{"whether EC2NodeClass d selects subnet b is not known"}},
		"a placeholder":                 {pool + class("{tags: {find: '${TAG}'}}", mine), aws, []string{"NodePool spot makes nodes whose subnets and security groups are not resolved"}},
		"a group that is perhaps made":  {pool + class(mine, mine), strings.Replace(aws, "group sg-cluster", "group sg-cluster perhaps", 1), []string{"the security groups of EC2NodeClass d are not among those of the input"}},
		"no class":                      {pool, aws, []string{"the class of the nodes of NodePool spot is not in the input"}},
		"no subnets":                    {pool + class("{id: z}", mine), aws, []string{hidden}},
		"a zone":                        {strings.Replace(pool, "nodeClassRef", "requirements: [{key: topology.kubernetes.io/zone, operator: In, values: [az2]}], nodeClassRef", 1) + class(mine+", {id: b}", mine), aws, []string{"NodePool spot b sg-cluster"}},
		"pods that do not tolerate it":  {strings.Replace(pool, "nodeClassRef", "taints: [{key: k, value: v, effect: NoSchedule}], nodeClassRef", 1) + class(mine, mine), aws, []string{"no node group of the input takes the pods"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, places(t, clusterOf(t, podP+tt.objects, tt.aws))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestComputeType: nodes of EKS Auto Mode have a label of it.
func TestComputeType(t *testing.T) {
	t.Parallel()
	const aws = "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24 az=az1\ncluster c vpc=v group=sg-cluster subnets=a auto own\ngroup sg-cluster in=all::sg-cluster\n"
	pod := strings.Replace(podP, "{serviceAccountName", "{nodeSelector: {eks.amazonaws.com/compute-type: auto}, serviceAccountName", 1)
	for kind, want := range map[string]string{
		"group: eks.amazonaws.com, kind: NodeClass":    "NodePool p a sg-cluster",
		"group: karpenter.k8s.aws, kind: EC2NodeClass": "no node group of the input takes the pods",
	} {
		class := strings.TrimPrefix(kind[strings.Index(kind, "kind:"):], "kind: ")
		objects := pod + "---\nNodePool//p\nspec: {template: {spec: {nodeClassRef: {" + kind + ", name: d}}}}\n---\n" + class +
			"//d\nspec: {subnetSelectorTerms: [{id: a}], securityGroupSelectorTerms: [{id: sg-cluster}]}\n"
		if diff := cmp.Diff([]string{want}, places(t, clusterOf(t, objects, aws))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", class, diff)
		}
	}
}

// TestAutoMode: the nodes of EKS Auto Mode lie where their NodeClass selects, and so do
// their pods unless it selects subnets of their own.
func TestAutoMode(t *testing.T) {
	t.Parallel()
	const (
		pool = "---\nNodePool//p\nspec: {template: {spec: {nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: d}}}}\n"
		aws  = "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24 az=az1 tag:find=me\nsubnet b vpc=v cidr=10.0.1.0/24 az=az2\n" +
			"subnet pods vpc=v cidr=10.0.2.0/24 az=az1 tag:for=pods\n" +
			"cluster c vpc=v group=sg-cluster subnets=a,b auto own\ngroup sg-cluster in=all::sg-cluster tag:find=me\ngroup sg-pod in=all::sg-pod tag:for=pods\n"
		mine  = "subnetSelectorTerms: [{tags: {find: me}}], securityGroupSelectorTerms: [{tags: {find: me}}]"
		apart = ", podSubnetSelectorTerms: [{tags: {for: pods}}], podSecurityGroupSelectorTerms: [{tags: {for: pods}}]"
		onA   = "NodePool p a sg-cluster"
	)
	class := func(spec string) string { return "---\nNodeClass//d\nspec: {" + spec + "}\n" }
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"what the class selects":           {pool + class(mine), aws, []string{onA}},
		"beside pools that EKS makes":      {pool + class(mine), strings.Replace(aws, " own", "", 1), []string{onA, "EKS Auto Mode makes nodes that the input does not show"}},
		"pods of other subnets and groups": {pool + class(mine+apart), aws, []string{"NodePool p pods sg-pod"}},
		"subnets of another zone":          {pool + class(mine+apart), strings.Replace(aws, "az=az1 tag:for", "az=az2 tag:for", 1), []string{onA, "the subnets of NodeClass d are not among those of the input"}},
		"several subnets":                  {pool + class(mine+apart), strings.Replace(aws, "cluster c", "subnet more vpc=v cidr=10.0.3.0/24 az=az1 tag:for=pods\ncluster c", 1), []string{onA, "which of the subnets that NodeClass d selects a pod gets is not known"}},
		"groups that are not shown":        {pool + class(mine+apart), strings.Replace(aws, "tag:for=pods\n", "tag:for=others\n", 2), []string{onA, "the subnets of NodeClass d are not among those of the input"}},
		"no groups of pods":                {pool + class(mine+strings.Replace(apart, "podSecurityGroupSelectorTerms: [{tags: {for: pods", "podSecurityGroupSelectorTerms: [{tags: {for: others", 1)), aws, []string{onA, "the security groups that NodeClass d selects for pods are not among those of the input"}},
		"no class":                         {pool, aws, []string{"the class of the nodes of NodePool p is not in the input"}},
		"a policy that may have an effect": {
			pool + class(mine) + "---\nSecurityGroupPolicy/x/q\nspec: {podSelector: {}, securityGroups: {groupIds: [sg-pod]}}\n", aws, []string{"NodePool p a sg-pod branch", onA},
		},
		"beside a node group": {pool + class(mine), aws + "nodegroup n cluster=c subnets=b\n", []string{"node group n b sg-cluster", onA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, places(t, clusterOf(t, podP+tt.objects, tt.aws))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
