package eks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

const network = `vpc v cidr=10.0.0.0/16
subnet a vpc=v cidr=10.0.0.0/24 az=az1
subnet b vpc=v cidr=10.0.1.0/24 az=az2
cluster c vpc=v group=sg-cluster subnets=a,b
group sg-cluster in=all::sg-cluster
group sg-node in=all::sg-node
`

func clusterOf(t *testing.T, objects, aws string) *eks.Cluster {
	t.Helper()
	return eks.New(graph.New(snapshotOf(t, objects, aws)))
}

func snapshotOf(t *testing.T, objects, aws string) *model.Snapshot {
	t.Helper()
	return graphtest.Snapshot(t, objects).WithAWS(vpctest.Read(t, aws))
}

// places writes "nodes subnet groups" of the pods, with branch where the pods have groups of
// their own, and then why there may be others.
func places(t *testing.T, c *eks.Cluster) []string {
	t.Helper()
	w, ok := c.Graph.Lookup(c.Graph.Snapshot().All(model.KindPod)[0].Ref).(*graph.Workload)
	if !ok {
		t.Fatal("no pod")
	}
	list, why := c.Places(w)
	var out []string
	for _, p := range list {
		text := fmt.Sprintf("%s %s %s", p.Nodes, p.Pod.Subnet.Title(), groups(p.Pod.Groups))
		if p.Branch {
			text += " branch"
		}
		out = append(out, text)
	}
	if why != "" {
		out = append(out, why)
	}
	return out
}

func groups(g vpc.Groups) string {
	var out []string
	for _, x := range g.Known {
		out = append(out, x.ID)
	}
	for _, x := range g.May {
		out = append(out, "~"+x.ID)
	}
	if g.Unknown != "" {
		out = append(out, "?")
	}
	return strings.Join(out, ",")
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	const (
		one    = "nodegroup n cluster=c subnets=a\n"
		two    = "nodegroup n cluster=c subnets=a label:team=x\nnodegroup m cluster=c subnets=b label:team=y taint=dedicated:gpu:NoSchedule\n"
		onN    = "node group n a sg-cluster"
		onM    = "node group m b sg-cluster"
		none   = "no node group of the input takes the pods"
		branch = "---\nSecurityGroupPolicy/x/s\nspec: {podSelector: {matchLabels: {app: p}}, securityGroups: {groupIds: [sg-node]}}\n"
		podENI = "---\nDaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: " +
			"[{name: aws-node, env: [{name: ENABLE_POD_ENI, value: '%s'}]}, {name: aws-eks-nodeagent, args: [--enable-network-policy=true]}]}}}\n"
	)
	affinity := func(expression string) string {
		return "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [" + expression + "]}]}}}}"
	}
	tolerates := "tolerations: [{key: dedicated, operator: Exists}]"
	for name, tt := range map[string]struct {
		spec, more, aws string
		want            []string
	}{
		"one group":                         {aws: one, want: []string{onN}},
		"a taint keeps the pods off":        {aws: two, want: []string{onN}},
		"which they tolerate":               {spec: "{" + tolerates + "}", aws: two, want: []string{onN, onM}},
		"by value":                          {spec: "{tolerations: [{key: dedicated, value: gpu, effect: NoSchedule}]}", aws: two, want: []string{onN, onM}},
		"by another value":                  {spec: "{tolerations: [{key: dedicated, value: cpu}]}", aws: two, want: []string{onN}},
		"with another effect":               {spec: "{tolerations: [{key: dedicated, operator: Exists, effect: NoExecute}]}", aws: two, want: []string{onN}},
		"every taint":                       {spec: "{tolerations: [{operator: Exists}]}", aws: two, want: []string{onN, onM}},
		"a taint that only discourages":     {aws: strings.Replace(two, "NoSchedule", "PreferNoSchedule", 1), want: []string{onN, onM}},
		"a taint that is not known":         {aws: strings.Replace(two, "dedicated:", "?:", 1), want: []string{onN, onM}},
		"a label":                           {spec: "{nodeSelector: {team: 'y'}, " + tolerates + "}", aws: two, want: []string{onM}},
		"a label that no group has":         {spec: "{nodeSelector: {team: z}}", aws: two, want: []string{none}},
		"a label that is not known":         {spec: "{nodeSelector: {team: z}}", aws: strings.Replace(one, "\n", " label:team=?\n", 1), want: []string{onN}},
		"a label that a component may give": {spec: "{nodeSelector: {example.k8s.io/x: y}}", aws: one, want: []string{onN}},
		"the name of the group":             {spec: "{nodeSelector: {eks.amazonaws.com/nodegroup: m}, " + tolerates + "}", aws: two, want: []string{onM}},
		"the zone":                          {spec: "{nodeSelector: {topology.kubernetes.io/zone: az2}}", aws: "nodegroup n cluster=c subnets=a,b\n", want: []string{"node group n b sg-cluster"}},
		"the operating system":              {spec: "{nodeSelector: {kubernetes.io/os: windows}}", aws: one, want: []string{none}},
		"the architecture":                  {spec: "{nodeSelector: {kubernetes.io/arch: amd64}}", aws: one, want: []string{onN}},
		"In":                                {spec: affinity("{key: team, operator: In, values: [w, x]}"), aws: two, want: []string{onN}},
		"NotIn":                             {spec: affinity("{key: team, operator: NotIn, values: [x]}"), aws: two, want: []string{none}},
		"NotIn, and the label is absent":    {spec: affinity("{key: other, operator: NotIn, values: [x]}"), aws: two, want: []string{onN}},
		"Exists":                            {spec: affinity("{key: other, operator: Exists}"), aws: two, want: []string{none}},
		"DoesNotExist":                      {spec: affinity("{key: other, operator: DoesNotExist}"), aws: two, want: []string{onN}},
		"both of two expressions":           {spec: affinity("{key: team, operator: Exists}, {key: other, operator: Exists}"), aws: two, want: []string{none}},
		"a group of another cluster":        {aws: strings.Replace(one, "cluster=c", "cluster=d", 1), want: []string{"the input shows no nodes of the cluster"}},
		"a subnet that is not shown":        {aws: strings.Replace(one, "subnets=a", "subnets=a,z", 1), want: []string{onN, "the input does not show subnet z"}},
		"a template with groups":            {aws: strings.Replace(one, "subnets=a", "subnets=a template=t", 1) + "template t groups=sg-node\n", want: []string{"node group n a sg-node"}},
		"a template without":                {aws: strings.Replace(one, "subnets=a", "subnets=a template=t", 1) + "template t groups\n", want: []string{onN}},
		"a template that is not shown":      {aws: strings.Replace(one, "subnets=a", "subnets=a template=t", 1), want: []string{"node group n a ?"}},
		"the node's network":                {spec: "{hostNetwork: true}", more: branch + fmt.Sprintf(podENI, "true"), aws: one, want: []string{onN}},
		"groups of its own":                 {more: branch + fmt.Sprintf(podENI, "true"), aws: one, want: []string{"node group n a sg-node branch"}},
		"groups without effect":             {more: branch + fmt.Sprintf(podENI, "false"), aws: one, want: []string{onN}},
		"groups perhaps of its own":         {more: branch, aws: one, want: []string{"node group n a sg-node branch", onN}},
		"groups of other pods":              {more: strings.Replace(branch, "app: p", "app: q", 1) + fmt.Sprintf(podENI, "true"), aws: one, want: []string{onN}},
		"Fargate":                           {aws: one + "fargate f cluster=c subnets=b namespace=x\n", want: []string{"Fargate profile f b sg-cluster"}},
		"Fargate, by a wildcard":            {aws: one + "fargate f cluster=c subnets=b namespace=?*\n", want: []string{"Fargate profile f b sg-cluster"}},
		"Fargate of another namespace":      {aws: one + "fargate f cluster=c subnets=b namespace=y\n", want: []string{onN}},
		"Fargate, by label":                 {aws: one + "fargate f cluster=c subnets=b namespace=x label:app=p\n", want: []string{"Fargate profile f b sg-cluster"}},
		"Fargate of other pods":             {aws: one + "fargate f cluster=c subnets=b namespace=x label:app=q\n", want: []string{onN}},
		"perhaps Fargate": {
			aws:  one + "fargate f cluster=c subnets=b namespace=?\n",
			want: []string{"Fargate profile f b sg-cluster", onN, "whether a Fargate profile takes the pods is not known"},
		},
		"subnets tagged for pods": {
			aws:  one + "subnet s vpc=v cidr=10.0.9.0/24 az=az1 tag:kubernetes.io/role/cni=1\n",
			want: []string{onN, "the VPC CNI may put pods into the subnets tagged kubernetes.io/role/cni"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := tt.spec
			if spec == "" {
				spec = "{}"
			}
			c := clusterOf(t, "Pod/x/p\nmetadata: {labels: {app: p}}\nspec: "+spec+"\n"+tt.more, network+tt.aws)
			if diff := cmp.Diff(tt.want, places(t, c)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

const alb = "Service/x/s\nspec: {type: NodePort, selector: {app: p}, ports: [{port: 80}]}\n---\nIngress/x/i\nmetadata: {annotations: {%s}}\n" +
	"spec: {ingressClassName: alb, defaultBackend: {service: {name: s, port: {number: 80}}}}\n"

func TestFronts(t *testing.T) {
	t.Parallel()
	const (
		public = "alb.ingress.kubernetes.io/scheme: internet-facing"
		elb    = " tag:kubernetes.io/role/elb=1"
		base   = "vpc v cidr=10.0.0.0/16\ncluster c vpc=v group=g subnets=a\n"
	)
	subnets := func(extra ...string) string {
		out := base
		for i, e := range extra {
			out += fmt.Sprintf("subnet s%d vpc=v cidr=10.0.%d.0/24 az=az%d%s\n", i, i, i, e)
		}
		return out
	}
	for name, tt := range map[string]struct{ annotations, aws, want string }{
		"tagged":                            {public, subnets(elb, elb, ""), "s0,s1"},
		"the tag may be empty":              {public, subnets(elb, " tag:kubernetes.io/role/elb="), "s0,s1"},
		"another value is no tag":           {public, subnets(elb, elb, " tag:kubernetes.io/role/elb=0"), "s0,s1"},
		"internal":                          {"a: b", subnets(" tag:kubernetes.io/role/internal-elb=1", elb, " tag:kubernetes.io/role/internal-elb=1"), "s0,s2"},
		"by routes":                         {public, subnets("", "", "") + "table t vpc=v subnets=s0,s2 route=0.0.0.0/0:igw-1\ntable m vpc=v main\n", "s0,s2"},
		"by routes that are not known":      {public, subnets("", ""), " whether the load balancer uses subnet s0 is not known"},
		"shared with this cluster":          {public, subnets(elb+" tag:kubernetes.io/cluster/c=shared tag:kubernetes.io/cluster/d=shared", elb), "s0,s1"},
		"of another cluster":                {public, subnets(elb+" tag:kubernetes.io/cluster/d=shared", elb, elb), "s1,s2"},
		"full":                              {public, subnets(elb+" free=7", elb+" free=8", elb), "s1,s2"},
		"one of a zone, the lowest":         {public, subnets(elb, elb) + "subnet r vpc=v cidr=10.0.7.0/24 az=az1" + elb + "\n", "s0,r"},
		"one of a zone, that of the owner":  {public, subnets(elb, elb+" tag:kubernetes.io/cluster/c=owned") + "subnet r vpc=v cidr=10.0.7.0/24 az=az1" + elb + "\n", "s0,s1"},
		"that of the owner, though higher":  {public, subnets(elb, elb) + "subnet z vpc=v cidr=10.0.7.0/24 az=az1" + elb + " tag:kubernetes.io/cluster/c=owned\n", "s0,z"},
		"none":                              {public, subnets("", "") + "table m vpc=v main\n", " refused: no subnet of the VPC fits it"},
		"all of other clusters":             {public, subnets(elb + " tag:kubernetes.io/cluster/d=owned"), " refused: no subnet of the VPC fits it"},
		"tagged for the other scheme alone": {public, subnets(" tag:kubernetes.io/role/internal-elb=1", "", "") + "table t vpc=v subnets=s0,s2 route=0.0.0.0/0:igw-1\ntable m vpc=v main\n", "s0,s2"},
		"internal, by routes":               {"a: b", subnets(elb, "", "") + "table t vpc=v subnets=s0 route=0.0.0.0/0:igw-1\ntable m vpc=v main\n", "s1,s2"},
		"a tag that is not known":           {public, subnets(elb, elb, " tag:kubernetes.io/role/elb=?"), "s0,s1 whether the load balancer uses subnet s2 is not known"},
		"no tag but one that is not known":  {public, subnets("", " tag:kubernetes.io/role/elb=?") + "table t vpc=v main route=0.0.0.0/0:igw-1\n", " whether the load balancer uses subnet s0 is not known"},
		"how full is not known":             {public, subnets(elb+" free=?", elb), "s0,s1"},
		"the zone is not known":             {public, strings.ReplaceAll(subnets(elb), "az=az0", "az=?"), "s0"},
		"two of a zone":                     {public + `, alb.ingress.kubernetes.io/subnets: "s0,r"`, subnets("") + "subnet r vpc=v cidr=10.0.7.0/24 az=az0\n", "s0,r refused: two of its subnets lie in zone az0"},
		"a local zone":                      {public, strings.ReplaceAll(subnets(elb), "az=az0", "az=us-west-2-lax-1a"), "s0"},
		"a zone of a long region":           {public, strings.ReplaceAll(subnets(elb), "az=az0", "az=us-gov-west-1a"), "s0 refused: its subnets lie in one zone, and it needs two"},
		"the name of another VPC's subnet":  {public + `, alb.ingress.kubernetes.io/subnets: "one"`, subnets("") + "vpc w cidr=10.1.0.0/16\nsubnet x vpc=w cidr=10.1.0.0/24 az=az1 tag:Name=one\n", " the input does not show subnet one"},
		"a name that two have":              {public + `, alb.ingress.kubernetes.io/subnets: "one"`, subnets(" tag:Name=one", " tag:Name=one"), "s0,s1 several subnets have the name one"},
		"an identifier is not a name":       {public + `, alb.ingress.kubernetes.io/subnets: "subnet-9"`, subnets(" tag:Name=subnet-9"), " the input does not show subnet subnet-9"},
		"which are not known":               {public + `, alb.ingress.kubernetes.io/subnets: "${SUBNETS}"`, subnets(elb, elb), " the subnets of the load balancer are not known"},
		"the scheme is not known":           {`alb.ingress.kubernetes.io/scheme: "${SCHEME}"`, subnets(elb, elb), " the scheme of the load balancer is not known"},
		"one zone":                          {public, subnets(elb), "s0 refused: its subnets lie in one zone, and it needs two"},
		"by identifier":                     {public + `, alb.ingress.kubernetes.io/subnets: "s0, s1"`, subnets("", ""), "s0,s1"},
		"by name":                           {public + `, alb.ingress.kubernetes.io/subnets: "one,s1"`, subnets(" tag:Name=one", ""), "s0,s1"},
		"by a name that is not there":       {public + `, alb.ingress.kubernetes.io/subnets: "one,s1"`, subnets("", ""), "s1 the input does not show subnet one"},
		"the VPC is not known":              {public, "subnet s0 vpc=v cidr=10.0.0.0/24 az=a" + elb + "\n", " the VPC of the cluster is not known"},
		"the VPC has no subnet in the file": {public, base, " the input may not show every subnet of the VPC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clusterOf(t, fmt.Sprintf(alb, tt.annotations), tt.aws)
			lb := c.LoadBalancers()[0]
			var names []string
			for _, f := range lb.Fronts {
				names = append(names, f.Subnet.ID)
			}
			got := strings.Join(names, ",")
			if lb.FrontsUnknown != "" {
				got += " " + lb.FrontsUnknown
			}
			if lb.Refused != "" {
				got += " refused: " + lb.Refused
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSubnetsOfAVPCThatOthersMake: of a VPC that the input neither makes nor lists,
// there may be other subnets.
func TestSubnetsOfAVPCThatOthersMake(t *testing.T) {
	t.Parallel()
	aws := vpctest.Read(t, "vpc v cidr=10.0.0.0/16\ncluster c vpc=v group=g subnets=a\nsubnet a vpc=v cidr=10.0.0.0/24 az=a tag:kubernetes.io/role/elb=1\n")
	aws.VPCs[0].Observed = false
	objects := fmt.Sprintf(alb, "alb.ingress.kubernetes.io/scheme: internet-facing")
	lb := eks.New(graph.New(graphtest.Snapshot(t, objects).WithAWS(aws))).LoadBalancers()[0]
	if lb.FrontsUnknown == "" || lb.Refused != "" {
		t.Errorf("got %q, %q", lb.FrontsUnknown, lb.Refused)
	}
}

// TestConfig: of several control planes, the one with the name of the cluster.
func TestConfig(t *testing.T) {
	t.Parallel()
	aws := network + "cluster d vpc=v group=sg-cluster subnets=a\nnodegroup n cluster=c subnets=a\nnodegroup m cluster=d subnets=a\n"
	read := func(name string) *eks.Cluster {
		s := model.NewSnapshot(model.Scope{Name: name}, nil).WithAWS(vpctest.Read(t, aws))
		return eks.New(graph.New(s))
	}
	if c := read("d"); c.Config == nil || c.Config.ID != "d" || len(c.NodeGroups) != 1 || c.NodeGroups[0].Name != "m" || c.VPC == nil {
		t.Errorf("got %+v", c)
	}
	if c := read("deploy"); c.Config != nil || c.Unknown == "" || len(c.NodeGroups) != 0 {
		t.Errorf("got %+v", c)
	}
}
