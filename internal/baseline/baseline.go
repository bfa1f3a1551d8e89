// Package baseline reads and writes the file of findings that are known and do
// not fail. A finding is known by its fingerprint: rule, object and place in the
// object, never the line, the file or the cluster. The other members of an entry
// are for the reader of a review.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
)

// Version is the form of the file that this package reads and writes.
const Version = 1

// File is a baseline.
type File struct {
	Version  int     `json:"version"`
	Findings []Entry `json:"findings"`
}

// Entry is a known finding.
type Entry struct {
	Rule    string `json:"rule"`
	Object  string `json:"object,omitempty"`
	File    string `json:"file,omitempty"`
	Message string `json:"message"`
	// Count is how often the fingerprint occurs.
	Count       int    `json:"count"`
	Fingerprint string `json:"fingerprint"`
}

var fingerprint = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Read reads a baseline. What is not of this version, or stands twice, is an error.
func Read(text []byte) (File, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return File{}, fmt.Errorf("not a baseline: %w", err)
	}
	if head.Version != Version {
		return File{}, fmt.Errorf("version %d of the baseline is not known: this ekslint reads version %d", head.Version, Version)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var f File
	if err := decoder.Decode(&f); err != nil {
		return File{}, fmt.Errorf("not a baseline: %w", err)
	}
	return f, f.validate()
}

func (f File) validate() error {
	seen := map[string]bool{}
	for i, e := range f.Findings {
		switch {
		case e.Rule == "" || !fingerprint.MatchString(e.Fingerprint) || e.Count < 1:
			return fmt.Errorf("finding %d of the baseline lacks a rule, a fingerprint of 32 hexadecimal digits or a count", i+1)
		case seen[e.Fingerprint]:
			return fmt.Errorf("fingerprint %s stands twice in the baseline: keep one entry and add the counts", e.Fingerprint)
		}
		seen[e.Fingerprint] = true
	}
	return nil
}

// Of returns the baseline of the open findings of a report. What is said of
// suppressions is never part of one.
func Of(findings []rule.Finding) File {
	index := map[string]int{}
	f := File{Version: Version, Findings: []Entry{}}
	for _, x := range findings {
		if x.RuleID == rule.NoEffect {
			continue
		}
		if i, seen := index[x.Fingerprint]; seen {
			f.Findings[i].Count++
			continue
		}
		index[x.Fingerprint] = len(f.Findings)
		f.Findings = append(f.Findings, entry(x, 1))
	}
	f.sort()
	return f
}

func entry(f rule.Finding, count int) Entry {
	e := Entry{Rule: f.RuleID, File: f.At.Span.File, Message: f.Message, Count: count, Fingerprint: f.Fingerprint}
	if f.Subject.Kind != "" {
		e.Object = f.Subject.String()
	}
	return e
}

// sort brings the entries into an order that does not depend on lines.
func (f File) sort() {
	slices.SortFunc(f.Findings, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
}

// Text is the file as it is written.
func (f File) Text() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		return nil, fmt.Errorf("write baseline: %w", err)
	}
	return out.Bytes(), nil
}

// Apply sets the findings aside that are known, in the order of the report and
// as often as the baseline counts them.
func (f File) Apply(r analyzer.Report) analyzer.Report {
	left := map[string]int{}
	for _, e := range f.Findings {
		left[e.Fingerprint] = e.Count
	}
	known := suppression.Entry{Source: suppression.Baseline, Reason: "in the baseline"}
	open := r.Findings[:0:0]
	r.Suppressed = slices.Clone(r.Suppressed)
	for _, x := range r.Findings {
		if left[x.Fingerprint] == 0 {
			open = append(open, x)
			continue
		}
		left[x.Fingerprint]--
		r.Suppressed = append(r.Suppressed, analyzer.Suppressed{Finding: x, By: []suppression.Entry{known}})
	}
	r.Findings, r.Compared = open, true
	return r
}

// Compare returns the baseline without the findings that are gone, and how many
// those are. A finding is gone when it does not occur although its rule could
// judge and its file is covered by the input; covers reports the latter. What is
// new is not added. Messages and files of what is left are those of today.
func (f File) Compare(r analyzer.Report, covers func(file string) bool) (File, int) {
	now := map[string]Entry{}
	for _, e := range Of(all(r)).Findings {
		now[e.Fingerprint] = e
	}
	judged := r.Decided()
	out, gone := File{Version: Version, Findings: []Entry{}}, 0
	for _, e := range f.Findings {
		today, occurs := now[e.Fingerprint]
		certain := judged[e.Rule] && covers(e.File)
		switch {
		case !occurs && certain:
			gone += e.Count
		case !occurs:
			out.Findings = append(out.Findings, e)
		default:
			if missing := e.Count - today.Count; missing > 0 && certain {
				gone += missing
			} else {
				today.Count = e.Count
			}
			out.Findings = append(out.Findings, today)
		}
	}
	out.sort()
	return out, gone
}

// all are the findings of a report, accepted by a suppression or not.
func all(r analyzer.Report) []rule.Finding {
	out := slices.Clone(r.Findings)
	for _, s := range r.Suppressed {
		out = append(out, s.Finding)
	}
	return out
}
