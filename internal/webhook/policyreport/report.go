package policyreport

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// maxResults and maxSize, in bytes of JSON, bound a report. etcd takes requests of up to
	// 1.5 MiB: https://etcd.io/docs/v3.6/dev-guide/limit/
	maxResults = 1000
	maxSize    = 1 << 20
)

// body is what of a report is ekslint's to say:
// https://github.com/kubernetes-sigs/wg-policy-prototypes/blob/master/policy-report/docs/api-docs.md
type body struct {
	Summary summary  `json:"summary"`
	Results []result `json:"results"`
}

// summary counts everything, also what is left out of the results.
type summary struct {
	Pass  int `json:"pass"`
	Fail  int `json:"fail"`
	Warn  int `json:"warn"`
	Error int `json:"error"`
	// Skip is what is left out.
	Skip int `json:"skip"`
}

type result struct {
	Source     string                   `json:"source,omitempty"`
	Policy     string                   `json:"policy"`
	Rule       string                   `json:"rule,omitempty"`
	Category   string                   `json:"category,omitempty"`
	Severity   string                   `json:"severity,omitempty"`
	Result     string                   `json:"result,omitempty"`
	Message    string                   `json:"message,omitempty"`
	Resources  []corev1.ObjectReference `json:"resources,omitempty"`
	Properties map[string]string        `json:"properties,omitempty"`
	Timestamp  *metav1.Timestamp        `json:"timestamp,omitempty"`
}

// The words of the API for results.
const (
	failed = "fail"
	warned = "warn"
	broken = "error"
	cut    = "skip"
)

// bodies are the reports of an analysis, by namespace; what is in none has the empty name.
func (w *Writer) bodies(r analyzer.Report, s *model.Snapshot) map[string]body {
	metas := map[string]rule.Meta{}
	for _, m := range r.Rules {
		metas[m.ID] = m
	}
	results := map[string][]result{}
	for _, f := range r.Failures {
		results[f.Subject.Namespace] = append(results[f.Subject.Namespace], w.failure(f, metas[f.RuleID], s))
	}
	findings := slices.Clone(r.Findings)
	slices.SortStableFunc(findings, func(a, b rule.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	for _, f := range findings {
		results[f.Subject.Namespace] = append(results[f.Subject.Namespace], w.finding(f, metas[f.RuleID], s))
	}
	out := map[string]body{}
	for namespace, list := range results {
		out[namespace] = bounded(list)
	}
	return out
}

func (w *Writer) finding(f rule.Finding, m rule.Meta, s *model.Snapshot) result {
	out := w.result(m, f.Subject, s)
	out.Policy, out.Message = f.RuleID, f.Message
	out.Result, out.Severity = grade(f.Severity)
	out.Properties["fingerprint"] = f.Fingerprint
	if len(f.At.Path) > 0 {
		out.Properties["path"] = f.At.Path.String()
	}
	return out
}

// grade is a severity in the words of the API. The first published definitions know high,
// medium and low alone.
func grade(s rule.Severity) (result, severity string) {
	switch s {
	case rule.Error:
		return failed, "high"
	case rule.Warning:
		return warned, "medium"
	default:
		return warned, "low"
	}
}

// failure says that a rule could not judge an object.
func (w *Writer) failure(f analyzer.Failure, m rule.Meta, s *model.Snapshot) result {
	out := w.result(m, f.Subject, s)
	reason, _, _ := strings.Cut(f.Err.Error(), "\n") // a panic may carry a stack
	out.Policy, out.Result, out.Message = f.RuleID, broken, "The rule failed on "+f.Objects()+": "+reason
	return out
}

// result is what findings and failures have in common.
func (w *Writer) result(m rule.Meta, subject model.Ref, s *model.Snapshot) result {
	out := result{Source: source, Rule: m.Title, Category: m.Category, Properties: map[string]string{}}
	if !m.Own {
		out.Properties["docs"] = w.link(m.ID)
	}
	if subject.Kind != "" {
		out.Resources = []corev1.ObjectReference{referenceOf(subject, s)}
	}
	return out
}

// referenceOf names an object as the API does. One that the graph or the AWS side has, and
// not the API server, has no version.
func referenceOf(ref model.Ref, s *model.Snapshot) corev1.ObjectReference {
	out := corev1.ObjectReference{Kind: ref.Kind, Namespace: ref.Namespace, Name: ref.Name}
	if r := s.Get(ref); r != nil {
		out.UID, out.APIVersion = r.Object.GetUID(), r.Version
		if ref.Group != "" {
			out.APIVersion = ref.Group + "/" + r.Version
		}
	}
	return out
}

// bounded is the report of some results, of which the last are left out where there are
// too many. Then a result says so.
func bounded(list []result) body {
	var out body
	size := 0
	for _, r := range list {
		switch r.Result {
		case failed:
			out.Summary.Fail++
		case warned:
			out.Summary.Warn++
		default:
			out.Summary.Error++
		}
		if size += len(r.text()); out.Summary.Skip > 0 || len(out.Results) == maxResults || size > maxSize {
			out.Summary.Skip++
			continue
		}
		out.Results = append(out.Results, r)
	}
	if n := out.Summary.Skip; n > 0 {
		out.Results = append(out.Results, result{Source: source, Policy: source, Result: cut, Message: fmt.Sprintf("%d results more are left out of this report, which holds at most %d and 1 MiB of them", n, maxResults)})
	}
	return out
}

// text is a result without its time.
func (r result) text() string {
	r.Timestamp = nil
	text, _ := json.Marshal(r) // it consists of text
	return string(text)
}

// dated gives each result the time at which it was first there.
func (b body) dated(before body, now time.Time) {
	known := map[string]*metav1.Timestamp{}
	for _, r := range before.Results {
		known[r.text()] = r.Timestamp
	}
	for i, r := range b.Results {
		if b.Results[i].Timestamp = known[r.text()]; b.Results[i].Timestamp == nil {
			b.Results[i].Timestamp = &metav1.Timestamp{Seconds: now.Unix()}
		}
	}
}
