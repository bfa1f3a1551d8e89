package path_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc/vpctest"
)

func tcp(port uint16) netset.Ports { return netset.PortRange(netset.TCP, port, port) }

func only(a netip.Addr) netset.Ranges { return netset.RangesOf(netip.PrefixFrom(a, a.BitLen())) }

// outsiders are addresses of each kind that rules tell apart.
func outsiders() []netip.Addr {
	return []netip.Addr{samples()[0], samples()[2], netip.MustParseAddr("2a00::1"), netip.MustParseAddr("2400::1")}
}

// asked are the answers of an engine by what was asked.
func (w *world) asked(t *testing.T, e *path.Engine, r *reach.Engine, balanced bool) map[string]path.Answer {
	t.Helper()
	out := map[string]path.Answer{}
	web := find(t, r, "x/web")
	for _, a := range outsiders() {
		for _, answer := range e.FromInternet(only(a), web, tcp(podPort)) {
			key := fmt.Sprint("from ", a, " on ", answer.Port)
			if _, twice := out[key]; twice {
				t.Errorf("%s: two answers", key)
			}
			out[key] = answer
		}
		if balanced {
			continue
		}
		for _, answer := range e.ToInternet(web, only(a), tcp(outPort)) {
			out[fmt.Sprint("to ", a)] = answer
		}
	}
	if !balanced {
		for _, s := range []string{"s3", "sts"} {
			out["to "+s] = e.ToService(web, s, tcp(outPort))
		}
		if databases := vpctest.Read(t, w.aws()).Databases; len(databases) > 0 {
			out["to the database"] = e.ToDatabase(web, databases[0], tcp(outPort))
		}
		out["to db"] = e.Complete(r.Ask(web, find(t, r, "x/db"), tcp(podPort)))
	}
	return out
}

// truth is what the walk says of each question. A question that the engine leaves out has
// an answer that does not matter.
func (w *world) truth(balanced bool) map[string]path.Verdict {
	out := map[string]path.Verdict{}
	for _, a := range outsiders() {
		on := func(port int) string { return fmt.Sprint("from ", a, " on ", tcp(uint16(port))) }
		if balanced {
			out[on(listener)] = w.fromInternet(a)
			if !w.lb.ip && w.family == vpc.IPv6 {
				out[on(listener)] = path.NotKnown
			}
		}
		out[on(nodePort)] = w.toNodes(a)
		if out[on(podPort)] = w.directly(a); !w.web.host && (a.Is4() || w.family == vpc.IPv4) {
			out[on(podPort)] = path.Blocked
		}
		out[fmt.Sprint("to ", a)] = w.toInternet(a)
		if w.web.host && a.Is6() && w.family == vpc.IPv4 { // the node has perhaps an address of it
			delete(out, on(podPort))
			delete(out, fmt.Sprint("to ", a))
		}
		if w.family == vpc.IPv6 && a.Is4() && (w.web.fargate || w.admits.silent) {
			delete(out, fmt.Sprint("to ", a)) // not judged
		}
	}
	out["to s3"], out["to sts"], out["to db"] = w.toService("s3"), w.toService("sts"), w.between()
	out["to the database"] = out["to sts"] // it lies where the endpoint does
	if w.family == vpc.IPv6 && (w.web.fargate || w.admits.silent) {
		delete(out, "to the database")
		delete(out, "to s3")
		delete(out, "to sts")
	}
	if w.admits.silent && w.db.host { // pods may talk to their own node, whatever policies say
		delete(out, "to db")
	}
	return out
}

// TestAgreesWithEveryPacket: what is fully described is open where every placement
// passes, blocked where none does, and depends on placement otherwise.
func TestAgreesWithEveryPacket(t *testing.T) {
	t.Parallel()
	seen := map[path.Verdict]int{}
	failures := 0
	for seed := range uint64(400) {
		w := newWorld(seed)
		balanced := seed%2 == 0
		e, r := engineOf(t, w.objects(balanced), w.aws())
		truth := w.truth(balanced)
		for question, got := range w.asked(t, e, r, balanced) {
			want, judged := truth[question]
			if seen[want]++; judged && got.Verdict != want {
				failures++
				t.Errorf("seed %d, %s: want %s, got %s", seed, question, want, summarise([]path.Answer{got}))
			}
		}
		if failures > 8 {
			t.Fatal("and more")
		}
	}
	for _, v := range []path.Verdict{path.Open, path.Blocked, path.Depends, path.NotKnown} {
		if seen[v] < 50 {
			t.Errorf("only %d answers are %s", seen[v], v)
		}
	}
}
