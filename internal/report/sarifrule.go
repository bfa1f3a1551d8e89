package report

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// maxDescription is the longest description that GitHub takes, in characters.
const maxDescription = 1024

// describedRules returns the rules of the report and a bare entry for every
// other rule that a result or notification names, sorted by ID.
func describedRules(r analyzer.Report) []rule.Meta {
	metas := map[string]rule.Meta{}
	add := func(m rule.Meta) {
		if _, ok := metas[m.ID]; !ok && m.ID != "" {
			metas[m.ID] = m
		}
	}
	for _, m := range r.Rules {
		add(m)
	}
	if len(r.Problems) > 0 {
		add(rule.Meta{
			ID: rule.InputUnread, Title: "Input cannot be read", Category: "load", Severity: rule.Error,
			Description: "A part of the input should be readable and is not. The rest was analysed.",
			Remediation: "Correct the file at the place shown.",
		})
	}
	for _, f := range slices.Concat(r.Findings, accepted(r.Suppressed)) {
		add(rule.Meta{ID: f.RuleID, Title: f.RuleID, Severity: f.Severity})
	}
	for _, s := range r.Skipped {
		add(rule.Meta{ID: s.RuleID, Title: s.RuleID, Severity: rule.Warning})
	}
	for _, f := range r.Failures {
		add(rule.Meta{ID: f.RuleID, Title: f.RuleID, Severity: rule.Warning})
	}
	return slices.SortedFunc(maps.Values(metas), func(a, b rule.Meta) int { return cmp.Compare(a.ID, b.ID) })
}

func ruleDescriptor(m rule.Meta) *sarif.ReportingDescriptor {
	title := cmp.Or(m.Title, m.ID)
	description := cmp.Or(m.Description, title)
	properties := sarif.NewPropertyBag().WithTags(ruleTags(m)).
		Add("precision", "very-high").
		Add("problem.severity", problemSeverity(m.Severity))
	if m.SecuritySeverity > 0 {
		properties.Add("security-severity", strconv.FormatFloat(m.SecuritySeverity, 'f', 1, 64))
	}
	descriptor := sarif.NewReportingDescriptor().
		WithID(m.ID).
		WithName(pascalCase(title)).
		WithShortDescription(multiformat(sentence(title), "")).
		WithFullDescription(multiformat(sentence(shorten(description, maxDescription)), "")).
		WithHelp(multiformat(helpText(m), helpMarkdown(m))).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(sarifLevel(m.Severity))).
		WithProperties(properties)
	if page := rulePage(m); page != "" {
		descriptor.WithHelpURI(page)
	}
	return descriptor
}

// RulePage is the address of the page of a rule that ships with ekslint.
func RulePage(id string) string { return projectURI + "/blob/main/docs/rules/" + id + ".md" }

// rulePage is the address of what there is to read about a rule; a rule of the
// user's has that of its first source, if any.
func rulePage(m rule.Meta) string {
	switch {
	case !m.Own:
		return RulePage(m.ID)
	case len(m.Refs) > 0 && strings.HasPrefix(m.Refs[0], "https://"):
		return m.Refs[0]
	default:
		return ""
	}
}

func ruleTags(m rule.Meta) []string {
	tags := []string{"eks", "kubernetes", "networking"}
	if m.Category != "" && !slices.Contains(tags, m.Category) {
		tags = append([]string{m.Category}, tags...)
	}
	if m.SecuritySeverity > 0 {
		tags = append(tags, "security")
	}
	return tags
}

// problemSeverity is GitHub's word for a severity.
func problemSeverity(s rule.Severity) string {
	switch s {
	case rule.Error, rule.Warning:
		return s.String()
	default:
		return "recommendation"
	}
}

func multiformat(text, markdown string) *sarif.MultiformatMessageString {
	m := sarif.NewMultiformatMessageString().WithText(text)
	if markdown != "" {
		m.WithMarkdown(markdown)
	}
	return m
}

// helpSection is a part of the help of a rule.
type helpSection struct{ heading, text string }

func helpSections(m rule.Meta) []helpSection {
	return slices.DeleteFunc([]helpSection{
		{"", cmp.Or(m.Description, m.Title, m.ID)},
		{"Why it matters", m.Rationale},
		{"What to do", m.Remediation},
		{"Parameters", paramLines(m)},
	}, func(s helpSection) bool { return strings.TrimSpace(s.text) == "" })
}

// paramLines lists the parameters of a rule, one a line.
func paramLines(m rule.Meta) string {
	return strings.Join(list(m.Params, func(p rule.Param) string { return "- " + p.String() }), "\n")
}

func helpText(m rule.Meta) string {
	var parts []string
	for _, s := range helpSections(m) {
		text := strings.TrimSpace(s.text)
		if s.heading != "" {
			text = s.heading + ": " + text
		}
		parts = append(parts, text)
	}
	if len(m.Refs) > 0 {
		parts = append(parts, "References:\n"+strings.Join(m.Refs, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

func helpMarkdown(m rule.Meta) string {
	var parts []string
	for _, s := range helpSections(m) {
		text := strings.TrimSpace(s.text)
		if s.heading != "" {
			text = "## " + s.heading + "\n\n" + text
		}
		parts = append(parts, text)
	}
	if len(m.Refs) > 0 {
		links := list(m.Refs, func(ref string) string { return "- <" + ref + ">" })
		parts = append(parts, "## References\n\n"+strings.Join(links, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

// pascalCase makes the name of a rule of its title. Articles of one letter are
// left out, and abbreviations written as words: A and ALB would both join the
// capital behind them.
func pascalCase(title string) string {
	words := strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var b strings.Builder
	for _, word := range words {
		if strings.EqualFold(word, "a") {
			continue
		}
		previous := 'a'
		for i, r := range word {
			switch {
			case i == 0:
				b.WriteRune(unicode.ToUpper(r))
			case unicode.IsUpper(previous):
				b.WriteRune(unicode.ToLower(r))
			default:
				b.WriteRune(r)
			}
			previous = r
		}
	}
	return shorten(b.String(), 255)
}

// sentence ends a text with a full stop unless it ends a sentence already.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// shorten cuts a text to a number of characters.
func shorten(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-2]) + ellipsis
}

// semanticPattern is a version as https://semver.org has it, but for leading
// zeros, which it forbids.
var semanticPattern = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
