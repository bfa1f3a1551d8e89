// Package vpctest writes the AWS side of a cluster down for tests.
package vpctest

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/model"
)

// File is the name that the spans of a read text carry; they cover its lines.
const File = "aws"

// Read makes an AWS side of lines, each of which is a kind, an identifier and
// settings as key=value. A setting without a value is a switch, and ? as a value
// is one that the input does not tell. The kinds:
//
//	vpc v cidr=10.0.0.0/16
//	subnet a vpc=v cidr=10.0.0.0/24 cidr6=2600::/64 az=az1 public free=200 tag:kubernetes.io/role/elb=1
//	table r vpc=v main subnets=a,b route=0.0.0.0/0:igw-1 gone route=pl-1:vpce-1 missing
//	acl n vpc=v default subnets=a in=100:allow:tcp:443:0.0.0.0/0 out=100:allow:all::0.0.0.0/0
//	group g name=nodes in=tcp:443:0.0.0.0/0 in=all::g out=tcp:1-65535:h missing perhaps
//	natgateway nat-1 subnet=a private
//	endpoint e vpc=v service=com.amazonaws.eu-west-1.s3 type=Gateway tables=r
//	endpoint e vpc=v service=com.amazonaws.eu-west-1.sts type=Interface subnets=a groups=g private
//	list pl-1 name=com.amazonaws.eu-west-1.s3 cidr=192.0.2.0/24
//	interface eni-1 subnet=a groups=g address=10.0.0.9
//	database orders subnets=a,b groups=g port=5432
//	cluster c vpc=v group=g subnets=a,b family=ipv6 auto own
//	nodegroup n cluster=c subnets=a,b template=t label:team=x taint=key:value:NoSchedule
//	nodegroup n cluster=c subnets=a,b type=m5.large type=m5.xlarge nodes=min/desired/max unavailable=2
//	template t groups=g public type=m5.large image=ami-1 script=--max-pods=110
//	addon vpc-cni cluster=c version=v1.21.0 config={"enableNetworkPolicy":"true"}
//	fargate f cluster=c subnets=a namespace=x label:app=y
//
// Resources are those that AWS was asked for.
func Read(t *testing.T, text string) *model.AWS {
	t.Helper()
	r := reader{t: t, aws: &model.AWS{}}
	start := 0
	for line := range strings.Lines(text) {
		r.at = model.Span{File: File, Start: start, End: start + len(strings.TrimRight(line, "\n"))}
		start += len(line)
		if words := strings.Fields(line); len(words) > 1 {
			r.line(words[0], words[1], words[2:])
		}
	}
	return r.aws
}

type reader struct {
	t   *testing.T
	aws *model.AWS
	at  model.Span
}

// setting is one key with its value.
type setting struct{ key, value string }

func (r *reader) line(kind, id string, words []string) {
	m := model.AWSMeta{ID: id, Address: id, Name: id, Observed: true, At: r.at, Tags: model.Tags{Values: map[string]model.Value[string]{}}}
	settings := make([]setting, len(words))
	for i, w := range words {
		key, value, _ := strings.Cut(w, "=")
		settings[i] = setting{key, value}
		if name, ok := strings.CutPrefix(key, "tag:"); ok {
			m.Tags.Values[name] = known(r, value)
		}
	}
	read, ok := map[string]func(model.AWSMeta, []setting){
		"vpc": r.vpc, "subnet": r.subnet, "table": r.table, "acl": r.acl, "group": r.group, "list": r.list, "endpoint": r.endpoint, "database": r.database, "interface": r.networkInterface, "natgateway": r.natGateway,
		"cluster": r.cluster, "nodegroup": r.nodeGroup, "template": r.template, "fargate": r.fargate, "addon": r.addon,
	}[kind]
	if !ok {
		r.t.Fatalf("no kind %q", kind)
	}
	read(m, settings)
}

func known(r *reader, text string) model.Value[string] {
	if text == "?" {
		return model.Open[string]("a variable", r.at)
	}
	return model.Known(text, r.at)
}

func (r *reader) prefix(text string) model.Value[netip.Prefix] {
	if text == "?" {
		return model.Open[netip.Prefix]("a variable", r.at)
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		r.t.Fatal(err)
	}
	return model.Known(p, r.at)
}

func (r *reader) number(text string) model.Value[int] {
	n, err := strconv.Atoi(text)
	if err != nil {
		return model.Open[int]("a variable", r.at)
	}
	return model.Known(n, r.at)
}

func (r *reader) links(text string) []model.Link {
	var out []model.Link
	if text == "" {
		return nil
	}
	for id := range strings.SplitSeq(text, ",") {
		out = append(out, r.link(id))
	}
	return out
}

func (r *reader) link(id string) model.Link {
	if id == "?" {
		return model.Link{Why: "a variable", At: r.at}
	}
	return model.LinkTo(id, r.at)
}

func (r *reader) vpc(m model.AWSMeta, settings []setting) {
	out := &model.VPC{AWSMeta: m}
	for _, s := range settings {
		out.CIDRs = append(out.CIDRs, r.prefix(s.value))
	}
	r.aws.VPCs = append(r.aws.VPCs, out)
}

func (r *reader) subnet(m model.AWSMeta, settings []setting) {
	out := &model.Subnet{AWSMeta: m, MapPublicIP: model.Known(false, r.at), CIDR6: model.Known(netip.Prefix{}, r.at)}
	for _, s := range settings {
		switch s.key {
		case "vpc":
			out.VPC = r.link(s.value)
		case "cidr":
			out.CIDR = r.prefix(s.value)
		case "cidr6":
			out.CIDR6 = r.prefix(s.value)
		case "az":
			out.AvailabilityZone = known(r, s.value)
		case "public":
			out.MapPublicIP = model.Known(true, r.at)
		case "free":
			out.FreeIPs = r.number(s.value)
		}
	}
	r.aws.Subnets = append(r.aws.Subnets, out)
}

func (r *reader) table(m model.AWSMeta, settings []setting) {
	out := &model.RouteTable{AWSMeta: m, Main: model.Known(false, r.at)}
	for _, s := range settings {
		switch s.key {
		case "vpc":
			out.VPC = r.link(s.value)
		case "main":
			out.Main = model.Known(true, r.at)
		case "subnets":
			out.Subnets = r.links(s.value)
		case "missing":
			out.Missing = "a route is not resolved"
		case "gone": // the target of the route before it
			out.Routes[len(out.Routes)-1].Blackhole = true
		case "route":
			colon := strings.LastIndexByte(s.value, ':') // the block may hold others
			block, target := s.value[:colon], s.value[colon+1:]
			next := model.Route{Kind: model.RouteKindOf(target), Target: r.link(target), At: r.at}
			if l := r.link(block); strings.HasPrefix(block, "pl-") {
				next.PrefixList = &l
			} else {
				next.Destination = r.prefix(block)
			}
			out.Routes = append(out.Routes, next)
		}
	}
	r.aws.RouteTables = append(r.aws.RouteTables, out)
}

func (r *reader) acl(m model.AWSMeta, settings []setting) {
	out := &model.NetworkACL{AWSMeta: m, Default: model.Known(false, r.at)}
	for _, s := range settings {
		switch s.key {
		case "vpc":
			out.VPC = r.link(s.value)
		case "default":
			out.Default = model.Known(true, r.at)
		case "subnets":
			out.Subnets = r.links(s.value)
		case "missing":
			out.Missing = "an entry is not resolved"
		case "in", "out":
			parts := strings.SplitN(s.value, ":", 5)
			out.Entries = append(out.Entries, model.NetworkACLEntry{
				Number: r.number(parts[0]), Egress: s.key == "out", Allow: model.Known(parts[1] == "allow", r.at),
				Traffic: r.traffic(parts[2], parts[3]), CIDR: r.prefix(parts[4]), At: r.at,
			})
		}
	}
	r.aws.NetworkACLs = append(r.aws.NetworkACLs, out)
}

func (r *reader) traffic(protocol, ports string) model.Traffic {
	number := map[string]int{"all": model.ProtocolAll, "tcp": model.ProtocolTCP, "udp": model.ProtocolUDP, "icmp": model.ProtocolICMP}[protocol]
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	return model.Traffic{Protocol: model.Known(number, r.at), From: r.number(first), To: r.number(last)}
}

func (r *reader) group(m model.AWSMeta, settings []setting) {
	out := &model.SecurityGroup{AWSMeta: m}
	for _, s := range settings {
		switch s.key {
		case "name":
			out.GroupName = known(r, s.value)
		case "missing":
			out.MissingIngress, out.MissingEgress = "a rule is not resolved", "a rule is not resolved"
		case "perhaps":
			out.Conditional = "a count is not resolved"
		case "in", "out":
			parts := strings.SplitN(s.value, ":", 3)
			rule := model.SecurityGroupRule{Egress: s.key == "out", Traffic: r.traffic(parts[0], parts[1]), At: r.at}
			switch peer := parts[2]; {
			case strings.HasPrefix(peer, "pl-"):
				l := r.link(peer)
				rule.Peer.PrefixList = &l
			case strings.ContainsAny(peer, "/"):
				rule.Peer.CIDR = r.prefix(peer)
			default:
				l := r.link(peer)
				rule.Peer = model.SecurityGroupPeer{Group: &l, Self: peer == m.ID}
			}
			out.Rules = append(out.Rules, rule)
		}
	}
	r.aws.SecurityGroups = append(r.aws.SecurityGroups, out)
}

func (r *reader) natGateway(m model.AWSMeta, settings []setting) {
	out := &model.NATGateway{AWSMeta: m, Private: model.Known(false, r.at)}
	for _, s := range settings {
		switch s.key {
		case "subnet":
			out.Subnet = r.link(s.value)
		case "private":
			out.Private = model.Known(true, r.at)
			if s.value == "?" {
				out.Private = model.Open[bool]("a variable", r.at)
			}
		}
	}
	r.aws.NATGateways = append(r.aws.NATGateways, out)
}

func (r *reader) list(m model.AWSMeta, settings []setting) {
	out := &model.PrefixList{AWSMeta: m}
	for _, s := range settings {
		switch s.key {
		case "name":
			out.Name = s.value
		case "cidr":
			out.CIDRs = append(out.CIDRs, r.prefix(s.value))
		}
	}
	r.aws.PrefixLists = append(r.aws.PrefixLists, out)
}

func (r *reader) endpoint(m model.AWSMeta, settings []setting) {
	out := &model.VPCEndpoint{AWSMeta: m, PrivateDNS: model.Known(false, r.at)}
	for _, s := range settings {
		switch s.key {
		case "vpc":
			out.VPC = r.link(s.value)
		case "service":
			out.Service = known(r, s.value)
		case "type":
			out.Type = known(r, s.value)
		case "subnets":
			out.Subnets = r.links(s.value)
		case "groups":
			out.SecurityGroups = r.links(s.value)
		case "tables":
			out.RouteTables = r.links(s.value)
		case "private":
			out.PrivateDNS = model.Known(true, r.at)
			if s.value == "?" {
				out.PrivateDNS = model.Open[bool]("a variable", r.at)
			}
		}
	}
	r.aws.Endpoints = append(r.aws.Endpoints, out)
}
