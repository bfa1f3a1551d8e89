package webhook

import (
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// Mode is what becomes of harm that a change brings. Of two modes that hold for a
// finding, the lower one counts.
type Mode uint8

// The modes, from nothing to refusal.
const (
	// Off passes over it.
	Off Mode = iota
	// Audit notes it in the audit log of the API server and in the metrics.
	Audit
	// Warn tells who makes the change, besides.
	Warn
	// Enforce refuses the change where the harm is an error and is certain, and warns
	// of what is not.
	Enforce
)

var modeNames = []string{"off", "audit", "warn", "enforce"}

// ModeNames lists the names of the modes, from Off to Enforce.
func ModeNames() []string { return slices.Clone(modeNames) }

// String is the name of the mode.
func (m Mode) String() string { return modeNames[m] }

// ParseMode returns the mode of a name.
func ParseMode(name string) (Mode, error) {
	i := slices.Index(modeNames, name)
	if i < 0 {
		return 0, fmt.Errorf("unknown mode %q: want %s", name, strings.Join(modeNames, ", "))
	}
	return Mode(i), nil //nolint:gosec // four modes
}

const (
	// ModeLabel sets the mode of a namespace.
	ModeLabel = "ekslint.io/mode"
	// BreakGlass is the annotation whose value says why a change has to pass.
	BreakGlass = "ekslint.io/break-glass"
)

// Policy says what becomes of harm.
type Policy struct {
	// Mode holds for namespaces without ModeLabel, and for what is in none.
	Mode Mode
	// Rules have modes of their own. One that is given Enforce refuses changes for all
	// errors it finds, also where something that is created next would mend them.
	Rules map[string]Mode
	// Exempt are left alone.
	Exempt Exempt
}

// Exempt lists whose changes are not looked at.
type Exempt struct{ Namespaces, Users, Groups []string }

// why says what exempts a change, or is empty.
func (e Exempt) why(namespace string, user authenticationv1.UserInfo) string {
	switch {
	case namespace != "" && slices.Contains(e.Namespaces, namespace):
		return "namespace " + namespace
	case slices.Contains(e.Users, user.Username):
		return "user " + user.Username
	}
	for _, g := range user.Groups {
		if slices.Contains(e.Groups, g) {
			return "group " + g
		}
	}
	return ""
}

// space is the mode of a namespace that has the given label.
func (p Policy) space(label string) Mode {
	if own, err := ParseMode(label); err == nil {
		return own
	}
	return p.Mode
}

// mode is what becomes of a finding in a namespace that has the given label.
func (p Policy) mode(h Harm, label string) Mode {
	named, isNamed := p.Rules[h.RuleID]
	if !isNamed {
		named = Enforce
	}
	m := min(p.space(label), named)
	if m == Enforce && (h.Severity != rule.Error || !h.IsCertain && !isNamed) {
		return Warn
	}
	return m
}
