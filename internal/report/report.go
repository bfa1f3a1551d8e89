// Package report writes the outcome of an analysis in the formats that users
// and their tools read. Each format is one exported function; none of them
// looks at anything but its arguments, and equal arguments give equal bytes.
package report

import (
	"slices"
	"strings"
	"unicode"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// Options says how a report is shown. The zero value is usable: file names are
// shown as they are and no source text is quoted.
type Options struct {
	// Display maps the file of a span, a slash-separated path relative to the
	// analysis root or "<stdin>", to what the user should see. Nil shows it as
	// it is.
	Display func(file string) string
	// Repository maps the file of a span to its path in the repository, which is
	// how code hosts name it, or to "" when it is not in it. Nil takes it as it is.
	Repository func(file string) string
	// Link is what the path in the repository is appended to for an address of
	// the file: "https://github.com/o/r/blob/main/". Without it links are relative.
	Link string
	// Text returns the content of a file that was loaded. Without it every
	// position is the first line and column of its file.
	Text func(file string) ([]byte, bool)
	// Root is the absolute folder that files are relative to; it may be empty.
	Root string
	// Version is the version of the tool.
	Version string
	// Run is what was done, "check" when it is empty. Who takes in SARIF puts the results
	// of a run in place of those of the run before it of the same name.
	Run string
	// Color makes the text format use terminal colours.
	Color bool
	// Quiet limits the text format to findings and problems.
	Quiet bool
}

// display returns the name of a file that the user sees.
func (o Options) display(file string) string {
	if o.Display == nil || file == "" {
		return file
	}
	return o.Display(file)
}

// repository returns the path of a file in the repository, "" when it has none.
func (o Options) repository(file string) string {
	if o.Repository == nil || file == "" {
		return file
	}
	return o.Repository(file)
}

// countSeverities counts the findings of each severity.
func countSeverities(findings []rule.Finding) map[rule.Severity]int {
	counts := map[rule.Severity]int{}
	for _, f := range findings {
		counts[f.Severity]++
	}
	return counts
}

// failureText says in one line which rule broke, on what and how. The error of
// a panic may carry a stack: only its first line is stable.
func failureText(f analyzer.Failure) string {
	text := f.RuleID + " failed"
	if objects := f.Objects(); objects != "" {
		text += " on " + objects
	}
	if f.Cluster != "" {
		text += " in cluster " + f.Cluster
	}
	reason, _, _ := strings.Cut(errorText(f.Err), "\n")
	return text + ": " + reason
}

// errorText is the text of an error that may be missing.
func errorText(err error) string {
	if err == nil {
		return "no reason given"
	}
	return err.Error()
}

// noteGroup is a message with the files that it was said of.
type noteGroup struct {
	message string
	files   []string
}

// groupNotes collects the files of equal messages, in the order in which the
// messages first appear.
func groupNotes(r analyzer.Report) []noteGroup {
	index := map[string]int{}
	var groups []noteGroup
	for _, n := range r.Notes {
		i, seen := index[n.Message]
		if !seen {
			i = len(groups)
			index[n.Message] = i
			groups = append(groups, noteGroup{message: n.Message})
		}
		if n.File != "" && !slices.Contains(groups[i].files, n.File) {
			groups[i].files = append(groups[i].files, n.File)
		}
	}
	return groups
}

// Printable makes one line of s that cannot steer a terminal: names and
// messages quote input that nobody vouches for.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\t':
			return ' '
		default:
			return harmless(r)
		}
	}, s)
}

// harmless replaces control characters and those that reorder text
// (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters).
func harmless(r rune) rune {
	if unicode.IsControl(r) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
		return unicode.ReplacementChar
	}
	return r
}
