package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	projectURI = "https://github.com/ekslint/ekslint"
	schemaURI  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// srcRoot names the folder that relative URIs start from.
	srcRoot = "%SRCROOT%"
	// fingerprintKey versions how fingerprints are made. The key that GitHub
	// itself computes is left to its uploader.
	fingerprintKey = "ekslint/v1"

	// maxResults and maxLocations are limits of GitHub code scanning:
	// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
	maxResults   = 25000
	maxLocations = 1000
)

// SARIF writes the report as a SARIF 2.1.0 log of one run, in the subset that
// GitHub code scanning reads. Every result has a file, a line and a column.
// Files are named relative to the root, whatever Options.Display says.
func SARIF(w io.Writer, r analyzer.Report, o Options) error {
	b := &sarifBuilder{options: o, files: newFiles(o), ruleIndex: map[string]int{}}
	log := sarif.NewReport().AddRun(b.run(r))
	log.Schema = schemaURI
	out, err := encodeSARIF(log)
	if err != nil {
		return fmt.Errorf("encode sarif report: %w", err)
	}
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("write sarif report: %w", err)
	}
	return nil
}

// sarifBuilder makes the run of one report.
type sarifBuilder struct {
	options   Options
	files     *files
	ruleIndex map[string]int
	// cut counts results whose related locations were cut.
	cut int
}

func (b *sarifBuilder) run(r analyzer.Report) *sarif.Run {
	metas := describedRules(r)
	driver := sarif.NewToolComponent().
		WithName("ekslint").
		WithInformationURI(projectURI).
		WithRules(list(metas, ruleDescriptor)).
		WithNotifications(notificationDescriptors())
	if v := strings.TrimPrefix(b.options.Version, "v"); v != "" {
		driver.WithVersion(v)
		if semanticPattern.MatchString(v) {
			driver.WithSemanticVersion(v)
		}
	}
	for i, m := range metas {
		b.ruleIndex[m.ID] = i
	}
	problems := r.Problems[:min(len(r.Problems), maxResults)]
	findings := mostSevere(r.Findings, maxResults-len(problems))
	results := append(list(findings, b.finding), b.problems(problems)...)
	suppressed := r.Suppressed[:min(len(r.Suppressed), maxResults-len(results))]
	results = append(results, list(suppressed, b.suppressed)...)
	dropped := len(r.Problems) + len(r.Findings) + len(r.Suppressed) - len(results)
	b.compared(r, results)
	run := sarif.NewRun().
		WithTool(sarif.NewTool().WithDriver(driver)).
		WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("ekslint/" + cmp.Or(b.options.Run, "check") + "/")).
		WithColumnKind("utf16CodeUnits").
		WithInvocations([]*sarif.Invocation{b.invocation(r, dropped)}).
		WithResults(results)
	if b.options.Root != "" {
		run.WithOriginalUriBaseIds(map[string]sarif.ArtifactLocation{
			srcRoot: *sarif.NewArtifactLocation().WithURI(fileURI(b.options.Root, folder)),
		})
	}
	return run
}

// mostSevere returns at most limit findings in their order; notes are given up
// first, then warnings.
func mostSevere(findings []rule.Finding, limit int) []rule.Finding {
	if len(findings) <= limit {
		return findings
	}
	order := make([]int, len(findings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return int(findings[b].Severity) - int(findings[a].Severity)
	})
	order = order[:limit]
	slices.Sort(order)
	return list(order, func(i int) rule.Finding { return findings[i] })
}

func (b *sarifBuilder) finding(f rule.Finding) *sarif.Result {
	related := f.Related
	if len(related) > maxLocations-1 {
		related = related[:maxLocations-1]
		b.cut++
	}
	result := b.result(f.RuleID, sarifLevel(f.Severity), linkRelated(f.Message, f.Subject, related)+uncertainSentence(f.At.Span))
	location := b.location(f.At.Span)
	if f.Subject.Kind != "" {
		location.AddLogicalLocation(logicalLocation(f.Subject))
	}
	result.AddLocation(location)
	for i, r := range related {
		result.AddRelatedLocation(b.related(i+1, r))
	}
	if len(f.Flow) > 0 {
		result.AddCodeFlow(b.flow(f.Flow))
	}
	if f.Fingerprint != "" {
		result.WithPartialFingerprints(map[string]string{fingerprintKey: f.Fingerprint})
	}
	properties := sarif.NewPropertyBag()
	if len(f.At.Path) > 0 {
		properties.Add("path", f.At.Path.String())
	}
	if len(f.Clusters) > 0 {
		properties.Add("clusters", f.Clusters)
	}
	if len(properties.Properties) > 0 {
		result.WithProperties(properties)
	}
	return result
}

// problems makes results of what could not be read: code scanning shows
// results only.
func (b *sarifBuilder) problems(problems []model.Problem) []*sarif.Result {
	seen := map[string]int{}
	return list(problems, func(p model.Problem) *sarif.Result {
		key := p.At.File + "\x00" + p.Message
		seen[key]++
		return b.result(rule.InputUnread, sarif.LevelError, plainMessage(p.Message)+uncertainSentence(p.At)).
			AddLocation(b.location(p.At)).
			WithPartialFingerprints(map[string]string{fingerprintKey: problemFingerprint(key, seen[key])})
	})
}

func (b *sarifBuilder) result(ruleID, level string, message string) *sarif.Result {
	return sarif.NewRuleResult(ruleID).
		WithRuleIndex(b.ruleIndex[ruleID]).
		WithLevel(level).
		WithMessage(sarif.NewMessage().WithText(message))
}

// sarifLevel is the level of a severity; the words are the same.
func sarifLevel(s rule.Severity) string { return s.String() }

// encodeSARIF indents the log and drops what the library writes for absent
// members.
func encodeSARIF(log *sarif.Report) ([]byte, error) {
	var compact bytes.Buffer
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(log); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, dropAbsent(compact.Bytes()), "", "  "); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
