package eks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	lbNetwork = `vpc v cidr=10.0.0.0/16
vpc w cidr=10.1.0.0/16
subnet a vpc=v cidr=10.0.0.0/24 az=az1
subnet b vpc=v cidr=10.0.1.0/24 az=az2
cluster c vpc=v group=sg-cluster subnets=a,b
group sg-cluster in=all::sg-cluster
group sg-1 tag:Name=front
group sg-2 tag:Name=both tag:kubernetes.io/cluster/c=owned
group sg-3 tag:Name=both
group sg-4 tag:Name=?
`
	albPrefix = "alb.ingress.kubernetes.io/"
	nlbPrefix = "service.beta.kubernetes.io/aws-load-balancer-"
	backend   = "Service/x/s\nspec: {type: NodePort, selector: {app: p}, ports: [{port: 80}]}\n"
)

// ingressOf is an Ingress to the Service x/s.
func ingressOf(name string, annotations ...string) string {
	return "---\nIngress/x/" + name + "\nmetadata: {annotations: {" + strings.Join(annotations, ", ") + "}}\n" +
		"spec: {ingressClassName: alb, defaultBackend: {service: {name: s, port: {number: 80}}}}\n"
}

// serviceOf is a Service with a Network Load Balancer.
func serviceOf(spec string, annotations ...string) string {
	return "Service/x/s\nmetadata: {annotations: {" + strings.Join(annotations, ", ") + "}}\n" +
		"spec: {type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, selector: {app: p}, " + spec + "}\n"
}

func controllerWith(args ...string) string {
	return "---\nDeployment/kube-system/lbc\nspec: {selector: {}, template: {spec: {containers: [{name: c, image: 'aws-load-balancer-controller:v3.5.0', args: [\"" +
		strings.Join(args, `", "`) + "\"]}]}}}\n"
}

// made writes the groups of a load balancer: the identifiers of those that are
// given, and what one that the controller makes admits.
func made(g vpc.Groups) string {
	var out []string
	for _, x := range g.Known {
		if x.ID != "" {
			out = append(out, x.ID)
			continue
		}
		for _, r := range x.Rules {
			block, _ := r.Peer.CIDR.Get()
			protocol, _ := r.Traffic.Protocol.Get()
			if r.Egress {
				out = append(out, fmt.Sprintf("out:%d:%s", protocol, block))
				continue
			}
			from, _ := r.Traffic.From.Get()
			to, _ := r.Traffic.To.Get()
			out = append(out, fmt.Sprintf("%d:%d-%d:%s", protocol, from, to, block))
		}
		if x.MissingIngress != "" {
			out = append(out, "? "+x.MissingIngress)
		}
	}
	if g.Unknown != "" {
		out = append(out, "? "+g.Unknown)
	}
	return strings.TrimSuffix(strings.Join(out, " "), " out:-1:0.0.0.0/0 out:-1:::/0")
}

func TestFrontGroups(t *testing.T) {
	t.Parallel()
	const (
		named  = albPrefix + "security-groups: "
		manage = albPrefix + "manage-backend-security-group-rules: "
		cidrs  = albPrefix + "inbound-cidrs: "
		team   = albPrefix + "group.name: team"
		ports  = albPrefix + `listen-ports: '[{"HTTP": 8080}]'`
		anyone = "6:80-80:0.0.0.0/0 6:80-80:::/0"
		flag   = "--enable-manage-backend-security-group-rules"
		port80 = "ports: [{port: 80}]"
		ranges = "service.beta.kubernetes.io/load-balancer-source-ranges: "
		field  = ", loadBalancerSourceRanges: "
	)
	auto := func(s string) string { return strings.Replace(s, "service.k8s.aws/nlb", "eks.amazonaws.com/nlb", 1) }
	for name, tt := range map[string]struct {
		objects, want string
		admits        model.Tri
	}{
		"made by the controller":              {backend + ingressOf("i"), anyone, model.Yes},
		"empty is as if absent":               {backend + ingressOf("i", named+"' , '"), anyone, model.Yes},
		"for some clients":                    {backend + ingressOf("i", cidrs+"'10.0.0.1/8, 192.0.2.0/24'"), "6:80-80:10.0.0.0/8 6:80-80:192.0.2.0/24", model.Yes},
		"for clients that are none":           {backend + ingressOf("i", cidrs+"all"), "out:-1:0.0.0.0/0 out:-1:::/0 ? source range all is no block", model.Yes},
		"for clients that are not known":      {backend + ingressOf("i", cidrs+"'${CIDR}'"), "? who may connect to the ALB of Ingress x/i is not known", model.Yes},
		"by prefix lists":                     {backend + ingressOf("i", albPrefix+"security-group-prefix-lists: pl-1"), "? prefix lists decide who may connect to the ALB of Ingress x/i", model.Yes},
		"by unknown prefix lists":             {backend + ingressOf("i", albPrefix+"security-group-prefix-lists: '${LISTS}'"), "? prefix lists decide who may connect to the ALB of Ingress x/i", model.Yes},
		"each port has clients":               {backend + ingressOf("i", team, cidrs+"10.0.0.0/8") + ingressOf("j", team, ports), "6:80-80:10.0.0.0/8 6:8080-8080:0.0.0.0/0 6:8080-8080:::/0", model.Yes},
		"members of a port share its clients": {backend + ingressOf("i", team) + ingressOf("j", team, cidrs+"10.0.0.0/8"), "6:80-80:10.0.0.0/8", model.Yes},
		"by identifier":                       {backend + ingressOf("i", named+"sg-1"), "sg-1", model.No},
		"one that the input does not show":    {backend + ingressOf("i", named+"sg-9"), "sg-9", model.No},
		"by name":                             {backend + ingressOf("i", named+"'front, sg-3'"), "sg-1 sg-3", model.No},
		"two with the name":                   {backend + ingressOf("i", named+"both"), "sg-2 sg-3", model.No},
		"by a name that nothing has":          {backend + ingressOf("i", named+"none"), "? the input shows no security group with the Name tag none", model.No},
		"not known":                           {backend + ingressOf("i", named+"'${SG}'"), "? the security groups of the ALB of Ingress x/i are not known", model.Unknown},
		"that of another member":              {backend + ingressOf("i", team) + ingressOf("j", team, named+"sg-1"), "sg-1", model.No},
		"rules are managed":                   {backend + ingressOf("i", named+"sg-1", manage+"'True'"), "sg-1", model.Yes},
		"rules are not managed":               {backend + ingressOf("i", named+"sg-1", manage+"'false'") + controllerWith(flag), "sg-1", model.No},
		"a word that is none":                 {backend + ingressOf("i", named+"sg-1", manage+"'yes'"), "sg-1", model.Unknown},
		"whether is not known":                {backend + ingressOf("i", named+"sg-1", manage+"'${MANAGE}'"), "sg-1", model.Unknown},
		"the controller manages":              {backend + ingressOf("i", named+"sg-1") + controllerWith(flag), "sg-1", model.Yes},
		"the controller does not":             {backend + ingressOf("i", named+"sg-1") + controllerWith(flag+"=false"), "sg-1", model.No},

		"NLB":                              {serviceOf(port80), anyone, model.Yes},
		"NLB, two protocols":               {serviceOf("ports: [{name: a, port: 80}, {name: b, port: 53, protocol: UDP}]"), anyone + " 17:53-53:0.0.0.0/0 17:53-53:::/0", model.Yes},
		"NLB, ranges of the field":         {serviceOf(port80+field+"[10.0.0.0/8]", ranges+"192.0.2.0/24"), "6:80-80:10.0.0.0/8", model.Yes},
		"NLB, ranges of the annotation":    {serviceOf(port80, ranges+"'192.0.2.0/24,'"), "6:80-80:192.0.2.0/24", model.Yes},
		"NLB, which Auto Mode passes over": {auto(serviceOf(port80, ranges+"192.0.2.0/24")), anyone, model.Yes},
		"NLB, an unknown field":            {serviceOf(port80 + field + "['${CIDR}']"), "? who may connect to the NLB of Service x/s is not known", model.Yes},
		"NLB, an unknown annotation":       {serviceOf(port80, ranges+"'${CIDR}'"), "? who may connect to the NLB of Service x/s is not known", model.Yes},
		"NLB, by identifier":               {serviceOf(port80, nlbPrefix+"security-groups: sg-1"), "sg-1", model.No},
		"NLB, rules are managed":           {serviceOf(port80, nlbPrefix+"security-groups: sg-1", nlbPrefix+"manage-backend-security-group-rules: 'true'"), "sg-1", model.Yes},
		"NLB, by prefix lists":             {serviceOf(port80, nlbPrefix+"security-group-prefix-lists: pl-1"), "? prefix lists decide who may connect to the NLB of Service x/s", model.Yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects := strings.Replace(tt.objects, "annotations: {", "annotations: {"+albPrefix+"subnets: 'a,b', "+nlbPrefix+"subnets: 'a,b', ", 1)
			list := clusterOf(t, objects, lbNetwork).LoadBalancers()
			if len(list) != 1 || len(list[0].Fronts) != 2 {
				t.Fatalf("got %d load balancers", len(list))
			}
			if diff := cmp.Diff(tt.want, made(list[0].Fronts[0].Groups)); diff != "" || list[0].Admits != tt.admits {
				t.Errorf("admits %s, -want +got:\n%s", list[0].Admits, diff)
			}
		})
	}
}

// TestGroupOfAnotherVPC: a Name tag means a group of the cluster's VPC.
func TestGroupOfAnotherVPC(t *testing.T) {
	t.Parallel()
	s := snapshotOf(t, backend+ingressOf("i", albPrefix+"security-groups: both", albPrefix+"subnets: 'a,b'"), lbNetwork)
	for _, g := range s.AWS().SecurityGroups {
		g.VPC = model.LinkTo(map[string]string{"sg-2": "w"}[g.ID]+map[bool]string{true: "v"}[g.ID != "sg-2"], model.Span{})
	}
	if got := made(eks.New(graph.New(s)).LoadBalancers()[0].Fronts[0].Groups); got != "sg-3" {
		t.Errorf("got %s", got)
	}
}

// TestTitles: a group with a name is meant as a whole.
func TestTitles(t *testing.T) {
	t.Parallel()
	for objects, want := range map[string]string{
		backend + ingressOf("i"):                                      "ALB of Ingress x/i",
		backend + ingressOf("i", albPrefix+"group.name: team"):        "ALB of IngressGroup team",
		serviceOf("ports: [{port: 80}]"):                              "NLB of Service x/s",
		strings.Replace(serviceOf(""), "service.k8s.aws/nlb", "x", 1): "",
		backend: "",
	} {
		got := ""
		for _, lb := range clusterOf(t, objects, lbNetwork).LoadBalancers() {
			got += lb.Title
			if lb.Ref().Name != lb.Title || lb.Resource() == nil {
				t.Errorf("%s is not what messages name", lb.Ref())
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	const (
		two    = "ports: [{name: a, port: 80}, {name: b, port: 53, protocol: UDP}]"
		one    = "ports: [{port: 80}]"
		groups = nlbPrefix + "target-group-attributes: "
		lb     = nlbPrefix + "attributes: "
		old    = nlbPrefix + "cross-zone-load-balancing-enabled: "
		ip     = nlbPrefix + "nlb-target-type: ip"
		node   = nlbPrefix + "nlb-target-type: instance"
		keep   = "preserve_client_ip.enabled"
		cross  = "load_balancing.cross_zone.enabled"
	)
	for name, tt := range map[string]struct {
		objects string
		want    string // "listener protocol port target preserves, …; cross zone"
	}{
		"ALB":                     {backend + ingressOf("i"), "80 TCP 0 instance no; yes"},
		"ALB, two listeners":      {backend + ingressOf("i", albPrefix+`listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'`), "80 TCP 0 instance no, 443 TCP 0 instance no; yes"},
		"ALB, addresses":          {backend + ingressOf("i", albPrefix+"target-type: ip"), "80 TCP 0 ip no; yes"},
		"ALB, each its own port":  {backend + ingressOf("i", albPrefix+"group.name: t") + ingressOf("j", albPrefix+"group.name: t", albPrefix+`listen-ports: '[{"HTTP": 81}]'`), "80 TCP 0 instance no, 81 TCP 0 instance no; yes"},
		"ALB, no such port":       {strings.Replace(backend, "port: 80", "port: 81", 1) + ingressOf("i"), "; yes"},
		"ALB, no such Service":    {strings.Replace(backend, "x/s", "x/t", 1) + ingressOf("i"), "; yes"},
		"instances":               {serviceOf(two, node), "80 TCP 0 instance yes, 53 UDP 1 instance yes; no"},
		"addresses":               {serviceOf(two, ip), "80 TCP 0 ip no, 53 UDP 1 ip yes; no"},
		"which is not known":      {serviceOf(two), "80 TCP 0 ? unknown, 53 UDP 1 ? yes; no"},
		"clients kept":            {serviceOf(one, ip, groups+"'a=b, "+keep+" = true'"), "80 TCP 0 ip yes; no"},
		"clients not kept":        {serviceOf(one, node, groups+keep+"=false"), "80 TCP 0 instance no; no"},
		"clients kept, anyhow":    {serviceOf(one, groups+keep+"=true"), "80 TCP 0 ? yes; no"},
		"attributes not known":    {serviceOf(one, ip, groups+"'${ATTRIBUTES}'"), "80 TCP 0 ip unknown; unknown"},
		"attributes not readable": {serviceOf(one, ip, groups+"yes"), "80 TCP 0 ip unknown; unknown"},
		"another attribute":       {serviceOf(one, ip, groups+"x."+keep+"=true"), "80 TCP 0 ip no; no"},
		"cross zone":              {serviceOf(one, ip, lb+"'x=y,"+cross+"=true'"), "80 TCP 0 ip no; yes"},
		"not cross zone":          {serviceOf(one, ip, lb+cross+"=false"), "80 TCP 0 ip no; no"},
		"of the target group":     {serviceOf(one, ip, lb+cross+"=true", groups+cross+"=false"), "80 TCP 0 ip no; no"},
		"of the target group, on": {serviceOf(one, ip, groups+cross+"=true"), "80 TCP 0 ip no; yes"},
		"left to the balancer":    {serviceOf(one, ip, lb+cross+"=true", groups+cross+"=use_load_balancer_configuration"), "80 TCP 0 ip no; yes"},
		"the old word":            {serviceOf(one, ip, old+"'1'"), "80 TCP 0 ip no; yes"},
		"the old word for no":     {serviceOf(one, ip, old+"'false'"), "80 TCP 0 ip no; no"},
		"both words agree":        {serviceOf(one, ip, old+"'true'", lb+cross+"=true"), "80 TCP 0 ip no; yes"},
		"both words differ":       {serviceOf(one, ip, old+"'false'", lb+cross+"=true"), "80 TCP 0 ip no; unknown"},
		"an unknown word":         {serviceOf(one, ip, old+"'${CROSS}'"), "80 TCP 0 ip no; unknown"},
		"a port that is none":     {serviceOf("ports: [{name: a, port: 0}, {name: b, port: 443}]", ip), "443 TCP 1 ip no; no"},
		"the last port":           {serviceOf("ports: [{port: 65535}]", ip), "65535 TCP 0 ip no; no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lb := clusterOf(t, tt.objects, lbNetwork).LoadBalancers()[0]
			routes := make([]string, len(lb.Routes))
			for i, r := range lb.Routes {
				target := r.TargetType.Text()
				if !r.TargetType.Known {
					target = "?"
				}
				routes[i] = fmt.Sprintf("%d %s %d %s %s", r.Listener, r.Protocol, r.Port, target, r.PreservesClient)
				if r.Service.Ref().Name != "s" || r.From == nil || len(r.At) == 0 {
					t.Errorf("route %d leads from %v at %s to %s", i, r.From, r.At, r.Service.Ref())
				}
			}
			if got := strings.Join(routes, ", ") + "; " + lb.CrossZone.String(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestEdits(t *testing.T) {
	t.Parallel()
	const two = "group sg-a\ngroup sg-b\n"
	const owned = " tag:kubernetes.io/cluster/c=owned\n"
	for name, tt := range map[string]struct {
		aws    string
		change func(*vpc.Groups)
		want   model.Tri
	}{
		"one":                          {"group sg-a\n", nil, model.Yes},
		"none":                         {"", nil, model.No},
		"two":                          {two, nil, model.No},
		"one of two has the tag":       {"group sg-a\ngroup sg-b" + owned, nil, model.Yes},
		"both have it":                 {"group sg-a" + owned + "group sg-b" + owned, nil, model.No},
		"that of another cluster":      {"group sg-a\ngroup sg-b tag:kubernetes.io/cluster/d=owned\n", nil, model.No},
		"there may be others":          {"group sg-a\n", func(g *vpc.Groups) { g.Unknown = "var.groups" }, model.Unknown},
		"one of them may be on it":     {two, func(g *vpc.Groups) { g.May, g.Known = g.Known[1:], g.Known[:1] }, model.Unknown},
		"the tags are not all known":   {two, func(g *vpc.Groups) { g.Known[1].Tags.Missing = "var.tags" }, model.Unknown},
		"the cluster is not shown":     {two, func(*vpc.Groups) {}, model.Unknown},
		"the name is not known":        {two, func(*vpc.Groups) {}, model.Unknown},
		"one, and the name is unknown": {"group sg-a\n", func(*vpc.Groups) {}, model.Yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, backend, "vpc v cidr=10.0.0.0/16\ncluster c vpc=v group=g\n"+tt.aws)
			switch {
			case strings.Contains(name, "not shown"):
				s.AWS().Clusters = nil
			case strings.Contains(name, "name is"):
				s.AWS().Clusters[0].ClusterName = model.Value[string]{}
			}
			c := eks.New(graph.New(s))
			var links []model.Link
			for _, group := range s.AWS().SecurityGroups {
				links = append(links, model.LinkTo(group.ID, group.At))
			}
			g := c.Network.Groups(links, "")
			if tt.change != nil {
				tt.change(&g)
			}
			if got := c.Edits(g); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestObjects: rules look at each kind of object by its name.
func TestObjects(t *testing.T) {
	t.Parallel()
	c := clusterOf(t, backend+ingressOf("i"), lbNetwork+"nodegroup n cluster=c subnets=a\n")
	c.Network.AWS().Endpoints = append(c.Network.AWS().Endpoints, &model.VPCEndpoint{AWSMeta: model.AWSMeta{ID: "vpce-1"}})
	for kind, want := range map[string]string{
		eks.KindLoadBalancer: "ALB of Ingress x/i", eks.KindCluster: "c", eks.KindNodeGroup: "n", eks.KindSubnet: "a b",
		eks.KindVPCEndpoint: "vpce-1", "Service": "",
	} {
		var names []string
		for _, o := range c.Objects(kind) {
			names = append(names, o.Ref().Name)
			if o.Ref().Kind != kind || o.Ref().Group != model.GroupDerived || (o.Resource() != nil) != (kind == eks.KindLoadBalancer) {
				t.Errorf("%s: %+v", kind, o.Ref())
			}
		}
		if got := strings.Join(names, " "); got != want || eks.IsKind(kind) != (want != "") {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
	bare := clusterOf(t, backend+ingressOf("i"), "")
	if bare.Known() || !c.Known() || len(bare.Objects(eks.KindLoadBalancer))+len(bare.Objects(eks.KindCluster)) > 0 {
		t.Error("without an AWS side there is nothing to look at")
	}
}

// TestObjectsIn: the load balancers of some namespaces are those with a member there, and
// the same ones that all are.
func TestObjectsIn(t *testing.T) {
	t.Parallel()
	elsewhere := strings.NewReplacer("/x/", "/y/")
	shared := albPrefix + "group.name: team"
	c := clusterOf(t, serviceOf("ports: [{port: 80}]")+ingressOf("i")+ingressOf("j", shared)+"---\n"+elsewhere.Replace(backend+ingressOf("j", shared)+ingressOf("k")), lbNetwork)
	for namespace, want := range map[string][]string{
		"x": {"ALB of Ingress x/i", "ALB of IngressGroup team", "NLB of Service x/s"},
		"y": {"ALB of Ingress y/k", "ALB of IngressGroup team"},
		"z": nil,
	} {
		var got []string
		for _, o := range c.ObjectsIn(eks.KindLoadBalancer, []string{"", namespace}) {
			lb, ok := o.(*eks.LoadBalancer)
			if !ok || !slices.Contains(c.LoadBalancers(), lb) {
				t.Errorf("%s: %v is none of all", namespace, o.Ref())
				continue
			}
			got = append(got, lb.Title)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", namespace, diff)
		}
	}
	if got := len(c.ObjectsIn(eks.KindSubnet, []string{"x"})); got != 2 {
		t.Errorf("%d subnets", got)
	}
}
