package path_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/path"
)

// hideAWS hides some of what the lines of package vpctest tell: a value becomes a
// variable, a rule is not resolved, or a resource is not shown that others may name.
func (w *world) hideAWS(text string) string {
	seldom := func() bool { return w.is(12) }
	var out []string
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		kind := words[0]
		switch {
		case seldom() && strings.Contains(" group template natgateway list ", " "+kind+" "):
			continue
		case seldom() && strings.Contains(" group table acl ", " "+kind+" "):
			gone := 3 + w.r.IntN(max(1, len(words)-3))
			if gone < len(words) && !strings.HasPrefix(words[gone], "subnets=") {
				words[gone] = ""
			}
			words = append(words, "missing")
		}
		for i, word := range words[2:] {
			key, value, _ := strings.Cut(word, "=")
			switch {
			case !seldom():
			case key == "subnets" && kind != "cluster" && w.is(2):
				words[i+2] = word + ",?"
			case strings.Contains(" az cidr cidr6 family type private namespace ", " "+key+" ") && kind != "vpc" && kind != "list":
				words[i+2] = key + "=?"
			case key == "in" || key == "out":
				parts := strings.SplitN(value, ":", map[string]int{"group": 3, "acl": 5}[kind])
				parts[len(parts)-1] = "?"
				words[i+2] = key + "=" + strings.Join(parts, ":")
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, "\n") + "\n"
}

// hideObjects replaces some values by placeholders.
func (w *world) hideObjects(text string) string {
	values := regexp.MustCompile(`(value: '|nodeSelector: \{pool: |(?:scheme|type|security-groups|subnets|target-group-attributes): ")[^'"}]*`)
	return values.ReplaceAllStringFunc(text, func(found string) string {
		if !w.is(10) {
			return found
		}
		at := strings.LastIndexAny(found, `'" `)
		return found[:at+1] + map[bool]string{false: "", true: "'"}[found[at] == ' '] + "${X}" + map[bool]string{false: "", true: "'"}[found[at] == ' ']
	})
}

// TestNeverContradictsTheTruth: what is certain of a world of which parts are hidden
// holds in the whole.
func TestNeverContradictsTheTruth(t *testing.T) {
	t.Parallel()
	decided, failures := 0, 0
	for seed := range uint64(400) {
		w := newWorld(seed + 1e6)
		balanced := seed%2 == 0
		aws, objects := w.aws(), w.objects(balanced)
		e, r := engineOf(t, objects, aws)
		whole := w.asked(t, e, r, balanced)
		hiddenAWS, hiddenObjects := w.hideAWS(aws), w.hideObjects(objects)
		e, r = engineOf(t, hiddenObjects, hiddenAWS)
		for question, got := range w.asked(t, e, r, balanced) {
			want, asked := whole[question]
			if !asked || got.Verdict == path.NotKnown || want.Verdict == path.NotKnown && len(want.Hops) == 0 {
				continue // the whole is not judged
			}
			if decided++; got.Verdict != want.Verdict {
				failures++
				t.Errorf("seed %d, %s: got %s, the whole %s", seed, question, summarise([]path.Answer{got}), summarise([]path.Answer{want}))
			}
		}
		if failures > 8 {
			t.Fatal("and more")
		}
	}
	if decided < 1000 {
		t.Errorf("only %d answers are decided", decided)
	}
}
