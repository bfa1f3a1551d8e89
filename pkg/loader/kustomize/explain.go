package kustomize

import (
	"context"
	"errors"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// wrappings begin an error of the library, one around the other. Those with a group
// name the folder in which it happened.
var wrappings = []*regexp.Regexp{
	regexp.MustCompile(`^accumulating (?:resources|components): `),
	regexp.MustCompile(`(?s)^accumulation err='(?:accumulating resources from '[^']*': )?.*?': `),
	regexp.MustCompile(`^accumulating resources from '[^']*': `),
	regexp.MustCompile(`^merging resources from '[^']*': `),
	regexp.MustCompile(`^recursed (?:accumulation of|merging from) path '([^']*)': `),
	regexp.MustCompile(`^couldn't make target for path '([^']*)': `),
	regexp.MustCompile(`(?s)^trouble configuring builtin \w+ with config: .*?` + "`: "),
	regexp.MustCompile(`^merging from generator \S+: `),
	regexp.MustCompile(`^accumulateDirectory: `),
}

// unwrap takes an error of the library out of its wrappings.
func unwrap(text string) (cause, dir string) {
	for isWrapped := true; isWrapped; {
		isWrapped = false
		if inner, err := strconv.Unquote(text); err == nil {
			text, isWrapped = inner, true
		}
		for _, w := range wrappings {
			m := w.FindStringSubmatchIndex(text)
			if m == nil {
				continue
			}
			if len(m) > 2 {
				dir = text[m[2]:m[3]]
			}
			text, isWrapped = text[m[1]:], true
		}
	}
	return text, dir
}

// explain turns an error of the library into one that a user understands: what went
// wrong, at the line to look at.
func (p *plan) explain(root *level, err error) *failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return root.failure(nil, "the build took too long")
	}
	text, dir := unwrap(err.Error())
	l := root
	dir = strings.TrimSuffix(strings.TrimPrefix(dir, "/"), "/"+stageFolder)
	if named := p.levels[path.Clean(dir)]; named != nil && dir != "" {
		l = named
	}
	for _, known := range []func(*level, string) *failure{p.twice, p.targetless, p.inapplicable, p.misread} {
		if bad := known(l, text); bad != nil {
			return bad
		}
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	return l.failure(nil, strings.NewReplacer(resourceRoot, "", "'/", "'", `"/`, `"`).Replace(text))
}

var (
	registered = regexp.MustCompile(`already registered id: (\w+)\.\S*?/([^.\s']+)`)
	unmatched  = regexp.MustCompile(`no matches for Id (\w+)\.\S*?/([^.\s;]+)`)
	operation  = regexp.MustCompile(`(add|replace|remove|move|copy|test) operation does not apply: (?:doc is missing (?:path|key): |error in [a-z ]+ '|error replacing value )?"?(/[^"':\s]*)`)
	unparsed   = regexp.MustCompile(`from \[path: "/([^"]*)"\]`)
)

// twice explains two objects of one name. The later one is shown.
func (p *plan) twice(l *level, text string) *failure {
	m := registered.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	bad := l.failure(nil, m[1]+" "+m[2]+" is defined twice")
	for _, o := range p.origins {
		if o.generator == nil && textAt(o.node, "kind") == m[1] && textAt(o.node, "metadata", "name") == m[2] {
			bad.at = o.document.node(o.node.Find([]string{"metadata", "name"}))
		}
	}
	return bad
}

// targetless explains a patch without an object that it could change.
func (p *plan) targetless(l *level, text string) *failure {
	m := unmatched.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	bad := l.failure(nil, "no object for the patch of "+m[1]+" "+m[2])
	for _, patch := range l.patches {
		for _, d := range patch.documents {
			name := d.root.Find([]string{"metadata", "name"})
			if name != nil && name.Value == m[2] && textAt(d.root, "kind") == m[1] {
				bad.at = d.node(name)
			}
		}
	}
	return bad
}

// inapplicable explains an operation of a JSON patch whose path leads nowhere.
func (p *plan) inapplicable(l *level, text string) *failure {
	m := operation.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	bad := l.failure(nil, "the patch cannot "+m[1]+" "+m[2]+": the object has no such path")
	for _, patch := range l.patches {
		for _, d := range patch.documents {
			for _, op := range d.root.Items {
				if to := op.Find([]string{"path"}); to != nil && textAt(op, "op") == m[1] && strings.HasPrefix(to.Value, m[2]) {
					bad.at = d.node(to)
				}
			}
		}
	}
	return bad
}

// misread explains a patch that is neither of the two kinds.
func (p *plan) misread(l *level, text string) *failure {
	m := unparsed.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	message, _, _ := strings.Cut(text, " from [")
	var at *syntax.Node
	for i, patch := range l.body.Patches {
		if name, _ := resolve(l.dir, patch.Path); name == m[1] {
			at = l.tree.Find([]string{"patches", strconv.Itoa(i), "path"})
		}
	}
	if at == nil {
		return &failure{at: model.Span{File: m[1]}, message: message}
	}
	return l.failure(at, patchName(m[1])+": "+message)
}

func patchName(name string) string { return "patch " + name }
