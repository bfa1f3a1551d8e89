package report

import (
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
)

// jsonSuppressed is a finding that the user accepts, with what accepts it.
type jsonSuppressed struct {
	jsonFinding
	Suppressions []jsonSuppression `json:"suppressions"`
}

type jsonSuppression struct {
	// Source is config, annotation, comment or baseline.
	Source string `json:"source"`
	// Reason is empty for a baseline.
	Reason string `json:"reason"`
	// Until is the last day, as 2027-03-31; empty for ever.
	Until string `json:"until"`
	jsonPlace
}

func (b jsonBuilder) suppressed(s analyzer.Suppressed) jsonSuppressed {
	return jsonSuppressed{b.finding(s.Finding), list(s.By, func(e suppression.Entry) jsonSuppression {
		return jsonSuppression{e.Source.String(), e.Reason, day(e.Until), b.place(e.At)}
	})}
}

// day writes a date, and nothing for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// suppressed is a result that viewers hide:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html#_Toc34317733
func (b *sarifBuilder) suppressed(s analyzer.Suppressed) *sarif.Result {
	result := b.finding(s.Finding)
	for _, e := range s.By {
		justification := e.Reason
		if !e.Until.IsZero() {
			justification += " (until " + day(e.Until) + ")"
		}
		one := sarif.NewSuppression().WithKind(suppressionKind(e.Source)).WithStatus("accepted").WithJustification(oneLine(justification))
		if e.At.File != "" {
			one.WithLocation(b.location(e.At))
		}
		result.AddSuppression(one)
	}
	return result
}

// suppressionKind says whether a suppression is written in the file it is for.
func suppressionKind(s suppression.Source) string {
	if s == suppression.InAnnotation || s == suppression.InComment {
		return "inSource"
	}
	return "external"
}

// accepted are the findings that are suppressed.
func accepted(suppressed []analyzer.Suppressed) []rule.Finding {
	return list(suppressed, func(s analyzer.Suppressed) rule.Finding { return s.Finding })
}

// compared marks what is new and what is not, where the findings were compared
// with a baseline.
func (b *sarifBuilder) compared(r analyzer.Report, results []*sarif.Result) {
	if !r.Compared {
		return
	}
	for _, result := range results {
		state := "new"
		if len(result.Suppressions) > 0 {
			state = "unchanged"
		}
		result.WithBaselineState(state)
	}
}
