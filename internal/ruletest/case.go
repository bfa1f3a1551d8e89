package ruletest

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// The classes of cases.
const (
	// Bad cases hold the mistake.
	Bad = "bad"
	// Good cases hold what only looks like it.
	Good = "good"
	// Unknown cases lack the fact that decides.
	Unknown = "unknown"
)

// Classes returns the names of the classes.
func Classes() []string { return []string{Bad, Good, Unknown} }

// Case is one case of a rule.
type Case struct{ ID, Class, Name string }

// Path is the folder of the case below that of all cases.
func (c Case) Path() string { return path.Join(c.ID, c.Class, c.Name) }

// Cases lists the cases of a folder, sorted. A folder that is no class is an
// error, because it would never run.
func Cases(fsys fs.FS) ([]Case, error) {
	var out []Case
	var errs []error
	for _, id := range children(fsys, ".") {
		for _, class := range children(fsys, id) {
			if !slices.Contains(Classes(), class) {
				errs = append(errs, fmt.Errorf("%s: want one of %s", path.Join(id, class), strings.Join(Classes(), ", ")))
			}
			for _, name := range children(fsys, path.Join(id, class)) {
				out = append(out, Case{id, class, name})
			}
		}
	}
	return out, errors.Join(errs...)
}

// children names the folders of a folder; none where there is no folder.
func children(fsys fs.FS, dir string) []string {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}

// Judge says what is wrong with a result, whatever its text: a rule that fails,
// that is silent in a bad case, or that speaks in another.
func (c Case) Judge(r Result) []string {
	var out []string
	for _, f := range r.Report.Failures {
		out = append(out, fmt.Sprintf("rule %s failed on %s: %v", f.RuleID, f.Objects(), f.Err))
	}
	switch fires := r.Own[c.ID]; {
	case c.Class == Bad && !fires:
		out = append(out, c.ID+" finds nothing in a bad case")
	case c.Class != Bad && fires:
		out = append(out, fmt.Sprintf("%s finds something in a case that is %s", c.ID, c.Class))
	}
	return out
}

// Differences lists the lines that only one of two texts has: those of want
// after a minus, those of got after a plus.
func Differences(want, got string) []string {
	var out []string
	for _, side := range []struct{ sign, text, other string }{{"-", want, got}, {"+", got, want}} {
		other := strings.Split(side.other, "\n")
		for line := range strings.Lines(side.text) {
			if line = strings.TrimSuffix(line, "\n"); !slices.Contains(other, line) {
				out = append(out, side.sign+line)
			}
		}
	}
	if len(out) == 0 && want != got {
		out = append(out, "the same lines in another order or number")
	}
	return out
}
