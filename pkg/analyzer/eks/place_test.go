package eks_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	podP     = "Pod/x/p\nmetadata: {labels: {app: p}}\nspec: {serviceAccountName: acc}\n"
	oneGroup = network + "nodegroup n cluster=c subnets=a\n"
	onN      = "node group n a sg-cluster"
)

// policy is a SecurityGroupPolicy.
func policy(name, spec string) string {
	return "---\nSecurityGroupPolicy/x/" + name + "\nspec: {" + spec + "}\n"
}

// vpcCNI is the DaemonSet of the VPC CNI with one variable.
func vpcCNI(variable, value string) string {
	return "---\nDaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: " +
		"[{name: aws-node, env: [{name: " + variable + ", value: '" + value + "'}]}, {name: aws-eks-nodeagent, args: [--enable-network-policy=true]}]}}}\n"
}

// TestPlacesByPlaceholders: what a placeholder hides excludes no node, and what
// stands beside it still does.
func TestPlacesByPlaceholders(t *testing.T) {
	t.Parallel()
	const aws = network + "nodegroup n cluster=c subnets=a label:team=x taint=dedicated:gpu:NoSchedule\n"
	const none = "no node group of the input takes the pods"
	const all = "tolerations: [{operator: Exists}]"
	affinity := func(terms string) string {
		return "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: " + terms + "}}}, " + all
	}
	for name, tt := range map[string]struct{ spec, want string }{
		"a label":                        {"nodeSelector: {team: '${TEAM}'}, " + all, onN},
		"a label, beside another":        {"nodeSelector: {team: '${TEAM}', os: z}, " + all, none},
		"an affinity":                    {affinity("[{matchExpressions: [{key: team, operator: In, values: ['${TEAM}']}]}]"), onN},
		"a toleration":                   {"tolerations: [{key: dedicated, value: '${VALUE}'}]", onN},
		"one of two terms":               {affinity("[{matchExpressions: [{key: team, operator: In, values: [z]}]}, {matchExpressions: [{key: team, operator: In, values: [x]}]}]"), onN},
		"a term without expressions":     {affinity("[{}]"), none},
		"an empty term beside one":       {affinity("[{}, {matchExpressions: [{key: team, operator: Exists}]}]"), onN},
		"a term about the node's name":   {affinity("[{matchFields: [{key: metadata.name, operator: In, values: [n]}]}]"), onN},
		"a field and a label that fails": {affinity("[{matchFields: [{key: metadata.name, operator: In, values: [n]}], matchExpressions: [{key: team, operator: In, values: [z]}]}]"), none},
		"a comparison":                   {affinity("[{matchExpressions: [{key: team, operator: Gt, values: ['1']}]}]"), onN},
		"a wish":                         {"affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: team, operator: In, values: [z]}]}}]}}, " + all, onN},
		"NotIn, of another value":        {affinity("[{matchExpressions: [{key: team, operator: NotIn, values: [z]}]}]"), onN},
		"Equal without a key":            {"tolerations: [{value: gpu}]", none},
		"the key of another taint":       {"tolerations: [{key: other, operator: Exists}]", none},
		"Equal, spelled out":             {"tolerations: [{key: dedicated, operator: Equal, value: gpu}]", onN},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff([]string{tt.want}, places(t, clusterOf(t, "Pod/x/p\nspec: {"+tt.spec+"}\n", aws))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestNodeLabels: the labels that nodes have without being told, and those that
// somebody may give them.
func TestNodeLabels(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key, value string
		change     func(*model.NodeGroup, *model.LaunchTemplate)
		want       model.Tri // whether nodes certainly have another value, or not the label, is not told apart
	}{
		"an unknown label":              {"team", "x", nil, model.No},
		"labels may be missing":         {"team", "x", func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.Labels.Missing = "var.labels" }, model.Yes},
		"nodes nobody manages":          {"team", "x", func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.SelfManaged = true }, model.Yes},
		"a script starts the kubelet":   {"team", "x", func(_ *model.NodeGroup, l *model.LaunchTemplate) { l.UserData = model.Known("#!", model.Span{}) }, model.Yes},
		"a script that is not known":    {"team", "x", func(_ *model.NodeGroup, l *model.LaunchTemplate) { l.UserData = model.Value[string]{} }, model.Yes},
		"a template that is not known":  {"team", "x", func(_ *model.NodeGroup, l *model.LaunchTemplate) { l.Version = model.Known(2, model.Span{}) }, model.Yes},
		"of AWS":                        {"eks.amazonaws.com/capacityType", "SPOT", nil, model.Yes},
		"of Kubernetes":                 {"x.kubernetes.io/y", "z", nil, model.Yes},
		"of AWS for Kubernetes":         {"k8s.aws/y", "z", nil, model.Yes},
		"of somebody else":              {"example.com/y", "z", nil, model.No},
		"Karpenter":                     {"karpenter.sh/nodepool", "default", nil, model.No},
		"Fargate":                       {"eks.amazonaws.com/compute-type", "fargate", nil, model.No},
		"the name":                      {"eks.amazonaws.com/nodegroup", "n", nil, model.Yes},
		"another name":                  {"eks.amazonaws.com/nodegroup", "m", nil, model.No},
		"the name is not known":         {"eks.amazonaws.com/nodegroup", "m", func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.Name = "" }, model.Yes},
		"the zone":                      {"failure-domain.beta.kubernetes.io/zone", "az1", nil, model.Yes},
		"another zone":                  {"topology.kubernetes.io/zone", "az2", nil, model.No},
		"linux":                         {"beta.kubernetes.io/os", "linux", nil, model.Yes},
		"windows":                       {"kubernetes.io/os", "windows", ami("WINDOWS_CORE_2022_x86_64"), model.Yes},
		"not linux":                     {"kubernetes.io/os", "linux", ami("WINDOWS_CORE_2022_x86_64"), model.No},
		"an image of one's own":         {"kubernetes.io/os", "windows", ami("CUSTOM"), model.Yes},
		"an image that is not known":    {"kubernetes.io/os", "windows", ami(""), model.Yes},
		"amd64":                         {"beta.kubernetes.io/arch", "amd64", nil, model.Yes},
		"arm64":                         {"kubernetes.io/arch", "arm64", ami("BOTTLEROCKET_ARM_64"), model.Yes},
		"not arm64":                     {"kubernetes.io/arch", "arm64", nil, model.No},
		"whichever processor":           {"kubernetes.io/arch", "arm64", ami("CUSTOM"), model.Yes},
		"a processor that is not known": {"kubernetes.io/arch", "arm64", ami(""), model.Yes},
		"the type":                      {"node.kubernetes.io/instance-type", "m6i.large", types("m6i.large"), model.Yes},
		"another type":                  {"beta.kubernetes.io/instance-type", "m6i.large", types("m6i.xlarge"), model.No},
		"one of two types":              {"node.kubernetes.io/instance-type", "m6i.large", types("m6i.large", "m7i.large"), model.Yes},
		"the other of two types":        {"node.kubernetes.io/instance-type", "m7i.large", types("m6i.large", "m7i.large"), model.Yes},
		"no type":                       {"node.kubernetes.io/instance-type", "m6i.large", nil, model.Yes},
		"taints may be missing":         {"eks.amazonaws.com/nodegroup", "n", func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.TaintsMissing = "var.taints" }, model.Yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, fmt.Sprintf("Pod/x/p\nspec: {nodeSelector: {%s: '%s'}}\n", tt.key, tt.value), network+"nodegroup n cluster=c subnets=a template=t\ntemplate t groups=sg-node\n")
			if tt.change != nil {
				tt.change(s.AWS().NodeGroups[0], s.AWS().LaunchTemplates[0])
			}
			got := model.TriOf(strings.HasPrefix(places(t, eks.New(graph.New(s)))[0], "node group"))
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func ami(kind string) func(*model.NodeGroup, *model.LaunchTemplate) {
	return func(n *model.NodeGroup, _ *model.LaunchTemplate) {
		n.AMIType = model.Known(kind, model.Span{})
		if kind == "" {
			n.AMIType = model.Value[string]{}
		}
	}
}

func types(names ...string) func(*model.NodeGroup, *model.LaunchTemplate) {
	return func(n *model.NodeGroup, _ *model.LaunchTemplate) {
		for _, name := range names {
			n.InstanceTypes = append(n.InstanceTypes, model.Known(name, model.Span{}))
		}
	}
}

// TestTemplate: which version of its launch template a group uses.
func TestTemplate(t *testing.T) {
	t.Parallel()
	const aws = network + "nodegroup n cluster=c subnets=a template=t\ntemplate t groups=sg-node\n"
	const shown, unknown = "node group n a sg-node", "node group n a ?"
	for name, tt := range map[string]struct {
		change func(n *model.NodeGroup, l *model.LaunchTemplate)
		want   string
	}{
		"its number":     {func(*model.NodeGroup, *model.LaunchTemplate) {}, shown},
		"another number": {func(_ *model.NodeGroup, l *model.LaunchTemplate) { l.Version = model.Known(2, model.Span{}) }, unknown},
		"no number":      {func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.LaunchTemplateVersion = model.Value[string]{} }, unknown},
		"the default": {func(n *model.NodeGroup, l *model.LaunchTemplate) {
			n.LaunchTemplateVersion = model.Known("$Default", model.Span{})
			l.IsDefault = true
		}, shown},
		"not the default": {func(n *model.NodeGroup, _ *model.LaunchTemplate) {
			n.LaunchTemplateVersion = model.Known("$Default", model.Span{})
		}, unknown},
		"the latest, of which others": {func(n *model.NodeGroup, _ *model.LaunchTemplate) {
			n.LaunchTemplateVersion = model.Known("$Latest", model.Span{})
		}, unknown},
		"the only one of a plan": {func(n *model.NodeGroup, l *model.LaunchTemplate) {
			l.Observed, l.Version, n.LaunchTemplateVersion = false, model.Value[int]{}, model.Value[string]{}
		}, shown},
		"perhaps another": {func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.LaunchTemplate.Certainty = model.LinkMay }, unknown},
		"none":            {func(n *model.NodeGroup, _ *model.LaunchTemplate) { n.LaunchTemplate = nil }, onN},
		"without groups":  {func(_ *model.NodeGroup, l *model.LaunchTemplate) { l.SecurityGroups = nil }, onN},
		"without groups, self-managed": {func(n *model.NodeGroup, l *model.LaunchTemplate) {
			l.SecurityGroups, n.SelfManaged = nil, true
		}, unknown},
		"with perhaps a group": {func(_ *model.NodeGroup, l *model.LaunchTemplate) { l.SecurityGroups[0].Certainty = model.LinkMay }, "node group n a ~sg-node"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, podP, aws)
			tt.change(s.AWS().NodeGroups[0], s.AWS().LaunchTemplates[0])
			c := eks.New(graph.New(s))
			if diff := cmp.Diff([]string{tt.want}, places(t, c)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if sides := c.NodeGroups[0].Sides(); len(sides) != 1 || sides[0].Subnet.ID != "a" || sides[0].Name != "node group n" {
				t.Errorf("sides %+v", sides)
			}
		})
	}
}

// TestPodGroups: the security groups that SecurityGroupPolicies give pods.
func TestPodGroups(t *testing.T) {
	t.Parallel()
	const (
		mine    = "podSelector: {matchLabels: {app: p}}, "
		account = "serviceAccountSelector: {matchLabels: {team: 'y'}}, "
		node    = "securityGroups: {groupIds: [sg-node]}"
		other   = "securityGroups: {groupIds: [sg-9]}"
		sa      = "---\nServiceAccount/x/acc\nmetadata: {labels: {team: %s}}\n"
		fargate = "fargate f cluster=c subnets=b namespace=x\n"
	)
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"two policies":                     {policy("a", mine+node) + policy("b", mine+other), "", []string{"node group n a sg-node,sg-9 branch"}},
		"every pod":                        {policy("a", "podSelector: {}, "+node), "", []string{"node group n a sg-node branch"}},
		"no selector":                      {policy("a", node), "", []string{onN}},
		"no groups":                        {policy("a", mine+"securityGroups: {groupIds: []}"), "", []string{onN}},
		"another namespace":                {strings.Replace(policy("a", mine+node), "/x/", "/y/", 1), "", []string{onN}},
		"by account":                       {policy("a", account+node) + fmt.Sprintf(sa, "'y'"), "", []string{"node group n a sg-node branch"}},
		"by another account":               {policy("a", account+node) + fmt.Sprintf(sa, "z"), "", []string{onN}},
		"by an account that is not shown":  {policy("a", account+node), "", []string{"node group n a sg-node branch", onN}},
		"by both":                          {policy("a", mine+account+node) + fmt.Sprintf(sa, "'y'"), "", []string{"node group n a sg-node branch"}},
		"by one of both":                   {policy("a", mine+account+node) + fmt.Sprintf(sa, "z"), "", []string{onN}},
		"by neither, and one is not shown": {policy("a", "podSelector: {matchLabels: {app: q}}, "+account+node), "", []string{onN}},
		"groups that are not known":        {policy("a", mine+"securityGroups: {groupIds: ['${SG}']}"), "", []string{"node group n a ? branch"}},
		"a selector that is not known":     {policy("a", "podSelector: {matchLabels: {app: '${APP}'}}, "+node), "", []string{"node group n a sg-node branch", onN}},
		"one certainly, one perhaps":       {policy("a", account+node) + policy("b", mine+other), "", []string{"node group n a sg-9,~sg-node branch"}},
		"two perhaps":                      {policy("a", account+node) + policy("b", account+other), "", []string{"node group n a ~sg-node,~sg-9 branch", onN}},
		"on Fargate":                       {policy("a", mine+node), fargate, []string{"Fargate profile f b sg-node"}},
		"on Fargate, perhaps":              {policy("a", account+node), fargate, []string{"Fargate profile f b sg-node", "Fargate profile f b sg-cluster"}},
		"on Fargate, of other pods":        {policy("a", "podSelector: {matchLabels: {app: q}}, "+node), fargate, []string{"Fargate profile f b sg-cluster"}},
	} {
		for _, enabled := range []string{"true", "false"} {
			if enabled == "false" && tt.aws == "" {
				continue // nothing but Fargate heeds policies then
			}
			t.Run(name+" "+enabled, func(t *testing.T) {
				t.Parallel()
				c := clusterOf(t, podP+tt.objects+vpcCNI("ENABLE_POD_ENI", enabled), oneGroup+tt.aws)
				if diff := cmp.Diff(tt.want, places(t, c)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// TestFargate: which pods a profile takes.
func TestFargate(t *testing.T) {
	t.Parallel()
	const takes, perhaps = "Fargate profile f b sg-cluster", "whether a Fargate profile takes the pods is not known"
	pod := func(namespace, labels string) string {
		return "Pod/" + namespace + "/p\nmetadata: {labels: {" + labels + "}}\n"
	}
	open := func(p *model.FargateProfile) { p.Selectors[0].Labels.Missing = "var.labels" }
	for name, tt := range map[string]struct {
		pod, selector string
		change        func(*model.FargateProfile)
		want          []string
	}{
		"another namespace":          {pod("x", "a: b"), "namespace=y", nil, []string{onN}},
		"every namespace":            {pod("x", "a: b"), "namespace=*", nil, []string{takes}},
		"a part of the name":         {pod("shop-prod", "a: b"), "namespace=shop*", nil, []string{takes}},
		"one letter":                 {pod("xy", "a: b"), "namespace=x?", nil, []string{takes}},
		"one letter, not two":        {pod("xyz", "a: b"), "namespace=x?", nil, []string{onN}},
		"one letter, not none":       {pod("x", "a: b"), "namespace=x?", nil, []string{onN}},
		"not a part of the name":     {pod("my-shop", "a: b"), "namespace=shop*", nil, []string{onN}},
		"a namespace is not given":   {pod("", "a: b"), "namespace=x", nil, []string{takes, onN, perhaps}},
		"nor matters":                {pod("", "a: b"), "namespace=*", nil, []string{takes}},
		"labels":                     {pod("x", "a: b, c: d"), "namespace=x label:a=b label:c=d", nil, []string{takes}},
		"one of two labels":          {pod("x", "a: b"), "namespace=x label:a=b label:c=d", nil, []string{onN}},
		"a wildcard for the value":   {pod("x", "a: bcd"), "namespace=x label:a=b*", nil, []string{takes}},
		"of another label":           {pod("x", "a: xcd, z: bcd"), "namespace=x label:a=b*", nil, []string{onN}},
		"a wildcard for the key":     {pod("x", "example.com/team: b"), "namespace=x label:*team=b", nil, []string{takes}},
		"of another value":           {pod("x", "example.com/team: c"), "namespace=x label:*team=b", nil, []string{onN}},
		"a label that is not known":  {pod("x", "a: '${A}'"), "namespace=x label:a=b", nil, []string{takes, onN, perhaps}},
		"a wildcard, and that":       {pod("x", "a: '${A}'"), "namespace=x label:a=b*", nil, []string{takes, onN, perhaps}},
		"a value that is not known":  {pod("x", "a: b"), "namespace=x label:a=?", nil, []string{takes, onN, perhaps}},
		"there may be labels":        {pod("x", "a: b"), "namespace=x", open, []string{takes, onN, perhaps}},
		"which do not matter":        {pod("y", "a: b"), "namespace=x", open, []string{onN}},
		"there may be selectors":     {pod("y", "a: b"), "namespace=x", func(p *model.FargateProfile) { p.Missing = "dynamic" }, []string{takes, onN, perhaps}},
		"a profile of another":       {pod("x", "a: b"), "namespace=x", func(p *model.FargateProfile) { p.Cluster = model.Known("d", model.Span{}) }, []string{onN}},
		"a profile of an unknown":    {pod("x", "a: b"), "namespace=x", func(p *model.FargateProfile) { p.Cluster = model.Value[string]{} }, []string{takes}},
		"a subnet that is not shown": {pod("x", "a: b"), "namespace=x", func(p *model.FargateProfile) { p.Subnets = append(p.Subnets, model.LinkTo("z", model.Span{})) }, []string{takes, "the input does not show subnet z"}},
		"the second selector": {pod("x", "a: b"), "namespace=y", func(p *model.FargateProfile) {
			p.Selectors = append(p.Selectors, model.FargateSelector{Namespace: model.Known("x", model.Span{})})
		}, []string{takes}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, tt.pod, oneGroup+"fargate f cluster=c subnets=b "+tt.selector+"\n")
			if tt.change != nil {
				tt.change(s.AWS().FargateProfiles[0])
			}
			if diff := cmp.Diff(tt.want, places(t, eks.New(graph.New(s)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestOtherNodes: what makes nodes besides the node groups.
func TestOtherNodes(t *testing.T) {
	t.Parallel()
	const pool = "---\nNodePool//spot\nspec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: d}}}}\n"
	const auto = "EKS Auto Mode makes nodes that the input does not show"
	for name, tt := range map[string]struct {
		objects, aws string
		change       func(*model.AWS)
		want         []string
	}{
		"node groups alone":         {"", oneGroup, nil, []string{onN}},
		"Karpenter":                 {pool, oneGroup, nil, []string{onN, "the class of the nodes of NodePool spot is not in the input"}},
		"Auto Mode":                 {"", oneGroup, func(a *model.AWS) { a.Clusters[0].AutoMode = model.Known(true, model.Span{}) }, []string{onN, auto}},
		"perhaps Auto Mode":         {"", oneGroup, func(a *model.AWS) { a.Clusters[0].AutoMode = model.Value[bool]{} }, []string{onN, auto}},
		"Auto Mode, by its objects": {strings.ReplaceAll(pool, "karpenter.k8s.aws, kind: EC2NodeClass", "eks.amazonaws.com, kind: NodeClass"), network, nil, []string{"the class of the nodes of NodePool spot is not in the input"}},
		"no groups":                 {"", network, nil, []string{"the input shows no nodes of the cluster"}},
		"groups without a cluster":  {"", "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v cidr=10.0.0.0/24 az=az1\nnodegroup n cluster=c subnets=a\n", nil, []string{"node group n a ?"}},
		"no subnets":                {"", network + "nodegroup n cluster=c\n", nil, []string{"the input does not show the subnets of node group n"}},
		"custom networking":         {vpcCNI("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true"), oneGroup, nil, []string{onN, "the ENIConfig of node group n is not known: the input does not show label k8s.amazonaws.com/eniConfig"}},
		"perhaps custom networking": {"---\nENIConfig//az1\nspec: {subnet: subnet-1}\n", oneGroup, nil, []string{onN, "whether ENIConfigs give pods other subnets is not known"}},
		"an ENIConfig without use":  {"---\nENIConfig//az1\nspec: {subnet: subnet-1}\n" + vpcCNI("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"), oneGroup, nil, []string{onN}},
		"a subnet tagged 0":         {"", oneGroup + "subnet s vpc=v az=az1 tag:kubernetes.io/role/cni=0\n", nil, []string{onN}},
		"a tag that is not known":   {"", oneGroup + "subnet s vpc=v az=az1 tag:kubernetes.io/role/cni=?\n", nil, []string{onN, "the VPC CNI may put pods into the subnets tagged kubernetes.io/role/cni"}},
		"a subnet that is not seen": {"", oneGroup, func(a *model.AWS) {
			a.Subnets = append(a.Subnets, &model.Subnet{AWSMeta: model.AWSMeta{Conditional: "one page of several", Tags: model.Tags{Missing: "one page of several"}}})
		}, []string{onN, "the VPC CNI may put pods into the subnets tagged kubernetes.io/role/cni"}},
		"a subnet of another VPC": {"", oneGroup + "vpc w cidr=10.1.0.0/16\nsubnet s vpc=w az=az1 tag:kubernetes.io/role/cni=1\n", nil, []string{onN}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, podP+tt.objects, tt.aws)
			if tt.change != nil {
				tt.change(s.AWS())
			}
			c := eks.New(graph.New(s))
			if diff := cmp.Diff(tt.want, places(t, c)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if _, known := c.PodSubnets(); known != (len(tt.want) == 1 && strings.HasPrefix(tt.want[0], "node group n a")) {
				t.Errorf("the subnets of pods are all known: %v", known)
			}
		})
	}
	hosted := clusterOf(t, "Pod/x/p\nspec: {hostNetwork: true}\n"+vpcCNI("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true"), oneGroup)
	if diff := cmp.Diff([]string{onN}, places(t, hosted)); diff != "" {
		t.Errorf("custom networking is not for the node's network:\n%s", diff)
	}
}

// TestAddresses: pods that run show their addresses, and others lie somewhere in
// the subnet.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"": "10.0.0.0/24",
		"status: {podIP: 10.0.0.7, podIPs: [{ip: 10.0.0.7}, {ip: 'fd00::7'}]}\n": "10.0.0.7/32",
		"status: {podIP: 'fd00::7', podIPs: [{ip: 'fd00::7'}]}\n":                "10.0.0.0/24",
	} {
		c := clusterOf(t, podP+status, oneGroup)
		w, _ := c.Graph.Lookup(model.Ref{Kind: "Pod", Namespace: "x", Name: "p"}).(*graph.Workload)
		list, _ := c.Places(w)
		if diff := cmp.Diff(rangesOf(want), fmt.Sprint(list[0].Pod.Addresses)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", status, diff)
		}
		if diff := cmp.Diff(rangesOf("10.0.0.0/24"), fmt.Sprint(list[0].Node.Addresses)); diff != "" || list[0].Pod.Name != "x/p[Pod]" || list[0].Node.Name != "node group n" {
			t.Errorf("%s: %+v", status, list[0])
		}
	}
	if got, known := clusterOf(t, podP, oneGroup+"fargate f cluster=c subnets=b namespace=y\n").PodSubnets(); !known || fmt.Sprint(got) != rangesOf("10.0.0.0/23") {
		t.Errorf("pods may lie in %v, known %v", got, known)
	}
}

func rangesOf(block string) string { return fmt.Sprint(netset.RangesOf(netip.MustParsePrefix(block))) }
