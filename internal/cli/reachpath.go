package cli

import (
	"slices"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

// overAll answers a question over all layers, where the input has an AWS side
// and the question is one that it decides. It reports whether it did.
func (a *asker) overAll(o *reachOptions, ports netset.Ports) (done bool, err error) {
	cluster := eks.New(a.graph)
	if !cluster.Known() || o.from != wordInternet || o.to == "" || o.to == wordDNS || a.object(o.to) != nil {
		return false, nil
	}
	to, err := a.endpoints("--to", o.to)
	if err != nil {
		return true, err
	}
	engine := path.New(cluster, a.engine)
	var answers []path.Answer
	for _, t := range to {
		if a.external(t) {
			continue
		}
		answers = append(answers, engine.FromInternet(netset.Public().Intersect(netset.IPv4()), t)...)
	}
	answers = slices.DeleteFunc(answers, func(x path.Answer) bool { return x.Port.Intersect(ports).IsEmpty() })
	return true, reachreport.WritePaths(a.stdout, answers, o.format, a.line)
}
