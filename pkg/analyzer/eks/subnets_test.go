package eks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// front lists the subnets of a load balancer, and what is said of them.
func front(lb *eks.LoadBalancer) string {
	var names []string
	for _, f := range lb.Fronts {
		names = append(names, f.Subnet.ID)
	}
	return strings.TrimSpace(strings.Join(names, ",") + " " + lb.FrontsUnknown + lb.Refused)
}

// TestFrontsOf: what decides besides the annotations of one Ingress.
func TestFrontsOf(t *testing.T) {
	t.Parallel()
	const (
		role   = " tag:kubernetes.io/role/internal-elb=1"
		base   = "vpc v cidr=10.0.0.0/16\ncluster c vpc=v group=g\ntable m vpc=v main\n"
		a      = "subnet a vpc=v cidr=10.0.0.0/24 az=az1"
		b      = "\nsubnet b vpc=v cidr=10.0.1.0/24 az=az2"
		params = "---\nIngressClass//alb\nspec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}\n" +
			"---\nIngressClassParams//p\nspec: {subnets: %s}\n"
		autoNLB = "Service/x/s\nspec: {type: LoadBalancer, loadBalancerClass: eks.amazonaws.com/nlb, ports: [{port: 80}]}\n"
	)
	ingress := backend + ingressOf("i")
	for name, tt := range map[string]struct{ objects, aws, want string }{
		"by routes":                  {ingress, a + b, "a,b"},
		"the gate is shut":           {ingress + controllerWith("--feature-gates=X=true,SubnetDiscoveryByReachability=false"), a + b, "no subnet of the VPC fits it"},
		"the gate of one subnet":     {ingress + controllerWith("--feature-gates=ALBSingleSubnet=true"), a + role + b, "a"},
		"one subnet":                 {ingress, a + role + b, "a its subnets lie in one zone, and it needs two"},
		"one subnet for a Service":   {serviceOf("ports: [{port: 80}]"), a + role + b, "a"},
		"Auto Mode, untagged":        {autoNLB, a + b, "whether EKS Auto Mode takes subnets without the tag kubernetes.io/role/internal-elb is not known"},
		"Auto Mode, tagged":          {autoNLB, a + role + b, "a"},
		"parameters with tags":       {ingress + fmt.Sprintf(params, "{tags: {x: ['y', 'z']}}"), a + " tag:x=y" + b + " tag:x=z\nsubnet d vpc=v az=az3 tag:x=w", "a,b"},
		"parameters with two tags":   {ingress + fmt.Sprintf(params, "{tags: {x: ['y'], k: []}}"), a + " tag:x=y tag:k=1" + b + " tag:x=y\nsubnet d vpc=v az=az3 tag:k=2 tag:x=y", "a,d"},
		"tags of Auto Mode":          {ingress + fmt.Sprintf(params, "{matchTags: [{key: x, values: ['y']}]}"), a + " tag:x=y" + b + " tag:x=y", "a,b"},
		"tags of another cluster":    {ingress + fmt.Sprintf(params, "{tags: {x: ['y']}}"), a + " tag:x=y" + b + " tag:x=y tag:kubernetes.io/cluster/z=owned", "a its subnets lie in one zone, and it needs two"},
		"tags that nothing has":      {ingress + fmt.Sprintf(params, "{tags: {x: ['y']}}"), a + role + b, "no subnet of the VPC fits it"},
		"a tag that is not known":    {ingress + fmt.Sprintf(params, "{tags: {x: ['y']}}"), a + " tag:x=y" + b + " tag:x=?", "a whether the load balancer uses subnet b is not known"},
		"no tags and no subnets":     {ingress + fmt.Sprintf(params, "{}"), a + role + b + role, "a,b"},
		"parameters with subnets":    {ingress + fmt.Sprintf(params, "{ids: [b, a]}"), a + role + b, "b,a"},
		"parameters without subnets": {ingress + fmt.Sprintf(params, "null"), a + role + b + role, "a,b"},
		"a member decides": {
			backend + ingressOf("i", albPrefix+"group.name: t") + ingressOf("j", albPrefix+"group.name: t", albPrefix+"scheme: internet-facing"),
			a + b + " tag:kubernetes.io/role/elb=1\nsubnet d vpc=v az=az3 tag:kubernetes.io/role/elb=", "b,d",
		},
		"the subnets of a member": {
			backend + ingressOf("i", albPrefix+"group.name: t") + ingressOf("j", albPrefix+"group.name: t", albPrefix+"subnets: 'b,a'"), a + b, "b,a",
		},
		"a member may name them": {
			backend + ingressOf("i", albPrefix+"group.name: t") + ingressOf("j", albPrefix+"group.name: t", albPrefix+"subnets: '${SUBNETS}'"), a + b, "the subnets of the load balancer are not known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := front(clusterOf(t, tt.objects, base+tt.aws+"\n").LoadBalancers()[0]); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFrontsOfPlans: what is not made yet may lack an identifier, tags and more.
func TestFrontsOfPlans(t *testing.T) {
	t.Parallel()
	const (
		role = " tag:kubernetes.io/role/internal-elb=1"
		one  = "a its subnets lie in one zone, and it needs two"
		aws  = "vpc v cidr=10.0.0.0/16\ncluster c vpc=v group=g\ntable m vpc=v main\n" +
			"subnet b vpc=v cidr=10.0.1.0/24 az=az1" + role + "\nsubnet a vpc=v cidr=10.0.0.0/24 az=az1" + role + "\n" +
			"subnet d vpc=v cidr=10.0.2.0/24 az=az2 tag:kubernetes.io/cluster/e=owned" + role + "\n"
	)
	for name, tt := range map[string]struct {
		change func(*model.AWS)
		want   string
	}{
		"as AWS answers":                 {func(*model.AWS) {}, one},
		"identifiers are not known":      {func(a *model.AWS) { a.Subnets[0].ID, a.Subnets[1].ID = "", "" }, ", its subnets lie in one zone, and it needs two"},
		"another is not known":           {func(a *model.AWS) { a.Subnets[1].ID = "" }, "b, its subnets lie in one zone, and it needs two"},
		"one identifier is not known":    {func(a *model.AWS) { a.Subnets[0].ID = "" }, ",a its subnets lie in one zone, and it needs two"},
		"the tags of one are not":        {func(a *model.AWS) { a.Subnets[1].Tags.Missing = "var.tags" }, "the tags of the VPC's subnets are not all known"},
		"the name of the cluster is not": {func(a *model.AWS) { a.Clusters[0].ClusterName = model.Value[string]{} }, "a whether the load balancer uses subnet d is not known"},
		"others may add subnets":         {func(a *model.AWS) { a.VPCs[0].Observed = false }, "the input may not show every subnet of the VPC"},
		"the VPC is made here":           {func(a *model.AWS) { a.VPCs[0].Observed, a.VPCs[0].CreatedHere = false, true }, one},
		"the VPC is that of its subnets": {func(a *model.AWS) {
			a.Clusters[0].VPC, a.Clusters[0].Subnets = model.Link{}, []model.Link{model.LinkTo("z", model.Span{}), model.LinkTo("a", model.Span{})}
		}, one},
		"the VPC is perhaps this one": {func(a *model.AWS) { a.Clusters[0].VPC.Certainty = model.LinkMay }, "the VPC of the cluster is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, backend+ingressOf("i"), aws)
			tt.change(s.AWS())
			if got := front(eks.New(graph.New(s)).LoadBalancers()[0]); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
