package vpc_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/loader/awscli"
	"github.com/ekslint/ekslint/pkg/model"
)

// npguard is where the examples of np-guard's VPC analyzer lie.
const npguard = "../../../../shared/samples/awscli/npguard-aws/examples"

// TestAgreesWithNPGuard compares the connectivity of instances with the expected
// output of np-guard's VPC analyzer. It differs from it in these ways, which the
// comparison leaves out:
//
//   - np-guard reads no route tables and takes a subnet for public when it gives
//     public addresses at launch. Its inputs hold no route tables, so here the way
//     to the internet is not known; the filters on that way are compared for the
//     same subnets.
//   - It lists protocols and ports of both sides. Here a connection has the ports
//     of its destination, and the answers to it their own verdict, which network
//     ACLs decide by the port of the source. "Both" is compared: the ports of the
//     destination, and the ports of the source to which answers pass.
func TestAgreesWithNPGuard(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(npguard); err != nil {
		t.Skipf("the examples are not there: %v", err)
	}
	for _, name := range []string{"aws_acl_1", "aws_mixed", "aws_sg_1", "basic_config_with_sg"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := readCollected(t, filepath.Join(npguard, "input", "input_"+name+".json"))
			want := readExpected(t, filepath.Join(npguard, "out/analysis_out", name+"_all_vpcs_.txt"))
			got := connectivity(n)
			if len(want) == 0 {
				t.Fatal("the expected output holds no connection")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-np-guard +got:\n%s", diff)
			}
		})
	}
}

// readCollected turns the collector's keys into those of the AWS CLI.
func readCollected(t *testing.T, file string) *vpc.Network {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var collected map[string]json.RawMessage
	if err := json.Unmarshal(text, &collected); err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{
		"Vpcs": collected["vpcs"], "Subnets": collected["subnets"], "SecurityGroups": collected["security_groups"],
		"NetworkAcls": collected["network_acls"], "InternetGateways": collected["internet_gateways"],
		"Reservations": []any{map[string]any{"Instances": collected["instances"]}},
	}
	text, err = json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	part := awscli.Load("collected.json", text)
	if len(part.Problems) > 0 {
		t.Fatal(part.Problems)
	}
	return vpc.New(part.AWS)
}

// line is a connection as both sides write it: the ports of the destination and
// those of the source to which answers pass, when not all do.
type line struct{ Ports, Answered string }

var described = regexp.MustCompile(`^(.+?) => (.+?) : (.*?)( \*)?\s*$`)

// readExpected reads lines such as "a[10.0.0.1] => b[10.0.0.2] : protocol: TCP
// src-ports: 1-9 dst-ports: 80 *".
func readExpected(t *testing.T, file string) map[string]line {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ports, answered, starred := map[string]netset.Ports{}, map[string]netset.Ports{}, map[string]bool{}
	for l := range strings.Lines(string(text)) {
		m := described.FindStringSubmatch(strings.TrimRight(l, "\n"))
		if m == nil {
			continue
		}
		key := side(m[1]) + " => " + side(m[2])
		dst, src := parseConnection(t, m[3])
		ports[key] = ports[key].Union(dst)
		if m[4] != "" {
			starred[key] = true
		} else {
			answered[key] = answered[key].Union(src)
		}
	}
	out := map[string]line{}
	for key, p := range ports {
		out[key] = line{Ports: p.String()}
		if starred[key] {
			out[key] = line{p.String(), answered[key].String()}
		}
	}
	return out
}

// side writes an instance by its name, and the internet with its block.
func side(text string) string {
	if rest, ok := strings.CutPrefix(text, "Public Internet "); ok {
		return "internet " + strings.ReplaceAll(rest, "(all ranges)", "all")
	}
	name, _, _ := strings.Cut(text, "[")
	return name
}

func parseConnection(t *testing.T, text string) (dst, src netset.Ports) {
	t.Helper()
	if text == "All Connections" {
		return netset.AllPorts(), netset.AllPorts()
	}
	words := strings.Fields(text)
	protocol, ok := netset.ParseProtocol(words[1])
	if words[0] != "protocol:" || !ok {
		t.Fatalf("cannot read %q", text)
	}
	all := netset.PortRange(protocol, netset.FirstPort, netset.LastPort)
	dst, src = all, all
	for i := 2; i < len(words); i += 2 {
		var set netset.Ports
		for _, span := range strings.Split(words[i+1], ",") {
			first, last, isRange := strings.Cut(span, "-")
			if !isRange {
				last = first
			}
			set = set.Union(netset.PortRange(protocol, number(t, first), number(t, last)))
		}
		if words[i] == "src-ports:" {
			src = set
		} else {
			dst = set
		}
	}
	return dst, src
}

func number(t *testing.T, text string) uint16 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

// connectivity is what the instances of each VPC can say to each other, and to
// the internet where their subnet gives public addresses.
func connectivity(n *vpc.Network) map[string]line {
	var sides []vpc.Side
	for _, i := range n.AWS().Interfaces {
		subnets, _ := n.SubnetsOf([]model.Link{i.Subnet}, i.Origin)
		sides = append(sides, vpc.Side{
			Name: i.Name, Subnet: subnets[0], Groups: n.Groups(i.SecurityGroups, i.Origin),
			Addresses: netset.RangesOf(netip.PrefixFrom(i.Addresses[0], 32)),
		})
	}
	out := map[string]line{}
	for _, a := range sides {
		for _, b := range sides {
			if a.Name != b.Name && a.Subnet.VPC == b.Subnet.VPC {
				add(out, a.Name+" => "+b.Name, passes(n.InVPC(a, b, netset.AllPorts())), vpc.Reply(a, b, netset.AllPorts(), vpc.AnyPort))
			}
		}
		if public, _ := a.Subnet.MapPublicIP.Get(); public {
			addInternet(out, n, a)
		}
	}
	return out
}

// addInternet adds the connections with the internet, block by block.
func addInternet(out map[string]line, n *vpc.Network, a vpc.Side) {
	type key struct {
		in bool
		line
	}
	blocks := map[key]netset.Ranges{}
	for _, atom := range n.Atoms(netset.IPv4().Intersect(netset.Public()), a) {
		peer := vpc.Side{Name: "internet", Addresses: netset.Ranges{atom}}
		for in, l := range map[bool]map[string]line{true: {}, false: {}} {
			hops, replies := n.Leaving(a, peer, netset.AllPorts()), vpc.Reply(a, peer, netset.AllPorts(), vpc.AnyPort)
			if in {
				hops, replies = n.Entering(peer, a, netset.AllPorts()), vpc.Reply(peer, a, netset.AllPorts(), vpc.AnyPort)
			}
			if add(l, "", passes(hops), replies); len(l) > 0 {
				blocks[key{in, l[""]}] = blocks[key{in, l[""]}].Union(netset.Ranges{atom})
			}
		}
	}
	for k, ranges := range blocks {
		name := "internet " + blockName(ranges)
		if k.in {
			out[name+" => "+a.Name] = k.line
		} else {
			out[a.Name+" => "+name] = k.line
		}
	}
}

// blockName writes a range as a block, and many ranges as all: a rule that names
// no block admits the whole internet.
func blockName(r netset.Ranges) string {
	if len(r) > 1 {
		return "all"
	}
	for bits := range 33 {
		p := netip.PrefixFrom(r[0].First, bits)
		if cmp.Equal(netset.RangesOf(p), r, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })) {
			return p.String()
		}
	}
	return r[0].String()
}

// passes is what gets through all hops.
func passes(hops []vpc.Hop) netset.Ports {
	out := netset.AllPorts()
	for _, h := range hops {
		out = out.Intersect(h.Certain)
	}
	return out
}

// add adds a connection unless nothing passes. Answers matter to TCP alone, as
// only it waits for them.
func add(out map[string]line, key string, ports netset.Ports, replies []vpc.Hop) {
	if ports.IsEmpty() {
		return
	}
	answered := netset.PortRange(netset.TCP, netset.FirstPort, netset.LastPort)
	all := answered
	for _, h := range replies {
		answered = answered.Intersect(h.Certain)
	}
	out[key] = line{Ports: ports.String()}
	if len(ports.Intervals(netset.TCP)) > 0 && !answered.Equal(all) {
		out[key] = line{ports.String(), answered.String()}
	}
}
