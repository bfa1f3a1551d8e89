package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// probe is one question of a probe file. Other keys of it are ignored.
type probe struct {
	Src   string `json:"src"`
	Dst   string `json:"dst"`
	Proto string `json:"proto"`
	Port  uint16 `json:"port"`
}

// probeAnswer repeats the question with its verdict.
type probeAnswer struct {
	probe
	Verdict reach.Verdict `json:"verdict"`
}

// probe answers a file of questions in its order, as a JSON list.
func (a *asker) probe(name string) error {
	probes, err := readProbes(name)
	if err != nil {
		return err
	}
	out := make([]probeAnswer, 0, len(probes))
	for i, p := range probes {
		verdict, err := a.judge(p)
		if err != nil {
			return fmt.Errorf("%s: item %d: %w", name, i, err)
		}
		out = append(out, probeAnswer{p, verdict})
	}
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func readProbes(name string) ([]probe, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, usagef("--probe: %w", err)
	}
	var list []probe
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, usagef("--probe: %s: %w", name, err)
	}
	return list, nil
}

// judge answers one probe. Endpoints that differ make the verdict unknown.
func (a *asker) judge(p probe) (reach.Verdict, error) {
	protocol, ok := netset.ParseProtocol(p.Proto)
	if !ok || p.Port == 0 {
		return "", usagef("want proto TCP, UDP or SCTP and a port, not %q and %d", p.Proto, p.Port)
	}
	from, err := a.endpoints("src", p.Src)
	if err != nil {
		return "", err
	}
	to, err := a.endpoints("dst", p.Dst)
	if err != nil {
		return "", err
	}
	var verdict reach.Verdict
	for _, f := range from {
		for _, t := range to {
			v := a.engine.Ask(f, t, netset.PortRange(protocol, p.Port, p.Port)).Verdict
			if verdict != "" && v != verdict {
				return reach.NotKnown, nil
			}
			verdict = v
		}
	}
	return verdict, nil
}
