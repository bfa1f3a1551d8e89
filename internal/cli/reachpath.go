package cli

import (
	"cmp"
	"regexp"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// overAll answers a question over all layers. Addresses that the internet does
// not route are judged by policies alone.
func (a *asker) overAll(o *reachOptions, from, to []int, ports netset.Ports) error {
	switch source, destination := parseAddress(o.from), parseAddress(o.to); {
	case destination.IsValid() && a.layers.InVPC(destination):
		return a.ofPods(o, from, func(f int) path.Answer { return a.layers.ToAddress(f, destination, ports) })
	case source.IsValid() && a.layers.InVPC(source):
		return a.ofPods(o, to, func(t int) path.Answer { return a.layers.FromAddress(source, t, ports) })
	}
	var answers []path.Answer
	sources, destinations := a.publicOf(o.from, from), a.publicOf(o.to, to)
	for _, t := range to {
		if !a.external(t) && len(sources) > 0 {
			answers = append(answers, a.layers.FromInternet(sources, t, ports)...)
		}
	}
	for _, f := range from {
		if !a.external(f) && len(destinations) > 0 {
			answers = append(answers, a.layers.ToInternet(f, destinations, ports)...)
		}
		for _, t := range to {
			if f == t && len(from)+len(to) > 2 || a.external(f) && (a.external(t) || len(sources) > 0) || a.external(t) && len(destinations) > 0 {
				continue
			}
			answers = append(answers, a.layers.Complete(a.engine.Ask(f, t, ports)))
		}
	}
	return a.writePaths(o, answers)
}

// service answers who reaches a service of AWS; over HTTPS unless a port is asked
// for.
func (a *asker) service(o *reachOptions, from []int, service string, ports netset.Ports) error {
	switch {
	case !serviceName.MatchString(service):
		return usagef("--to: want a service as its endpoints name it, such as aws:s3 or aws:ecr.api, not %q", o.to)
	case a.layers == nil:
		return usagef("--to %s: the input has no AWS side, which decides that", o.to)
	case o.port == "":
		ports = netset.PortRange(netset.TCP, 443, 443)
	}
	return a.ofPods(o, from, func(f int) path.Answer { return a.layers.ToService(f, service, ports) })
}

// database answers who reaches a database; on its own port unless another is asked for.
func (a *asker) database(o *reachOptions, from []int, name string, ports netset.Ports) error {
	if a.layers == nil {
		return usagef("--to %s: the input has no AWS side, which decides that", o.to)
	}
	found := a.cluster.Databases(name)
	if len(found) == 0 {
		return usagef("--to: the input shows no database %q", name)
	}
	if len(found) > 1 {
		return usagef("--to: %d databases have the name %q: give the address or identifier of one", len(found), name)
	}
	if port, known := found[0].Port.Get(); o.port == "" && known && port > 0 && port <= int(netset.LastPort) {
		ports = netset.PortRange(netset.TCP, uint16(port), uint16(port))
	}
	return a.ofPods(o, from, func(f int) path.Answer { return a.layers.ToDatabase(f, found[0], ports) })
}

// ofPods writes the answers for those of some ends that are pods.
func (a *asker) ofPods(o *reachOptions, ends []int, ask func(pods int) path.Answer) error {
	var answers []path.Answer
	for _, e := range ends {
		if !a.external(e) {
			answers = append(answers, ask(e))
		}
	}
	if len(answers) == 0 {
		return usagef("one end of a question about %s has to be pods", cmp.Or(o.to, o.from))
	}
	return a.writePaths(o, answers)
}

// serviceName is the end of the names of endpoint services, behind the region:
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
var serviceName = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)

// publicOf are the public addresses that a word names; none when it names
// others as well.
func (a *asker) publicOf(word string, endpoints []int) netset.Ranges {
	public := netset.Public()
	if p := parseAddress(word); p.IsValid() {
		if asked := netset.RangesOf(p); len(asked.Subtract(public)) == 0 {
			return asked
		}
		return nil
	}
	for _, e := range endpoints {
		if a.external(e) {
			return public
		}
	}
	return nil
}

// writeAll writes what policies answer with what lies between the two ends.
func (a *asker) writeAll(o *reachOptions, answers []reach.Answer) error {
	out := make([]path.Answer, 0, len(answers))
	for _, answer := range answers {
		out = append(out, a.layers.Complete(answer))
	}
	return a.writePaths(o, out)
}

func (a *asker) writePaths(o *reachOptions, answers []path.Answer) error {
	return reachreport.WritePaths(a.stdout, answers, o.format, a.line)
}
