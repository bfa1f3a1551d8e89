package gitops

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// templating fills parameters into the texts of a tree:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/
type templating struct {
	isGo    bool
	options []string
}

// render returns a copy of the tree with its texts filled in. Keys stay as they
// are.
func (t templating) render(value any, params map[string]any) (any, error) {
	switch v := value.(type) {
	case string:
		return t.text(v, params)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			var err error
			if out[i], err = t.render(item, params); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			var err error
			if out[key], err = t.render(v[key], params); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return value, nil
	}
}

func (t templating) text(text string, params map[string]any) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	if t.isGo {
		return t.execute(text, params)
	}
	return substitute(text, params), nil
}

// substitute replaces {{name}} by the parameter, and leaves what is none.
func substitute(text string, params map[string]any) string {
	var b strings.Builder
	for {
		before, rest, opened := strings.Cut(text, "{{")
		name, after, closed := strings.Cut(rest, "}}")
		b.WriteString(before)
		if !opened || !closed {
			b.WriteString(text[len(before):])
			return b.String()
		}
		if value, ok := params[strings.TrimSpace(name)].(string); ok {
			b.WriteString(value)
		} else {
			b.WriteString("{{" + name + "}}")
		}
		text = after
	}
}

// execute runs a Go template. A parameter that holds a placeholder may decide
// what the template writes, so that nothing of it is known.
func (t templating) execute(text string, params map[string]any) (string, error) {
	if paths := placeholder.Paths(params); len(paths) > 0 {
		return "", fmt.Errorf("the parameter %s is not known", paths[0])
	}
	for _, option := range t.options {
		if option != "missingkey=error" && option != "missingkey=default" && option != "missingkey=invalid" && option != "missingkey=zero" {
			return "", fmt.Errorf("the option %s of templates is not known", option)
		}
	}
	parsed, err := template.New("").Funcs(functions()).Option(t.options...).Parse(text)
	if err != nil {
		return "", fmt.Errorf("the template %q cannot be read", text)
	}
	if len(parsed.Templates()) > 1 {
		return "", fmt.Errorf("the template %q defines others", text)
	}
	var out limited
	if err := parsed.Execute(&out, params); err != nil {
		return "", fmt.Errorf("the template %q cannot be filled in", text)
	}
	return out.String(), nil
}

// functions are those of Argo CD that say the same whenever they are asked, and
// that change none of their arguments. A template that uses another one is not
// filled in.
func functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	out := template.FuncMap{"normalize": normalize}
	for _, name := range strings.Fields(`
		lower upper title untitle trim trimAll trimSuffix trimPrefix trunc substr replace contains hasPrefix hasSuffix
		quote squote cat nospace snakecase camelcase kebabcase join split splitList splitn sortAlpha toString toStrings
		default empty coalesce ternary list first last rest initial append prepend concat uniq without has compact reverse
		dict get hasKey pick omit dig toJson toPrettyJson fromJson b64enc b64dec sha1sum sha256sum adler32sum
		add add1 sub mul div mod max min int int64 float64 atoi len kindOf kindIs typeOf
		regexMatch regexFind regexFindAll regexReplaceAll regexReplaceAllLiteral regexSplit semverCompare
		base dir ext clean isAbs osBase osDir osExt osClean all any fail`) {
		if function, ok := all[name]; ok {
			out[name] = function
		}
	}
	return out
}

// limited is a text that refuses to grow without end.
type limited struct{ strings.Builder }

func (l *limited) Write(p []byte) (int, error) {
	const most = 1 << 20
	if l.Len()+len(p) > most {
		return 0, errors.New("the text is too long")
	}
	return l.Builder.Write(p)
}
