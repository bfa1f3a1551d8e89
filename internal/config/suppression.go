package config

import (
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// Suppression is an accepted fault.
type Suppression struct {
	Rule    string `yaml:"rule" names:"accepted category *" required:"true" doc:"The rule or category that is silenced; * for every rule."`
	Path    string `yaml:"path,omitempty" doc:"File, folder or glob in which findings are silenced."`
	Object  Object `yaml:"object,omitempty" doc:"Object whose findings are silenced."`
	Reason  string `yaml:"reason" required:"true" doc:"Why the findings are accepted."`
	Expires Date   `yaml:"expires,omitempty" doc:"The last day on which the suppression holds (UTC)."`
	// At is where the suppression is written.
	At model.Span `yaml:"-"`
}

// Object selects objects. A field that is left out matches everything; each may
// be a glob such as web-*.
type Object struct {
	Kind      string            `yaml:"kind,omitempty" doc:"Kind, such as Ingress."`
	Namespace string            `yaml:"namespace,omitempty" doc:"Namespace of the object."`
	Name      string            `yaml:"name,omitempty" doc:"Name of the object."`
	Labels    map[string]string `yaml:"labels,omitempty" doc:"Labels that the object has."`
}

// IsZero reports whether the object selects everything.
func (o Object) IsZero() bool {
	return o.Kind == "" && o.Namespace == "" && o.Name == "" && len(o.Labels) == 0
}

// Accepted are the suppressions as the analysis takes them.
func (c Config) Accepted() []suppression.Entry {
	out := make([]suppression.Entry, 0, len(c.Suppressions))
	for _, s := range c.Suppressions {
		out = append(out, suppression.Entry{
			Source: suppression.Config, Rule: s.Rule, Reason: s.Reason, Until: s.Expires.Time, At: s.At,
			Path: s.Path, Object: suppression.Object(s.Object),
		})
	}
	return out
}

// objectText is the short form of an object: KIND [NAMESPACE/]NAME.
const objectText = `^([^\s/]+) +(?:([^\s/]+)/)?([^\s/]+)$`

var objectPattern = regexp.MustCompile(objectText)

// decode reads either form of an object.
func (o *Object) decode(d *decoder, n *syntax.Node) {
	if n.Kind == syntax.Mapping {
		type plain Object
		d.value(n, reflectOf((*plain)(o)), "")
		if len(n.Fields) == 0 {
			d.fail(n, "want kind, namespace, name or labels")
		}
	} else {
		text, _ := read(n).(string)
		m := objectPattern.FindStringSubmatch(text)
		if m == nil {
			d.fail(n, "want KIND NAMESPACE/NAME or a mapping of kind, namespace, name and labels, have %s", describe(n))
			return
		}
		o.Kind, o.Namespace, o.Name = m[1], m[2], m[3]
	}
	for _, glob := range []string{o.Kind, o.Namespace, o.Name} {
		if _, err := path.Match(glob, ""); err != nil {
			d.fail(n, "%q is no glob", glob)
		}
	}
}

// Date is a day. The zero Date is none.
type Date struct{ time.Time }

const dateText = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

func (t *Date) decode(d *decoder, n *syntax.Node) {
	day, err := time.Parse(time.DateOnly, n.Value)
	if err != nil || n.Kind != syntax.Scalar {
		d.fail(n, "want a date such as 2027-03-31, have %s", describe(n))
	}
	t.Time = day
}

// MarshalYAML writes the date as it is read.
func (t Date) MarshalYAML() (any, error) { return t.Format(time.DateOnly), nil }

// decode reads a suppression and notes where it is written.
func (s *Suppression) decode(d *decoder, n *syntax.Node) {
	type plain Suppression
	d.value(n, reflectOf((*plain)(s)), "")
	s.At = d.source.span(n)
	if n.Kind != syntax.Mapping {
		return
	}
	if rule := n.Find([]string{"rule"}); rule != nil {
		s.At = d.source.span(rule)
	}
	if strings.TrimSpace(s.Path) == "" && s.Object.IsZero() {
		d.fail(n, "path or object is missing: to silence a rule everywhere there is rules.exclude")
	}
}
