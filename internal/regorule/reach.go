package regorule

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// Words that a question may use in the place of a reference.
const (
	wordOutside = "outside" // every address outside the cluster
	wordDNS     = "dns"     // what answers for the names of the cluster
)

// answerReach answers {from, to, protocol?, port?} with open, blocked or
// unknown; unknown also where the endpoints of one side differ. It is undefined
// when a reference is no workload of the graph.
func answerReach(s scope, args []*ast.Term) (*ast.Term, error) {
	question, ok := args[0].Value.(ast.Object)
	if !ok {
		return nil, errors.New("want a question {from, to, protocol, port}")
	}
	ports, err := portsOf(question)
	if err != nil {
		return nil, err
	}
	engine := s.reach()
	from, err := s.endpoints(engine, question, "from")
	if err != nil || len(from) == 0 {
		return nil, err
	}
	to, err := s.endpoints(engine, question, "to")
	if err != nil || len(to) == 0 {
		return nil, err
	}
	return ast.InternedTerm(string(agreed(engine, from, to, ports))), nil
}

func agreed(engine *reach.Engine, from, to []int, ports netset.Ports) reach.Verdict {
	var out reach.Verdict
	for _, f := range from {
		for _, t := range to {
			verdict := engine.Ask(f, t, ports).Verdict
			if out != "" && verdict != out {
				return reach.NotKnown
			}
			out = verdict
		}
	}
	return out
}

// endpoints reads one side of a question.
func (s scope) endpoints(engine *reach.Engine, question ast.Object, side string) ([]int, error) {
	value := question.Get(ast.InternedTerm(side))
	if value == nil {
		return nil, fmt.Errorf("the question lacks %q", side)
	}
	if word, ok := value.Value.(ast.String); ok {
		switch string(word) {
		case wordDNS:
			return engine.DNS(), nil
		case wordOutside:
			return engine.Outside(), nil
		}
		return nil, fmt.Errorf("%s: want a reference, %q or %q", side, wordOutside, wordDNS)
	}
	ref, err := refArg(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", side, err)
	}
	w, ok := s.graph.Lookup(ref).(*graph.Workload)
	if !ok {
		return nil, nil
	}
	number, ok := engine.Number(w)
	if !ok {
		return nil, nil
	}
	return []int{number}, nil
}

// portsOf reads the protocol and the port: without a protocol any, without a
// port any of the protocol.
func portsOf(question ast.Object) (netset.Ports, error) {
	name := question.Get(ast.InternedTerm("protocol"))
	number := question.Get(ast.InternedTerm("port"))
	if name == nil {
		if number != nil {
			return netset.Ports{}, errors.New("a port needs its protocol")
		}
		return netset.AllPorts(), nil
	}
	word, _ := name.Value.(ast.String)
	protocol, ok := netset.ParseProtocol(string(word))
	if !ok {
		return netset.Ports{}, fmt.Errorf("want TCP, UDP or SCTP, not %s", name)
	}
	if number == nil {
		return netset.PortRange(protocol, netset.FirstPort, netset.LastPort), nil
	}
	port, err := strconv.ParseUint(number.String(), 10, 16)
	if err != nil || port == 0 {
		return netset.Ports{}, fmt.Errorf("want a port number, not %s", number)
	}
	return netset.PortRange(protocol, uint16(port), uint16(port)), nil
}
