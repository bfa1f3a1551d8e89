package analyzer

import (
	"errors"
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// collector takes the findings of one checker on one object after the other.
type collector struct {
	run   *run
	metas map[string]rule.Meta
	// object is the one looked at; unmet lists the rules that it does not
	// satisfy the needs of.
	object   graph.Object
	unmet    map[string]bool
	findings []rule.Finding
	failures []Failure
	skips    []skipKey
}

// begin notes the object and which rules cannot decide on it.
func (c *collector) begin(object graph.Object) {
	c.object, c.unmet = object, nil
	namespace := namespaceOf(object)
	for id, m := range c.metas {
		m.Needs.Each(func(d model.Domain) {
			if c.run.graph.Snapshot().Knows(d, namespace) != model.NotKnown {
				return
			}
			if c.unmet == nil {
				c.unmet = map[string]bool{}
			}
			c.unmet[id] = true
			c.skips = append(c.skips, skipKey{rule: id, domain: d, namespace: namespace})
		})
	}
}

// namespaceOf is the scope in which absences matter for the object.
func namespaceOf(o graph.Object) string {
	if ns, ok := o.(*graph.Namespace); ok {
		return ns.Name()
	}
	return o.Ref().Namespace
}

// report completes a finding and keeps it, unless it rests on something that
// is not known.
func (c *collector) report(f rule.Finding) {
	meta, own := c.owner(f.RuleID)
	if f.RuleID == "" {
		f.RuleID = meta.ID
	}
	if f.Severity == 0 {
		f.Severity = meta.Severity
	}
	if !own || f.Severity > meta.Severity {
		c.fail(fmt.Errorf("rule %s reports %s as %s", meta.ID, f.Severity, f.RuleID))
		return
	}
	if c.unmet[f.RuleID] || doubtful(f) {
		return
	}
	f.Judged = f.Severity
	if wanted, ok := c.run.options.Severity[f.RuleID]; ok {
		f.Severity = wanted
	}
	if f.At.Resource == nil && f.At.Span.IsZero() {
		f.At.Resource = c.object.Resource()
	}
	locate(&f.At)
	for n := range f.Related {
		locate(&f.Related[n].At)
	}
	for n := range f.Flow {
		locate(&f.Flow[n].At)
	}
	if span, ok := given(f.At); ok {
		f.Given = span
		f.Related = append([]rule.Related{{At: rule.SpanAt(span), Message: "The value is given here"}}, f.Related...)
	}
	f.Subject = c.object.Ref()
	if f.At.Resource != nil {
		f.Subject = f.At.Resource.Ref
	}
	f.Clusters = []string{c.run.cluster}
	f.Fingerprint = fingerprint(f)
	c.findings = append(c.findings, f)
}

// owner is the rule of an ID. The only rule of a checker need not be named.
func (c *collector) owner(id string) (rule.Meta, bool) {
	if id == "" && len(c.metas) == 1 {
		for _, m := range c.metas {
			return m, true
		}
	}
	m, ok := c.metas[id]
	return m, ok
}

// given is where a value is given that a template prints at a place.
func given(at rule.Place) (model.Span, bool) {
	if at.Resource == nil {
		return model.Span{}, false
	}
	source, ok := at.Resource.Source.(model.Printed)
	if !ok {
		return model.Span{}, false
	}
	return source.Given(at.Path, at.Part)
}

func locate(at *rule.Place) {
	if at.Resource != nil {
		at.Span = at.Resource.Locate(at.Path, at.Part)
	}
}

// doubtful reports whether a place of the finding touches a value that the
// input does not fix. For short paths only the value itself and what is above
// it count: an unknown image says nothing about the object as a whole.
func doubtful(f rule.Finding) bool {
	if touchesUnknown(f.At) {
		return true
	}
	for _, r := range f.Related {
		if touchesUnknown(r.At) {
			return true
		}
	}
	return false
}

func touchesUnknown(p rule.Place) bool {
	if p.Resource == nil {
		return false
	}
	for _, u := range p.Resource.Unknown {
		if u.Covers(p.Path) || len(p.Path) > 1 && p.Part == model.PartValue && p.Path.Covers(u) {
			return true
		}
	}
	return false
}

// attributed is an error that knows the rule that it belongs to.
type attributed interface {
	error
	Rule() string
}

// fail keeps an error of the checker, split by rule where the error tells.
func (c *collector) fail(err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			c.fail(e)
		}
		return
	}
	id := ""
	var owned attributed
	if errors.As(err, &owned) {
		id = owned.Rule()
	}
	if len(c.metas) == 1 {
		for only := range c.metas {
			id = only
		}
	}
	c.failures = append(c.failures, Failure{RuleID: id, Subject: c.object.Ref(), Cluster: c.run.cluster, Err: err})
}
