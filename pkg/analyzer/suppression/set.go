package suppression

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// Set holds the suppressions of a run. It is immutable and safe for concurrent
// use; the nil Set accepts nothing.
type Set struct {
	metas map[string]rule.Meta
	now   time.Time
	// config are the entries of the config, comments those of each file.
	config   []Entry
	comments map[string][]Entry
	problems []model.Problem
}

// New makes a set of the entries of a config and of comments. Entries that have
// expired at now accept nothing. metas are the rules that there are.
func New(metas []rule.Meta, now time.Time, config []Entry, comments []model.Comment) *Set {
	s := &Set{metas: map[string]rule.Meta{}, now: now, config: config, comments: map[string][]Entry{}}
	for _, m := range metas {
		s.metas[m.ID] = m
	}
	for _, c := range comments {
		e, err := s.parse(c.Text)
		if err != nil {
			s.problems = append(s.problems, model.Problem{At: c.At, Message: "ekslint:ignore " + err.Error()})
			continue
		}
		e.Source, e.At, e.Lines, e.Built = InComment, c.At, c.Covers, c.Built
		if e.Lines == (model.Span{}) {
			e.Lines = c.At // it speaks of no line but its own
		}
		s.comments[c.At.File] = append(s.comments[c.At.File], e)
	}
	return s
}

// parse reads an entry of a known rule.
func (s *Set) parse(text string) (Entry, error) {
	e, err := Parse(text)
	if err != nil {
		return e, err
	}
	switch _, known := s.metas[e.Rule]; {
	case e.Rule == rule.InputUnread || e.Rule == rule.NoEffect:
		return e, fmt.Errorf("names %s, which cannot be ignored", e.Rule)
	case !known:
		return e, fmt.Errorf("names the unknown rule %q", e.Rule)
	}
	return e, nil
}

// Problems are the comments that cannot be read.
func (s *Set) Problems() []model.Problem { return s.problems }

// IsExpired reports whether an entry holds no more.
func (s *Set) IsExpired(e Entry) bool { return e.IsExpired(s.now) }

// Cluster is what a set says of one cluster.
type Cluster struct {
	set *Set
	// Considered are the entries whose place is in the cluster.
	Considered []Entry
	// Problems are the annotations that cannot be read.
	Problems  []model.Problem
	annotated map[model.Ref][]Entry
	cluster   *model.Snapshot
	// open are the files of which an object has a value that nobody knows.
	open map[string]bool
}

// Of looks at the objects of a cluster: at their annotations, and which entries
// speak of them.
func (s *Set) Of(cluster *model.Snapshot) *Cluster {
	c := &Cluster{set: s, cluster: cluster, annotated: map[model.Ref][]Entry{}, open: map[string]bool{}}
	if s == nil {
		return c
	}
	for _, gk := range cluster.Kinds() {
		for _, r := range cluster.All(gk) {
			if len(r.Unknown) > 0 {
				c.open[fileOf(r)] = true
			}
		}
	}
	seen := map[Key]bool{}
	for _, gk := range cluster.Kinds() {
		for _, r := range cluster.All(gk) {
			c.annotations(r)
			c.consider(r, seen)
		}
	}
	if !cluster.AWS().IsEmpty() {
		for _, entries := range s.comments {
			for _, e := range entries {
				c.see(e, seen)
			}
		}
	}
	slices.SortFunc(c.Considered, Compare)
	return c
}

// consider notes the entries that speak of a resource or of its file.
func (c *Cluster) consider(r *model.Resource, seen map[Key]bool) {
	file := fileOf(r)
	for _, e := range c.set.comments[file] {
		e.Judged = !e.Built && c.shows(r)
		c.see(e, seen)
	}
	for _, e := range c.set.config {
		if !seen[e.Key()] && e.onPath(file) && e.Object.selects(r.Ref, r) {
			e.Judged = c.shows(r)
			c.see(e, seen)
		}
	}
}

func fileOf(r *model.Resource) string {
	if r.Source == nil {
		return ""
	}
	return r.Source.File()
}

// shows reports whether the cluster shows all of an object and its file, and the
// workloads and Services of its namespace, on which most rules rest.
func (c *Cluster) shows(r *model.Resource) bool {
	namespace := r.Ref.Namespace
	return !c.open[fileOf(r)] && c.cluster.Knows(model.Workloads, namespace) != model.NotKnown && c.cluster.Knows(model.Services, namespace) != model.NotKnown
}

func (c *Cluster) see(e Entry, seen map[Key]bool) {
	if !seen[e.Key()] {
		seen[e.Key()] = true
		c.Considered = append(c.Considered, e)
	}
}

// annotations reads the annotation of a resource.
func (c *Cluster) annotations(r *model.Resource) {
	if r.Object == nil {
		return
	}
	value, ok := r.Object.GetAnnotations()[Annotation]
	if !ok {
		return
	}
	at := r.Locate(model.Path{"metadata", "annotations", Annotation}, model.PartValue)
	parts := slices.DeleteFunc(strings.FieldsFunc(value, func(c rune) bool { return c == '\n' || c == ';' }), isBlank)
	if len(parts) == 0 {
		parts = []string{""}
	}
	for _, part := range parts {
		e, err := c.set.parse(part)
		if err != nil {
			c.Problems = append(c.Problems, model.Problem{At: at, Message: Annotation + " " + err.Error()})
			continue
		}
		e.Source, e.At, e.Subject, e.Judged = InAnnotation, at, r.Ref, c.shows(r)
		c.annotated[r.Ref] = append(c.annotated[r.Ref], e)
		c.Considered = append(c.Considered, e)
	}
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// Accepts returns the entries that accept a finding.
func (c *Cluster) Accepts(f rule.Finding) []Entry {
	if c.set == nil {
		return nil
	}
	var out []Entry
	meta, known := c.set.metas[f.RuleID]
	if !known {
		meta = rule.Meta{ID: f.RuleID}
	}
	places := [][]Entry{c.set.config, c.annotated[f.Subject], c.set.comments[f.At.Span.File]}
	if f.Given.File != f.At.Span.File {
		places = append(places, c.set.comments[f.Given.File])
	}
	for _, entries := range places {
		for _, e := range entries {
			if e.Names(meta) && e.holds(f) && !e.IsExpired(c.set.now) {
				out = append(out, e)
			}
		}
	}
	return out
}

// Compare orders entries by where they are written.
func Compare(a, b Entry) int {
	if n := a.At.Compare(b.At); n != 0 {
		return n
	}
	return strings.Compare(a.Rule, b.Rule)
}
