package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// jsonReport is the shape of the JSON format. Members are only ever added.
// Lists are never null. Lines and columns count from 1, columns are characters,
// the end column is the one after the last; all four are 0, and the file is
// empty, where there is no source.
type jsonReport struct {
	Version  string        `json:"version"`
	Clusters []jsonCluster `json:"clusters"`
	Findings []jsonFinding `json:"findings"`
	// Suppressed are the findings that the user accepts; no summary counts them.
	Suppressed []jsonSuppressed `json:"suppressed"`
	Problems   []jsonProblem    `json:"problems"`
	Notes      []jsonNote       `json:"notes"`
	Skipped    []jsonSkip       `json:"skipped"`
	Failures   []jsonFailure    `json:"failures"`
	Summary    jsonSummary      `json:"summary"`
}

type jsonCluster struct {
	Name      string `json:"name"`
	Resources int    `json:"resources"`
	// Guessed is set when the cluster was cut out of a folder with conflicting
	// objects.
	Guessed bool `json:"guessed"`
}

type jsonPlace struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	// Inexact is set when the file is certain and the line is not.
	Inexact bool `json:"inexact"`
}

type jsonObject struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type jsonFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	jsonPlace
	// Path is the field in the object that File, Line and Column show.
	Path   string     `json:"path"`
	Object jsonObject `json:"object"`
	// Clusters names the clusters in which the fault stands.
	Clusters []string `json:"clusters"`
	// Fingerprint stays the same when other parts of the file change.
	Fingerprint string        `json:"fingerprint"`
	Related     []jsonRelated `json:"related"`
	// Flow is the way of the connection that the fault is about, hop by hop.
	Flow []jsonStep `json:"flow"`
}

type jsonStep struct {
	Message string `json:"message"`
	jsonPlace
}

type jsonRelated struct {
	Message string `json:"message"`
	jsonPlace
	Path   string     `json:"path"`
	Object jsonObject `json:"object"`
}

type jsonProblem struct {
	Message string `json:"message"`
	jsonPlace
}

type jsonNote struct {
	File    string `json:"file"`
	Message string `json:"message"`
}

type jsonSkip struct {
	Rule      string `json:"rule"`
	Domain    string `json:"domain"`
	Namespace string `json:"namespace"`
	Cluster   string `json:"cluster"`
	// Why is empty when nothing of the domain is in the input.
	Why string `json:"why"`
}

type jsonFailure struct {
	Rule    string     `json:"rule"`
	Object  jsonObject `json:"object"`
	Others  int        `json:"others,omitempty"`
	Cluster string     `json:"cluster"`
	Error   string     `json:"error"`
}

type jsonSummary struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Note    int `json:"note"`
}

// JSON writes the report for programs: one indented object whose members are
// all present in every report.
func JSON(w io.Writer, r analyzer.Report, o Options) error {
	b := jsonBuilder{options: o, files: newFiles(o)}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(b.report(r)); err != nil {
		return fmt.Errorf("write json report: %w", err)
	}
	return nil
}

type jsonBuilder struct {
	options Options
	files   *files
}

func (b jsonBuilder) report(r analyzer.Report) jsonReport {
	counts := countSeverities(r.Findings)
	return jsonReport{
		Version: b.options.Version,
		Clusters: list(r.Clusters, func(c analyzer.Cluster) jsonCluster {
			return jsonCluster(c)
		}),
		Findings:   list(r.Findings, b.finding),
		Suppressed: list(r.Suppressed, b.suppressed),
		Problems: list(r.Problems, func(p model.Problem) jsonProblem {
			return jsonProblem{Message: p.Message, jsonPlace: b.place(p.At)}
		}),
		Notes: list(r.Notes, func(n model.Note) jsonNote {
			return jsonNote{File: b.options.display(n.File), Message: n.Message}
		}),
		Skipped: list(r.Skipped, func(s analyzer.Skip) jsonSkip {
			return jsonSkip{s.RuleID, s.Domain.String(), s.Namespace, s.Cluster, s.Why}
		}),
		Failures: list(r.Failures, func(f analyzer.Failure) jsonFailure {
			return jsonFailure{f.RuleID, jsonObject(f.Subject), f.Others, f.Cluster, errorText(f.Err)}
		}),
		Summary: jsonSummary{counts[rule.Error], counts[rule.Warning], counts[rule.Note]},
	}
}

func (b jsonBuilder) finding(f rule.Finding) jsonFinding {
	return jsonFinding{
		Rule:        f.RuleID,
		Severity:    f.Severity.String(),
		Message:     f.Message,
		jsonPlace:   b.place(f.At.Span),
		Path:        f.At.Path.String(),
		Object:      jsonObject(f.Subject),
		Clusters:    append([]string{}, f.Clusters...),
		Fingerprint: f.Fingerprint,
		Related:     list(f.Related, b.related),
		Flow: list(f.Flow, func(s rule.Step) jsonStep {
			return jsonStep{s.Message, b.place(s.At.Span)}
		}),
	}
}

func (b jsonBuilder) related(r rule.Related) jsonRelated {
	related := jsonRelated{Message: r.Message, jsonPlace: b.place(r.At.Span), Path: r.At.Path.String()}
	if r.At.Resource != nil {
		related.Object = jsonObject(r.At.Resource.Ref)
	}
	return related
}

func (b jsonBuilder) place(span model.Span) jsonPlace {
	p := b.files.locate(span, runes)
	return jsonPlace{b.options.display(span.File), p.line, p.column, p.endLine, p.endColumn, span.Inexact}
}

// list converts every element; the result is never nil.
func list[From, To any](in []From, convert func(From) To) []To {
	out := slices.Grow([]To{}, len(in))
	for _, element := range in {
		out = append(out, convert(element))
	}
	return out
}
