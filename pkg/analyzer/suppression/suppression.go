// Package suppression says which findings a user accepts, and why: by an entry
// of the config, by an annotation of the object, or by a comment at the line.
package suppression

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// Annotation is the annotation that accepts findings of its object: one line, or
// part between semicolons, for each rule, as Parse takes them.
const Annotation = "ekslint.io/ignore"

// All stands for every rule.
const All = "*"

// Source says where a suppression is written.
type Source uint8

// The sources of suppressions.
const (
	Config Source = iota
	InAnnotation
	InComment
	Baseline
)

// String is config, annotation, comment or baseline.
func (s Source) String() string {
	return [...]string{"config", "annotation", "comment", "baseline"}[s]
}

// Entry is one suppression. A place that is zero sets no condition.
type Entry struct {
	Source Source
	// Rule is an ID, a category or All.
	Rule   string
	Reason string
	// Until is the last day on which the entry holds; zero for ever.
	Until time.Time
	// At is where the entry is written.
	At model.Span

	// Path is a file, a folder or a glob.
	Path string
	// Object selects the object of the finding.
	Object Object
	// Lines hold the beginning of the finding.
	Lines model.Span
	// Subject is the object of the finding.
	Subject model.Ref

	// Judged is set by Of where the cluster shows enough of what is around the place
	// to tell that nothing is found there: rules are silent about what they do not
	// know.
	Judged bool
	// Built is Comment.Built.
	Built bool
}

// Object selects objects by globs and labels. The zero Object selects all.
type Object struct {
	Kind, Namespace, Name string
	Labels                map[string]string
}

// Key tells entries apart.
type Key struct {
	At   model.Span
	Rule string
}

// Key returns what tells the entry apart from others.
func (e Entry) Key() Key { return Key{e.At, e.Rule} }

// IsExpired reports whether the entry holds no more at a time. A day ends when
// it ends in UTC.
func (e Entry) IsExpired(now time.Time) bool {
	return !e.Until.IsZero() && now.UTC().Format(time.DateOnly) > e.Until.Format(time.DateOnly)
}

// Names reports whether the entry speaks of a rule.
func (e Entry) Names(m rule.Meta) bool {
	return e.Rule == m.ID || e.Rule == m.Category || e.Rule == All
}

// holds reports whether a finding lies in the place of the entry.
func (e Entry) holds(f rule.Finding) bool {
	at := f.At.Span
	switch {
	case e.Lines != model.Span{}:
		return e.covers(at) || e.covers(f.Given)
	case e.Subject != model.Ref{}:
		return e.Subject == f.Subject
	}
	return e.onPath(at.File) && e.Object.selects(f.Subject, f.At.Resource)
}

// covers reports whether a span begins on the lines of the entry.
func (e Entry) covers(at model.Span) bool {
	return at.File == e.Lines.File && e.Lines.Start <= at.Start && at.Start <= e.Lines.End
}

func (e Entry) onPath(file string) bool {
	if e.Path == "" || e.Path == "." || file == e.Path || strings.HasPrefix(file, e.Path+"/") {
		return file != "" || e.Path == ""
	}
	ok, err := doublestar.Match(e.Path, file)
	return ok && err == nil
}

func (o Object) selects(ref model.Ref, r *model.Resource) bool {
	for _, part := range [][2]string{{o.Kind, ref.Kind}, {o.Namespace, ref.Namespace}, {o.Name, ref.Name}} {
		if ok, err := path.Match(part[0], part[1]); part[0] != "" && (!ok || err != nil) {
			return false
		}
	}
	for key, value := range o.Labels {
		if r == nil || r.Object == nil {
			return false
		}
		if have, ok := r.Object.GetLabels()[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// Parse reads RULE REASON, as comments and annotations have it. The words until
// DATE may stand anywhere behind the rule.
func Parse(text string) (Entry, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Entry{}, errors.New("names no rule")
	}
	e := Entry{Rule: strings.TrimSuffix(words[0], ":")}
	words = words[1:]
	for i := 0; i+1 < len(words); i++ {
		if !strings.EqualFold(strings.Trim(words[i], "(:,"), "until") || !strings.ContainsAny(words[i+1], "0123456789") {
			continue
		}
		day, err := time.Parse(time.DateOnly, strings.Trim(words[i+1], "().,:"))
		if err != nil {
			return Entry{}, fmt.Errorf("%q is no date such as 2027-03-31", words[i+1])
		}
		e.Until = day
		words = append(words[:i:i], words[i+2:]...)
		break
	}
	if e.Reason = strings.Join(words, " "); e.Reason == "" {
		return Entry{}, fmt.Errorf("gives no reason: write %s and why", e.Rule)
	}
	return e, nil
}
