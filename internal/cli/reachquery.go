package cli

import (
	"cmp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// query answers one question of the command line.
func (a *asker) query(o *reachOptions) error {
	ports, err := parsePort(o.port)
	if err != nil {
		return err
	}
	from, err := a.endpoints("--from", o.from)
	if err != nil {
		return err
	}
	if object := a.object(o.to); object != nil {
		return a.through(o, from, object, ports)
	}
	if o.to == wordDNS {
		return a.resolve(o, from, ports)
	}
	if service, ok := strings.CutPrefix(o.to, wordAWS); ok {
		return a.service(o, from, service, ports)
	}
	if name, ok := strings.CutPrefix(o.to, wordDatabase); ok {
		return a.database(o, from, name, ports)
	}
	to, err := a.endpoints("--to", o.to)
	if err != nil {
		return err
	}
	if a.layers != nil {
		return a.overAll(o, from, to, ports)
	}
	var answers []reach.Answer
	for _, f := range from {
		for _, t := range to {
			if len(from)+len(to) > 2 && (f == t || a.external(f) && a.external(t)) {
				continue // of many pairs, those without an answer of interest
			}
			answers = append(answers, a.engine.Ask(f, t, ports))
		}
	}
	return a.write(o, append(answers, a.unseen(o, from, to, ports)...))
}

// resolve answers who can resolve names, leg by leg; over UDP unless a port is
// asked for.
func (a *asker) resolve(o *reachOptions, from []int, ports netset.Ports) error {
	if o.port == "" {
		ports = netset.PortRange(netset.UDP, 53, 53)
	}
	var answers []reach.Answer
	for _, f := range from {
		answers = append(answers, a.engine.ToDNS(f, ports)...)
	}
	return a.write(o, answers)
}

// unseen are the answers for pods that the input does not show, where one side
// is open to every peer.
func (a *asker) unseen(o *reachOptions, from, to []int, ports netset.Ports) []reach.Answer {
	var out []reach.Answer
	if o.from == "" {
		for _, t := range to {
			out = append(out, a.engine.Unseen(t, reach.Ingress, ports)...)
		}
	}
	if o.to == "" {
		for _, f := range from {
			out = append(out, a.engine.Unseen(f, reach.Egress, ports)...)
		}
	}
	return out
}

func (a *asker) write(o *reachOptions, answers []reach.Answer) error {
	if a.layers != nil {
		return a.writeAll(o, answers)
	}
	return reachreport.WriteAnswers(a.stdout, a.graph, answers, o.port, o.format, a.line)
}

// object returns the Service or Ingress that a word names.
func (a *asker) object(word string) graph.Object {
	parts := strings.Split(word, "/")
	if len(parts) != 3 {
		return nil
	}
	for _, gk := range []model.GroupKind{model.KindService, model.KindIngress} {
		if !strings.EqualFold(parts[1], gk.Kind) {
			continue
		}
		for _, o := range a.graph.Objects(gk.Kind) {
			if ref := o.Ref(); ref.Name == parts[2] && cmp.Or(ref.Namespace, corev1.NamespaceDefault) == parts[0] {
				return o
			}
		}
	}
	return nil
}

// through answers who can talk to what is behind a Service or an Ingress. The
// way to an Ingress begins at its load balancer, whoever talks to that.
func (a *asker) through(o *reachOptions, from []int, object graph.Object, ports netset.Ports) error {
	var answers []reach.Answer
	switch object := object.(type) {
	case *graph.Ingress:
		if a.layers != nil {
			return a.writePaths(o, a.layers.ToIngress(netset.Public(), object))
		}
		answers = a.engine.ToIngress(object)
	case *graph.Service:
		if a.layers != nil {
			return a.writePaths(o, a.toService(from, object, ports))
		}
		for _, f := range from {
			answers = append(answers, a.engine.ToService(f, object, ports)...)
		}
	}
	return a.write(o, answers)
}

// toService answers who connects to the pods behind a Service, and who finds its name.
func (a *asker) toService(from []int, s *graph.Service, ports netset.Ports) []path.Answer {
	var out []path.Answer
	for _, f := range from {
		var names *path.Answer
		if !a.external(f) {
			names = a.layers.Names(f)
		}
		for _, answer := range a.engine.ToService(f, s, ports) {
			complete := a.layers.Complete(answer)
			complete.Names = names
			out = append(out, complete)
		}
	}
	return out
}

func (a *asker) external(endpoint int) bool { return a.engine.Endpoint(endpoint).Workload == nil }

// parsePort reads 443, 443/tcp or tcp; nothing is every port.
func parsePort(text string) (netset.Ports, error) {
	if text == "" {
		return netset.AllPorts(), nil
	}
	number, name, both := strings.Cut(text, "/")
	if !both {
		name = "tcp"
		if p, ok := netset.ParseProtocol(text); ok {
			return netset.PortRange(p, netset.FirstPort, netset.LastPort), nil
		}
	}
	protocol, known := netset.ParseProtocol(name)
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil || port == 0 || !known {
		return netset.Ports{}, usagef("--port: want a port and protocol such as 443/tcp, not %q", text)
	}
	return netset.PortRange(protocol, uint16(port), uint16(port)), nil
}

// engineFor compiles what a question needs: the namespaces of the workloads
// that its words name, or everything when a side is open.
func (a *asker) engineFor(words ...string) *reach.Engine {
	namespaces := map[string]bool{}
	for _, word := range words {
		switch object := a.object(word); {
		case word == "", word == wordCluster:
			return reach.New(a.graph)
		case strings.HasPrefix(word, wordAWS), strings.HasPrefix(word, wordDatabase):
		case object != nil:
			namespaces[object.Ref().Namespace] = true
			a.addDNS(namespaces) // a Service is found by its name
		case word == wordDNS:
			a.addDNS(namespaces)
		default:
			a.addNamespaces(word, namespaces)
		}
	}
	return reach.In(a.graph, func(name string) bool { return namespaces[name] })
}

// addDNS adds the namespaces of what answers for names.
func (a *asker) addDNS(out map[string]bool) {
	for _, w := range a.graph.ClusterDNS() {
		out[w.Ref().Namespace] = true
	}
	for _, c := range a.graph.NodeCaches() {
		out[c.Workload.Ref().Namespace] = true
	}
}

func (a *asker) addNamespaces(word string, out map[string]bool) {
	matches, err := workloadMatcher(word)
	if err != nil {
		return // said when the endpoints are looked up
	}
	for _, o := range a.graph.Objects(graph.KindWorkload) {
		if w, ok := o.(*graph.Workload); ok && matches(w) {
			out[w.Ref().Namespace] = true
		}
	}
}
