package kustomize

import (
	"errors"
	"regexp"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// decode fills in the body of a kustomization. The library is strict, so that a field
// which it does not know fails the build.
func (l *level) decode() *failure {
	tree, bad := parse(l.file, l.text)
	if bad != nil {
		return bad
	}
	if tree == nil {
		return &failure{at: model.Span{File: l.file}, message: "the kustomization is empty"}
	}
	l.tree = tree
	if err := l.body.Unmarshal(l.text); err != nil {
		return l.undecodable(err)
	}
	if l.body.Vars != nil {
		// They are deprecated, and the library prints a warning which cannot be switched off.
		return l.unread(l.tree.FindKey([]string{"vars"}), "vars are not resolved; replacements would be")
	}
	if mistakes := l.checked(); len(mistakes) > 0 {
		return l.failure(l.tree.Find([]string{"apiVersion"}), strings.Join(mistakes, ", "))
	}
	return nil
}

// checked returns what the library finds wrong with kind and version.
func (l *level) checked() []string {
	body := l.body
	body.FixKustomization()
	if err := body.CheckEmpty(); err != nil {
		return []string{"the kustomization is empty"}
	}
	return body.EnforceFields()
}

// parse returns the tree of a file of one document. That of text without content is nil.
func parse(file string, text []byte) (*syntax.Node, *failure) {
	tree, err := syntax.ParseYAML(text)
	if err == nil {
		return tree, nil
	}
	at, message := model.Span{File: file}, err.Error()
	var where *syntax.Error
	if errors.As(err, &where) {
		at = lineSpan(file, text, where.Offset)
		message = where.Message
	}
	return nil, &failure{at: at, message: "not valid YAML: " + message}
}

// lineSpan is the span from an offset to the end of its line.
func lineSpan(file string, text []byte, offset int) model.Span {
	start := min(max(offset, 0), len(text))
	line, _, _ := strings.Cut(string(text[start:]), "\n")
	return model.Span{File: file, Start: start, End: start + len(strings.TrimRight(line, " \t\r"))}
}

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
	wrongType    = regexp.MustCompile(`cannot unmarshal (\S+) into Go struct field \S*?\.([A-Za-z0-9.]+) of type (\S+)`)
)

// undecodable turns the error of the decoder into the place of the field.
func (l *level) undecodable(err error) *failure {
	text := err.Error()
	if m := unknownField.FindStringSubmatch(text); m != nil {
		return l.failure(l.keyNamed(m[1]), "unknown field "+m[1])
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		name := m[2]
		return l.failure(l.keyNamed(name[strings.LastIndex(name, ".")+1:]), name+": want "+typeName(m[3])+", found "+article(m[1]))
	}
	_, after, found := strings.Cut(text, "invalid Kustomization: ")
	if found {
		text = after
	}
	return l.failure(nil, strings.TrimPrefix(text, "json: "))
}

// typeName says what the user has to write for a Go type.
func typeName(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "string", strings.HasSuffix(goType, "PatchStrategicMerge"):
		return "a string"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"):
		return "a number"
	default:
		return "a mapping"
	}
}

// article names a type of JSON.
func article(jsonType string) string {
	switch jsonType {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	default:
		return "a " + jsonType
	}
}

// keyNamed returns the first key of that name, at any depth, or nil.
func (l *level) keyNamed(name string) *syntax.Node {
	var found *syntax.Node
	l.tree.Walk(func(_ []string, n *syntax.Node) bool {
		for _, f := range n.Fields {
			if found == nil && f.Key.Value == name {
				found = f.Key
			}
		}
		return found == nil
	})
	return found
}

// failure is one at a node of the kustomization, or at its first line.
func (l *level) failure(n *syntax.Node, message string) *failure {
	return &failure{at: l.span(n), message: message}
}

// unread is a failure of which the user is not to blame.
func (l *level) unread(n *syntax.Node, message string) *failure {
	return &failure{at: l.span(n), message: message, isUnread: true}
}

func (l *level) span(n *syntax.Node) model.Span {
	if n == nil {
		n = l.tree
	}
	if n == nil || n.Kind != syntax.Scalar {
		at := 0
		if n != nil {
			at = n.Start
		}
		return lineSpan(l.file, l.text, at)
	}
	return model.Span{File: l.file, Start: n.Start, End: n.End}
}
