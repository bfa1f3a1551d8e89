package tfhcl

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/model"
)

// module is the configuration of one folder.
type module struct {
	dir       string
	variables map[string]*variable
	locals    map[string]hclsyntax.Expression
	outputs   map[string]hclsyntax.Expression
	// declarations are the resources and data sources in the order of files, by
	// their address in the module.
	order        []string
	declarations map[string]*declaration
	calls        map[string]*call
	providers    []*hclsyntax.Block
	// given are the values of variables in files that Terraform reads by itself.
	given map[string]cty.Value
	// accessed are the names of all attributes that an expression reads: a
	// resource has each of them, as the schemas of providers are not at hand.
	accessed map[string]bool
	sources  map[string][]byte
	// broken is the first place that is not valid, if any.
	broken *broken
}

// broken is a place that Terraform rejects, so that more may be meant than is read.
type broken struct {
	at  model.Span
	why string
}

type variable struct {
	defaultValue hclsyntax.Expression
	typ          cty.Type
	defaults     *typeexpr.Defaults
	notNull      bool
}

// declaration is a resource or data block.
type declaration struct {
	data      bool
	typ, name string
	body      *hclsyntax.Body
	at        hcl.Range
	// why says why it may be another one than is written.
	why string
}

// call is a module block.
type call struct {
	name   string
	source string
	body   *hclsyntax.Body
	at     hcl.Range
}

func parse(dir string, files map[string][]byte) (*module, []model.Problem) {
	m := &module{
		dir: dir, variables: map[string]*variable{}, locals: map[string]hclsyntax.Expression{}, outputs: map[string]hclsyntax.Expression{},
		declarations: map[string]*declaration{}, calls: map[string]*call{}, given: map[string]cty.Value{},
		accessed: map[string]bool{}, sources: map[string][]byte{},
	}
	var problems []model.Problem
	var blocks hclsyntax.Blocks
	for _, base := range inReadingOrder(files) {
		name := path.Join(dir, base)
		if strings.HasSuffix(name, installedFile) {
			continue
		}
		body, diags := parseFile(files[base], name)
		m.sources[name] = files[base]
		for _, d := range diags {
			if d.Severity == hcl.DiagError {
				problems = append(problems, problem(name, d))
				m.breakAt(problems[len(problems)-1].At, "a file of "+dir+" is not valid HCL")
			}
		}
		switch {
		case isVariables(base):
			readValues(body, m.given)
		case isOverride(base):
			m.readAccessed(body)
			blocks = m.override(blocks, body.Blocks)
		default:
			m.readAccessed(body)
			blocks = append(blocks, body.Blocks...)
		}
	}
	for _, b := range blocks {
		m.read(b)
	}
	return m, problems
}

func (m *module) breakAt(at model.Span, why string) {
	if m.broken == nil {
		m.broken = &broken{at, why}
	}
}

func problem(file string, d *hcl.Diagnostic) model.Problem {
	at := model.Span{File: file}
	if d.Subject != nil {
		at = span(*d.Subject)
	}
	format := "HCL"
	if strings.HasSuffix(file, ".json") {
		format = "Terraform JSON"
	}
	return model.Problem{At: at, Message: "not valid " + format + ": " + strings.TrimSuffix(d.Summary+": "+d.Detail, ".")}
}

func span(r hcl.Range) model.Span {
	return model.Span{File: r.Filename, Start: r.Start.Byte, End: max(r.Start.Byte, r.End.Byte)}
}

// readValues adds what a file of values says of variables.
func readValues(body *hclsyntax.Body, values map[string]cty.Value) {
	for name, a := range body.Attributes {
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() {
			values[name] = v
		}
	}
}

func (m *module) read(b *hclsyntax.Block) {
	switch {
	case b.Type == "locals":
		for name, a := range b.Body.Attributes {
			m.locals[name] = a.Expr
		}
	case b.Type == "variable" && len(b.Labels) == 1:
		m.variables[b.Labels[0]] = readVariable(b.Body)
	case b.Type == "output" && len(b.Labels) == 1:
		if a := b.Body.Attributes["value"]; a != nil {
			m.outputs[b.Labels[0]] = a.Expr
		}
	case (b.Type == "resource" || b.Type == "data") && len(b.Labels) == 2:
		d := &declaration{data: b.Type == "data", typ: b.Labels[0], name: b.Labels[1], body: b.Body, at: b.DefRange()}
		if m.declarations[d.address()] == nil {
			m.order = append(m.order, d.address())
		} else {
			d.why = "it is declared twice"
		}
		m.declarations[d.address()] = d
	case b.Type == "module" && len(b.Labels) == 1:
		m.calls[b.Labels[0]] = &call{name: b.Labels[0], source: literal(b.Body.Attributes["source"]), body: b.Body, at: b.DefRange()}
	case b.Type == "provider" && len(b.Labels) == 1:
		m.providers = append(m.providers, b)
	}
}

func (d *declaration) address() string {
	if d.data {
		return "data." + d.typ + "." + d.name
	}
	return d.typ + "." + d.name
}

func readVariable(body *hclsyntax.Body) *variable {
	v := &variable{typ: cty.DynamicPseudoType}
	if a := body.Attributes["default"]; a != nil {
		v.defaultValue = a.Expr
	}
	if a := body.Attributes["type"]; a != nil {
		if typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr); !diags.HasErrors() {
			v.typ, v.defaults = typ, defaults
		}
	}
	if a := body.Attributes["nullable"]; a != nil {
		nullable, diags := a.Expr.Value(nil)
		v.notNull = !diags.HasErrors() && nullable.RawEquals(cty.False)
	}
	return v
}

// literal is the text of an attribute without references, else empty.
func literal(a *hclsyntax.Attribute) string {
	if a == nil {
		return ""
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// readAccessed notes the names of attributes that expressions read, and lets
// comparisons and calls know what nobody knows yet.
func (m *module) readAccessed(body *hclsyntax.Body) {
	note := func(t hcl.Traversal) {
		for _, step := range t {
			switch step := step.(type) {
			case hcl.TraverseAttr:
				m.accessed[step.Name] = true
			case hcl.TraverseIndex:
				if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
					m.accessed[step.Key.AsString()] = true
				}
			}
		}
	}
	hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor returns none
		switch n := n.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			note(n.Traversal)
		case *hclsyntax.RelativeTraversalExpr:
			note(n.Traversal)
		case *hclsyntax.BinaryOpExpr:
			replaceComparison(n)
		case *hclsyntax.FunctionCallExpr:
			replaceUnknown(n)
		}
		return nil
	})
}

// isEmpty reports whether the folder declares nothing.
func (m *module) isEmpty() bool {
	return len(m.order)+len(m.calls)+len(m.variables)+len(m.locals)+len(m.outputs)+len(m.providers) == 0
}

// declared are the addresses in the module.
func (m *module) declared() []string {
	out := slices.Clone(m.order)
	for name := range m.calls {
		out = append(out, "module."+name)
	}
	slices.Sort(out)
	return out
}

// text is the source of an expression, in one line and not too long.
func (m *module) text(r hcl.Range) string {
	source := m.sources[r.Filename]
	if r.Start.Byte < 0 || r.End.Byte > len(source) || r.Start.Byte > r.End.Byte {
		return "an expression"
	}
	text := strings.Join(strings.Fields(string(source[r.Start.Byte:r.End.Byte])), " ")
	if text == "" {
		return "an expression"
	}
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return text
}
