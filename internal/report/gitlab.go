package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// gitlabIssue is an entry of a Code Quality report:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// GitLab writes the report as a Code Quality report: findings, and problems as
// issues of LOAD-001. GitLab compares the fingerprints of two reports to tell
// what is new, and wants each once.
func GitLab(w io.Writer, r analyzer.Report, o Options) error {
	b := gitlabBuilder{places: newPlaces(o), seen: map[string]int{}}
	issues := append(list(r.Findings, b.finding), list(r.Problems, b.problem)...)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(issues); err != nil {
		return fmt.Errorf("write gitlab report: %w", err)
	}
	return nil
}

type gitlabBuilder struct {
	places
	// seen counts the issues of a key.
	seen map[string]int
}

func (b gitlabBuilder) finding(f rule.Finding) gitlabIssue {
	key := cmp.Or(f.Fingerprint, f.At.Span.File+"\x00"+f.At.Path.String()+"\x00"+f.Message)
	return gitlabIssue{
		Description: cmp.Or(Printable(f.Message), "no message") + certainty(f.At.Span),
		CheckName:   Printable(f.RuleID),
		Fingerprint: b.fingerprint(f.RuleID, key),
		Severity:    gitlabSeverity(f.Severity),
		Location:    b.gitlabLocation(f.At.Span),
	}
}

func (b gitlabBuilder) problem(p model.Problem) gitlabIssue {
	return gitlabIssue{
		Description: cmp.Or(Printable(p.Message), "no reason given") + certainty(p.At),
		CheckName:   rule.InputUnread,
		Fingerprint: b.fingerprint(rule.InputUnread, p.At.File+"\x00"+p.Message),
		Severity:    gitlabSeverity(rule.Error),
		Location:    b.gitlabLocation(p.At),
	}
}

// fingerprint tells issues of the same rule and key apart by counting them.
func (b gitlabBuilder) fingerprint(id, key string) string {
	key = id + "\x00" + key
	b.seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, b.seen[key]))
	return hex.EncodeToString(sum[:16])
}

// gitlabLocation is a place in the repository. GitLab wants one of every issue:
// what has no file is shown at the folder of the repository.
func (b gitlabBuilder) gitlabLocation(span model.Span) gitlabLocation {
	return gitlabLocation{
		Path:  cmp.Or(b.options.repository(span.File), Printable(b.options.display(span.File)), "."),
		Lines: gitlabLines{max(1, b.files.locate(span, runes).line)},
	}
}

func gitlabSeverity(s rule.Severity) string {
	switch s {
	case rule.Error:
		return "critical"
	case rule.Warning:
		return "major"
	default:
		return "info"
	}
}
