package capacity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	network = `vpc v cidr=10.0.0.0/16
subnet a vpc=v cidr=10.0.0.0/26 az=az1
subnet b vpc=v cidr=10.0.1.0/26 az=az2
cluster c vpc=v
`
	web = "Deployment/x/web\nspec: {replicas: 30, selector: {}, template: {spec: {containers: [{name: c}]}}}\n"
	// group has three of ten nodes, each with 29 pods and 30 addresses at most.
	group = "nodegroup n cluster=c subnets=a,b type=m5.large nodes=2/3/10\n"
)

func report(t *testing.T, objects, aws string) *capacity.Report {
	t.Helper()
	return capacity.New(eks.New(graph.New(graphtest.Snapshot(t, objects).WithAWS(vpctest.Read(t, aws)))))
}

func env(pairs ...string) string {
	var out []string
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		out = append(out, "{name: "+name+", value: '"+value+"'}")
	}
	return "---\nDaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {spec: {hostNetwork: true, tolerations: [{operator: Exists}], containers: " +
		"[{name: aws-node, env: [" + strings.Join(out, ", ") + "]}]}}}\n"
}

func words(r capacity.Range) string {
	if r.Low == r.High {
		return fmt.Sprint(r.Low)
	}
	return fmt.Sprintf("%d-%d", r.Low, r.High)
}

func value(v model.Value[int]) string {
	if n, known := v.Get(); known {
		return fmt.Sprint(n)
	}
	return "?"
}

// TestGroups: what a node holds and takes.
func TestGroups(t *testing.T) {
	t.Parallel()
	prefixes := env("ENABLE_PREFIX_DELEGATION=true", "WARM_PREFIX_TARGET=1")
	const template = "nodegroup n cluster=c subnets=a,b template=t nodes=1/1/1\n"
	daemon := "---\nDaemonSet/x/agent\nspec: {selector: {}, template: {spec: {containers: [{name: c}]}}}\n"
	for name, tt := range map[string]struct{ objects, aws, want string }{
		"as EKS installs the CNI":      {web, network + group, "pods 29, system 0-2, own 10-30, pod 0, nodes 3 10 14, assumed"},
		"a DaemonSet of the VPC CNI":   {web + env(), network + group, "pods 29, system 1-2, own 10-30, pod 0, nodes 3 10 14"},
		"pods of a DaemonSet":          {web + daemon, network + group, "pods 29, system 1-3, own 20-30, pod 0, nodes 3 10 14, assumed"},
		"two types":                    {web, network + strings.Replace(group, "type=", "type=t3.small type=", 1), "pods 11-29, system 0-2, own 4-30, pod 0, nodes 3 10 14, assumed"},
		"more may be unavailable":      {web, network + strings.Replace(group, "\n", " unavailable=7\n", 1), "pods 29, system 0-2, own 10-30, pod 0, nodes 3 10 17, assumed"},
		"a share may be unavailable":   {web, network + strings.Replace(group, "\n", " unavailable=55%\n", 1), "pods 29, system 0-2, own 10-30, pod 0, nodes 3 10 16, assumed"},
		"self-managed":                 {web, network + strings.Replace(group, "\n", " selfmanaged\n", 1), "pods 29, system 0-2, own 10-30, pod 0, nodes 3 10 10, assumed"},
		"prefixes":                     {web + prefixes, network + group, "pods 29-110, system 1-2, own 17-113, pod 0, nodes 3 10 14"},
		"prefixes, told how many pods": {web + prefixes, network + template + "template t type=m5.large script=--max-pods=50\n", "pods 50, system 1-2, own 17-65, pod 0, nodes 1 1 5"},
		"prefixes and an own image":    {web + prefixes, network + template + "template t type=m5.large image=ami-1\n", "pods 29-434, system 1-2, own 17-435, pod 0, nodes 1 1 5"},
		"few pods":                     {web, network + template + "template t type=m5.large script=maxPods:8\n", "pods 8, system 0-2, own 10, pod 0, nodes 1 1 5, assumed"},
		"addresses of IPv6":            {web, strings.Replace(network, "cluster c", "cluster c family=ipv6", 1) + group, "pods 29-110, system 0-2, own 1, pod 0, nodes 3 10 14, assumed"},
		"a type that is not known":     {web, network + strings.Replace(group, "m5.large", "?", 1), "a variable"},
		"a type that is new":           {web, network + strings.Replace(group, "m5.large", "z9.large", 1), "the limits of instance type z9.large are not known"},
		"no type":                      {web, network + strings.Replace(group, "type=m5.large", "", 1), "the instance types of node group n are not written"},
		"a template that is not there": {web, network + template, "the input does not show the launch template of n"},
		"a setting that is not known":  {web + env("WARM_ENI_TARGET=${WARM}"), network + group, "WARM_ENI_TARGET of the VPC CNI is not known"},
		"a switch that is not known":   {web + env("ENABLE_POD_ENI=${ON}"), network + group, "the settings of the VPC CNI are not known"},
		"a negative number":            {web + env("WARM_ENI_TARGET=-1"), network + group, "pods 29, system 1-2, own 10-30, pod 0, nodes 3 10 14"},
		"another network":              {web + "---\nDaemonSet/kube-system/cilium\nspec: {selector: {}, template: {spec: {containers: [{name: c}]}}}\n", network + group, "Cilium may give pods addresses that are not of the VPC"},
		"ENIConfigs not known":         {web + env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true"), network + group, "the ENIConfig of node group n is not known: the input does not show label k8s.amazonaws.com/eniConfig"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := report(t, tt.objects, tt.aws)
			g := r.Groups[0]
			got := fmt.Sprintf("pods %s, system %s, own %s, pod %s, nodes %s %s %s", words(g.Pods), words(g.System), words(g.OwnSubnet), words(g.PodSubnet),
				value(g.Nodes[capacity.Desired]), value(g.Nodes[capacity.Max]), value(g.Nodes[capacity.Update]))
			if r.Settings.Assumed {
				got += ", assumed"
			}
			if g.Unknown != "" {
				got = g.Unknown
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestSubnets: what is asked of a subnet, and how far groups can grow.
func TestSubnets(t *testing.T) {
	t.Parallel()
	custom := env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true", "ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone") +
		"---\nENIConfig//az1\nspec: {subnet: p}\n---\nENIConfig//az2\nspec: {subnet: p}\n"
	lb := "---\nService/x/web\nmetadata: {annotations: {service.beta.kubernetes.io/aws-load-balancer-subnets: a}}\n" +
		"spec: {type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, selector: {app: web}, ports: [{port: 80}]}\n"
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"two zones": {web, network + group, []string{
			"a: room 59, needs 10-60 50-150 70-210, 1 node of n with 29 pods",
			"b: room 59, needs 10-60 50-150 70-210, 1 node of n with 29 pods",
		}},
		"two subnets of a zone": {web, strings.Replace(network, "az=az2", "az=az1", 1) + group, []string{
			"a: room 59, needs 0-90 0-300 0-360, 1 node of n with 29 pods",
			"b: room 59, needs 0-90 0-300 0-360, 1 node of n with 29 pods",
		}},
		"a zone that is not known": {web, strings.Replace(network, "az=az2", "", 1) + group, []string{
			"a: room 59, needs 0-90 0-300 0-420, 1 node of n with 29 pods",
			"b: room 59, needs 0-90 0-300 0-420, 1 node of n with 29 pods",
		}},
		"AWS was asked": {web, strings.Replace(network, "az=az1", "az=az1 free=20", 1) + group, []string{
			"a: asked, room 20, needs 0-40 30-130 50-190, 0 nodes of n with 0 pods",
			"b: room 59, needs 10-60 50-150 70-210, 1 node of n with 29 pods",
		}},
		"others have addresses too": {web + lb, strings.Replace(network, "cluster c", "cluster c subnets=a", 1) + "natgateway nat-1 subnet=b\n" + group, []string{
			"a: room 59, the control plane 0-4, the NLB of Service x/web 1-8, needs 11-72 51-162 71-222, 1 node of n with 29 pods",
			"b: room 59, NAT gateway nat-1 1, needs 11-61 51-151 71-211, 1 node of n with 29 pods",
		}},
		"none of the groups": {web, strings.Replace(network, "cluster c", "cluster c subnets=a", 1), []string{"a: room 59, the control plane 0-4, needs 0-4 0-4 0-4"}},
		"two groups": {web, network + group + "nodegroup m cluster=c subnets=b type=t3.small nodes=1/1/2\n", []string{
			"a: room 59, needs 10-60 50-150 70-210, 1 node of n with 29 pods",
			"b: room 59, needs 14-72 58-174 86-258, 1 node of n with 29 pods, 0 nodes of m with 0 pods",
		}},
		"custom networking": {web + custom, network + "subnet p vpc=v cidr=10.0.4.0/24 az=az1\n" + group, []string{
			"a: room 59, needs 1-2 5 7, 59 nodes of n with 1180-1711 pods",
			"b: room 59, needs 1-2 5 7, 59 nodes of n with 1180-1711 pods",
			"p: room 251, needs 20-80 100-200 140-280, 10 nodes of n with 200-290 pods, 10 nodes of n with 200-290 pods",
		}},
		"a size that is not known":  {web, network + strings.Replace(group, "2/3/10", "2/?/10", 1), []string{"a: room 59, the size of node group n is not known", "b: room 59, the size of node group n is not known"}},
		"a block that is not known": {web, strings.Replace(network, "10.0.0.0/26", "?", 1) + group, []string{"a: room ?, needs 10-60 50-150 70-210", "b: room 59, needs 10-60 50-150 70-210, 1 node of n with 29 pods"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range report(t, tt.objects, tt.aws).Subnets {
				got = append(got, subnet(s))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func subnet(s *capacity.Subnet) string {
	out := s.Title() + ":"
	if s.Asked {
		out += " asked,"
	}
	out += " room " + value(s.Room)
	for _, use := range s.Others {
		out += fmt.Sprintf(", %s %s", use.Name, words(use.Addresses))
	}
	if s.Unknown != "" {
		return out + ", " + s.Unknown
	}
	out += fmt.Sprintf(", needs %s %s %s", words(s.Needs[capacity.Desired]), words(s.Needs[capacity.Max]), words(s.Needs[capacity.Update]))
	for _, f := range s.Forecasts {
		nodes := "nodes"
		if f.Nodes == 1 {
			nodes = "node"
		}
		out += fmt.Sprintf(", %d %s of %s with %s pods", f.Nodes, nodes, f.Group.Name, words(f.Pods))
	}
	return out
}

// TestPools: what the subnets of some groups hold together.
func TestPools(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		aws  string
		want []string
	}{
		"one group":            {network + group, []string{"n in a b: room 118, needs 30-90 100-300 140-420"}},
		"of the same subnets":  {network + group + strings.ReplaceAll(group, " n ", " m "), []string{"n m in a b: room 118, needs 60-180 200-600 280-840"}},
		"of some of them":      {network + group + "nodegroup m cluster=c subnets=b type=t3.small nodes=1/1/2\n", []string{"n m in a b: room 118, needs 34-102 108-324 156-468", "m in b: room 59, needs 4-12 8-24 16-48"}},
		"AWS was asked":        {strings.ReplaceAll(network, "az=", "free=30 az=") + group, []string{"n in a b: room 60, needs 0-60 70-270 110-390"}},
		"AWS was asked of one": {strings.Replace(network, "az=", "free=30 az=", 1) + group, nil},
		"a size not known":     {network + strings.Replace(group, "/10", "/?", 1), nil},
		"a type not known":     {network + strings.Replace(group, "m5.large", "?", 1), nil},
		"beside one not known": {network + group + "nodegroup m cluster=c subnets=b nodes=1/1/2\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range report(t, web, tt.aws).Pools {
				text := ""
				for _, g := range p.Groups {
					text += g.Name + " "
				}
				text += "in"
				for _, s := range p.Subnets {
					text += " " + s.Title()
				}
				got = append(got, fmt.Sprintf("%s: room %d, needs %s %s %s", text, p.Room, words(p.Needs[capacity.Desired]), words(p.Needs[capacity.Max]), words(p.Needs[capacity.Update])))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDemands: pods against the node groups that may take them.
func TestDemands(t *testing.T) {
	t.Parallel()
	const (
		other        = "nodegroup m cluster=c subnets=b type=t3.small nodes=1/1/2 label:team=x taint=team:x:NoSchedule\n"
		batch        = "---\nDeployment/x/batch\nspec: {replicas: 5, selector: {}, template: {spec: {nodeSelector: {team: x}, tolerations: [{operator: Exists}], containers: [{name: c}]}}}\n"
		hpa          = "---\nHorizontalPodAutoscaler/x/web\nspec: {maxReplicas: 90, minReplicas: 4, scaleTargetRef: {kind: Deployment, name: web}}\n"
		proportional = "---\nDeployment/x/scaler\nspec: {selector: {}, template: {spec: {containers: [{name: c, args: [--target=Deployment/web]}]}}}\n"
		job          = "---\nJob/x/job\nspec: {parallelism: 7, template: {spec: {containers: [{name: c}]}}}\n"
	)
	for name, tt := range map[string]struct {
		objects, aws string
		want         []string
	}{
		"one group":         {web, network + group, []string{"n: 30 pods of 1, room 81-87 270-290"}},
		"scaled":            {web + hpa, network + group, []string{"n: 4-90 pods of 1, room 81-87 270-290"}},
		"while a job runs":  {web + job, network + group, []string{"n: 30-37 pods of 2, room 81-87 270-290"}},
		"one for some pods": {web + batch, network + group + other, []string{"m: 5 pods of 1, room 9-11 18-22", "n: 30 pods of 1, room 81-87 270-290"}},
		"not known":         {web + proportional, network + group, []string{"n: 1 pods of 2, 1 open, room 81-87 270-290"}},
		"a type not known":  {web, network + strings.Replace(group, "m5.large", "?", 1), []string{"n: 30 pods of 1, a variable"}},
		"a size not known":  {web, network + strings.Replace(group, "3/10", "?/10", 1), []string{"n: 30 pods of 1, the size of node group n is not known"}},
		"on Fargate":        {web, network + group + "fargate f cluster=c subnets=a namespace=x\n", nil},
		"no group fits":     {batch[4:], network + group, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range report(t, tt.objects, tt.aws).Demands() {
				var names []string
				for _, g := range d.Groups {
					names = append(names, g.Name)
				}
				text := fmt.Sprintf("%s: %s pods of %d", strings.Join(names, " "), words(d.Pods), len(d.Workloads))
				if n := len(d.Open); n > 0 {
					text += fmt.Sprintf(", %d open", n)
				}
				if d.Unknown != "" {
					got = append(got, text+", "+d.Unknown)
					continue
				}
				got = append(got, fmt.Sprintf("%s, room %s %s", text, words(d.Room[capacity.Desired]), words(d.Room[capacity.Max])))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestUncounted: nodes that no node group makes are named.
func TestUncounted(t *testing.T) {
	t.Parallel()
	pool := "---\nNodePool//spot\nspec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: d}}}}\n"
	got := report(t, web+pool, strings.Replace(network, "cluster c", "cluster c auto", 1)+group).Uncounted
	want := []string{"the nodes that NodePool spot makes", "the nodes that EKS Auto Mode makes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPartOf: what the nodes of one group take of a subnet, pods elsewhere apart.
func TestPartOf(t *testing.T) {
	t.Parallel()
	custom := env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true", "ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone") +
		"---\nENIConfig//az1\nspec: {subnet: b}\n---\nENIConfig//az2\nspec: {subnet: a}\n"
	const other = "nodegroup m cluster=c subnets=b type=t3.small nodes=1/1/2\n"
	for name, tt := range map[string]struct {
		objects string
		want    []string
	}{
		"two groups":        {web, []string{"a n 10-30 1-2", "a m 0 0", "b n 10-30 1-2", "b m 4-12 1"}},
		"custom networking": {web + custom, []string{"a n 1 1-2", "a m 0 0", "b n 1 1-2", "b m 1 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := report(t, tt.objects, network+group+other)
			var got []string
			for _, s := range r.Subnets {
				for _, g := range r.Groups {
					part := s.PartOf(g.NodeGroup)
					got = append(got, fmt.Sprintf("%s %s %s %s", s.Title(), g.Name, words(part.Node), words(part.Desired)))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
