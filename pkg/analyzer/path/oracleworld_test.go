package path_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// The ports of a world: of the load balancer, of the pods, of the nodes, and of what
// pods talk to.
const (
	listener = 80
	podPort  = 8080
	nodePort = 30080
	outPort  = 443
)

// world is a small cluster in which everything is known. It is written for the engine
// as text, and walked packet by packet by the test.
type world struct {
	r       *rand.Rand
	family  vpc.Family // of the pods
	subnets []*subnet
	groups  []*group
	nodes   []*nodes
	// natIn is the subnet of the NAT gateway.
	natIn *subnet
	// web is what is asked about, db a pod that it talks to.
	web, db *workload
	// snat is whether the VPC CNI replaces the addresses of pods.
	snat bool
	// local is whether the Service keeps to the node.
	local bool
	lb    *balancer
	// endpoint is an interface endpoint for sts, gateway a gateway endpoint for s3.
	endpoint *endpoint
	gateway  []*table
	admits   policy
}

type subnet struct {
	id, zone string
	blocks   [2]netip.Prefix
	acl      *acl
	table    *table
	public   bool // its nodes have public addresses
}

// rule is one of a group or of an ACL. A port of 0 stands for every one.
type rule struct {
	out      bool
	from, to int
	block    netip.Prefix
	group    string
	deny     bool
}

type group struct {
	id    string
	rules []rule
}

type acl struct {
	id    string
	rules []rule
}

type route struct {
	block  netip.Prefix
	target string
}

type table struct {
	id     string
	routes []route
}

type nodes struct {
	id      string
	subnets []*subnet
	groups  []*group
}

type workload struct {
	name          string
	host, fargate bool
	// groups are those of a SecurityGroupPolicy, on the nodes of which group the one to
	// which the pods are bound.
	groups []*group
	on     *nodes
}

type balancer struct {
	network, ip, dualStack, preserves, internal bool

	subnets []*subnet
	group   *group
}

type endpoint struct {
	subnets []*subnet
	groups  []*group
}

// policy is what ingress policies of web let in: everything, nothing, or a block.
type policy struct {
	isolated bool
	block    netip.Prefix
	// silent is whether an egress policy lets nothing out.
	silent bool
}

func (w *world) is(in int) bool { return w.r.IntN(in) == 0 }

func pick[T any](w *world, from ...T) T { return from[w.r.IntN(len(from))] }

// some are a part of a list, and never none of it.
func some[T any](w *world, from []T) []T {
	var out []T
	for _, x := range from {
		if w.is(2) {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		return []T{pick(w, from...)}
	}
	return out
}

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 11))} //nolint:gosec // a test that can be repeated
	w.family = pick(w, vpc.IPv4, vpc.IPv4, vpc.IPv6)
	for i := range 4 {
		w.groups = append(w.groups, &group{id: fmt.Sprint("sg-", i)})
	}
	for i := range 2 + w.r.IntN(3) {
		id := fmt.Sprint("s", i)
		w.subnets = append(w.subnets, &subnet{id: id, zone: string("ab"[i%2]), public: w.is(2), blocks: [2]netip.Prefix{
			netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 0}), 24), netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0x26, 2: 0x1f, 7: byte(i)}), 64),
		}})
	}
	for i, s := range w.subnets {
		s.acl, s.table = w.acl(i), w.table(i)
	}
	for _, g := range w.groups {
		g.rules = w.rules(true)
	}
	w.natIn = pick(w, w.subnets...)
	for i := range 1 + w.r.IntN(2) {
		w.nodes = append(w.nodes, &nodes{fmt.Sprint("n", i), some(w, w.subnets), some(w, w.groups[:3])})
	}
	w.web, w.db = w.workload("web"), w.workload("db")
	w.snat, w.local = !w.is(4), w.is(3)
	w.lb = w.balancer()
	if w.is(2) {
		w.endpoint = &endpoint{some(w, w.subnets), some(w, w.groups)}
	}
	if w.is(2) {
		w.gateway = []*table{pick(w, w.subnets...).table}
	}
	if w.is(4) {
		w.admits = policy{isolated: true, block: pick(w, netip.Prefix{}, w.block(), w.block())}
	}
	w.admits.silent = w.is(8)
	return w
}

func (w *world) workload(name string) *workload {
	out := &workload{name: name, host: w.is(6), fargate: w.is(6)}
	if out.fargate {
		out.host = false
	}
	if !out.host && w.is(4) {
		out.groups = some(w, w.groups)
	}
	if !out.fargate && w.is(3) {
		out.on = pick(w, w.nodes...)
	}
	return out
}

func (w *world) balancer() *balancer {
	out := &balancer{network: w.is(2), ip: w.family == vpc.IPv6 || w.is(2), dualStack: !w.is(3), internal: w.is(8), group: w.groups[3], subnets: w.subnets[:2]}
	if out.network {
		out.subnets = some(w, w.subnets[:2])
		out.preserves = !out.ip || w.is(2)
	}
	return out
}

// block is as wide as a subnet or wider, so that all addresses of one fare alike.
func (w *world) block() netip.Prefix {
	f := w.r.IntN(2)
	all := [2]string{"0.0.0.0/0", "::/0"}[f]
	return pick(w,
		netip.MustParsePrefix(all), netip.MustParsePrefix(all), netip.MustParsePrefix(all),
		netip.MustParsePrefix([2]string{"8.0.0.0/7", "2a00::/16"}[f]), netip.MustParsePrefix([2]string{"10.0.0.0/16", "2600:1f00::/56"}[f]),
		pick(w, w.subnets...).blocks[f],
	)
}

// rules are those of a group or of an ACL. Most let all pass.
func (w *world) rules(ofGroup bool) []rule {
	var out []rule
	for range 3 + w.r.IntN(6) {
		next := rule{out: w.is(2), block: w.block(), deny: !ofGroup && w.is(4)}
		ports := pick(w, [2]int{}, [2]int{}, [2]int{}, [2]int{listener, listener}, [2]int{podPort, podPort}, [2]int{nodePort, nodePort}, [2]int{outPort, outPort}, [2]int{1024, 65535})
		if next.from, next.to = ports[0], ports[1]; ofGroup && w.is(3) {
			next.group = pick(w, w.groups...).id
		}
		out = append(out, next)
	}
	for _, outbound := range []bool{false, true} {
		for _, all := range []string{"0.0.0.0/0", "::/0"} {
			if !w.is(4) {
				out = append(out, rule{out: outbound, block: netip.MustParsePrefix(all)})
			}
		}
	}
	return out
}

func (w *world) acl(i int) *acl {
	out := &acl{id: fmt.Sprint("acl-", i)}
	if w.is(3) {
		out.rules = w.rules(false)
		return out
	}
	for _, outbound := range []bool{false, true} {
		out.rules = append(out.rules, rule{out: outbound, block: netip.MustParsePrefix("0.0.0.0/0")}, rule{out: outbound, block: netip.MustParsePrefix("::/0")})
	}
	return out
}

func (w *world) table(i int) *table {
	out := &table{id: fmt.Sprint("t", i)}
	add := func(block string, targets ...string) {
		if target := pick(w, targets...); target != "" {
			out.routes = append(out.routes, route{netip.MustParsePrefix(block), target})
		}
	}
	add("0.0.0.0/0", "igw-1", "igw-1", "igw-1", "nat-1", "nat-1", "")
	add("8.0.0.0/7", "", "", "", "igw-1", "nat-1")
	add("::/0", "igw-1", "igw-1", "eigw-1", "")
	add("2a00::/16", "", "", "", "igw-1", "eigw-1")
	return out
}

// aws writes the world as lines of package vpctest.
func (w *world) aws() string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("vpc v cidr=10.0.0.0/16 cidr=2600:1f00::/56")
	for _, s := range w.subnets {
		line("subnet %s vpc=v cidr=%s cidr6=%s az=%s%s", s.id, s.blocks[0], s.blocks[1], s.zone, when(s.public, " public"))
		line("acl %s vpc=v subnets=%s%s", s.acl.id, s.id, w.written(s.acl.rules, true))
		routes := ""
		for _, r := range s.table.routes {
			routes += fmt.Sprintf(" route=%s:%s", r.block, r.target)
		}
		line("table %s vpc=v subnets=%s%s", s.table.id, s.id, routes)
	}
	for _, g := range w.groups {
		line("group %s vpc=v%s", g.id, w.written(g.rules, false))
	}
	line("cluster c vpc=v group=sg-0 subnets=s0,s1 family=%s", map[vpc.Family]string{vpc.IPv4: "ipv4", vpc.IPv6: "ipv6"}[w.family])
	for _, n := range w.nodes {
		line("nodegroup %s cluster=c subnets=%s template=lt-%s label:pool=%s", n.id, subnetIDs(n.subnets), n.id, n.id)
		line("template lt-%s groups=%s", n.id, groupIDs(n.groups))
	}
	for _, p := range []*workload{w.web, w.db} {
		if p.fargate {
			line("fargate f-%s cluster=c subnets=%s namespace=x label:app=%s", p.name, w.subnets[0].id, p.name)
		}
	}
	line("natgateway nat-1 subnet=%s", w.natIn.id)
	line("list pl-s3 name=com.amazonaws.eu-west-1.s3 cidr=8.8.0.0/16")
	line("endpoint vpce-0 vpc=v service=com.amazonaws.eu-west-1.other type=Interface subnets=s0 groups=sg-0 private")
	if w.endpoint != nil {
		line("database d subnets=%s groups=%s", subnetIDs(w.endpoint.subnets), groupIDs(w.endpoint.groups))
		line("endpoint vpce-1 vpc=v service=com.amazonaws.eu-west-1.sts type=Interface subnets=%s groups=%s private", subnetIDs(w.endpoint.subnets), groupIDs(w.endpoint.groups))
	}
	if len(w.gateway) > 0 {
		line("endpoint vpce-2 vpc=v service=com.amazonaws.eu-west-1.s3 type=Gateway tables=%s", w.gateway[0].id)
	}
	return b.String()
}

func (w *world) written(rules []rule, ofACL bool) string {
	out := ""
	for i, r := range rules {
		out += " " + map[bool]string{false: "in", true: "out"}[r.out] + "="
		if ofACL {
			out += fmt.Sprintf("%d:%s:", 100+i, map[bool]string{false: "allow", true: "deny"}[r.deny])
		}
		ports := "all:"
		if r.to > 0 {
			ports = fmt.Sprintf("tcp:%d-%d", r.from, r.to)
		}
		out += ports + ":" + map[bool]string{false: r.block.String(), true: r.group}[r.group != ""]
	}
	return out
}

func subnetIDs(of []*subnet) string {
	var out []string
	for _, s := range of {
		out = append(out, s.id)
	}
	return strings.Join(out, ",")
}

func groupIDs(of []*group) string {
	var out []string
	for _, g := range of {
		out = append(out, g.id)
	}
	return strings.Join(out, ",")
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// objects writes the world as objects of package graphtest. The load balancer is made
// where it is asked for.
func (w *world) objects(balanced bool) string {
	docs := []string{
		"Namespace//x\n{}",
		"DaemonSet/kube-system/aws-node\nspec: {selector: {}, template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: [" +
			"{name: aws-node, env: [{name: ENABLE_POD_ENI, value: 'true'}, {name: AWS_VPC_K8S_CNI_EXTERNALSNAT, value: '" + fmt.Sprint(!w.snat) + "'}]}, " +
			"{name: aws-eks-nodeagent, args: [--enable-network-policy=true, --enable-ipv6=" + fmt.Sprint(w.family == vpc.IPv6) + "]}]}}}",
	}
	for _, p := range []*workload{w.web, w.db} {
		spec := when(p.host, "hostNetwork: true, ")
		if p.on != nil {
			spec += "nodeSelector: {pool: " + p.on.id + "}, "
		}
		docs = append(docs, fmt.Sprintf(
			"Deployment/x/%[1]s\nspec: {selector: {}, template: {metadata: {labels: {app: %[1]s}}, spec: {%[2]scontainers: [{name: c, ports: [{containerPort: %[3]d}]}]}}}", p.name, spec, podPort))
		if p.groups != nil {
			docs = append(docs, fmt.Sprintf("SecurityGroupPolicy/x/%[1]s\nspec: {podSelector: {matchLabels: {app: %[1]s}}, securityGroups: {groupIds: [%[2]s]}}", p.name, groupIDs(p.groups)))
		}
	}
	if w.admits.isolated {
		from := when(w.admits.block.IsValid(), fmt.Sprintf(", ingress: [{from: [{ipBlock: {cidr: %q}}]}]", w.admits.block))
		docs = append(docs, "NetworkPolicy/x/in\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]"+from+"}")
	}
	if w.admits.silent {
		docs = append(docs, "NetworkPolicy/x/out\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}")
	}
	return strings.Join(append(docs, w.service(balanced)...), "\n---\n") + "\n"
}

func (w *world) service(balanced bool) []string {
	ports := fmt.Sprintf("selector: {app: web}, ports: [{port: %d, targetPort: %d, nodePort: %d}]%s", listener, podPort, nodePort, when(w.local, ", externalTrafficPolicy: Local"))
	plain := "Service/x/web\nspec: {type: NodePort, " + ports + "}"
	set := func(prefix string, pairs ...string) string {
		var out []string
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				out = append(out, fmt.Sprintf("%s%s: %q", prefix, pairs[i], pairs[i+1]))
			}
		}
		return "\nmetadata: {annotations: {" + strings.Join(out, ", ") + "}}\n"
	}
	scheme := map[bool]string{false: "internet-facing", true: "internal"}[w.lb.internal]
	kind := map[bool]string{false: "instance", true: "ip"}[w.lb.ip]
	stack := map[bool]string{false: "ipv4", true: "dualstack"}[w.lb.dualStack]
	switch {
	case !balanced:
		return []string{plain}
	case w.lb.network:
		return []string{"Service/x/web" + set("service.beta.kubernetes.io/aws-load-balancer-",
			"scheme", scheme, "nlb-target-type", kind, "ip-address-type", stack, "security-groups", w.lb.group.id, "subnets", subnetIDs(w.lb.subnets),
			"target-group-attributes", fmt.Sprint("preserve_client_ip.enabled=", w.lb.preserves),
		) + "spec: {type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, " + ports + "}"}
	default:
		return []string{plain, "Ingress/x/web" + set("alb.ingress.kubernetes.io/",
			"scheme", scheme, "target-type", kind, "ip-address-type", stack, "security-groups", w.lb.group.id, "subnets", subnetIDs(w.lb.subnets),
		) + "spec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 80}}}}"}
	}
}
