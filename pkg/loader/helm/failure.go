package helm

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/ekslint/ekslint/pkg/model"
)

// What text/template says of an error: the template with line and column, which of its
// definitions it was in, the part of the action, and the reason.
var (
	executionText = regexp.MustCompile(`^template: (.*?):(\d+):(\d+): executing ".*?" at <(.*?)>: ((?s).*)$`)
	parsingText   = regexp.MustCompile(`^template: (.*?):(\d+)(?::\d+)?: ((?s).*)$`)
	callText      = regexp.MustCompile(`^error calling ([A-Za-z]\w*): ((?s).*)$`)
	nilText       = regexp.MustCompile(`^nil pointer evaluating .*\.(\w+)$`)
	unsetText     = regexp.MustCompile(`\((\$?\.Values[^ ]*) \| ` + unsetName + `\)`)
	undefinedText = regexp.MustCompile(`^template ("(?:[^"\\]|\\.)*") not defined$`)
)

// failures turns the errors of templates into problems.
func (x *loading) failures(p *program, r *rendering) {
	byName := map[string]*unit{}
	for _, u := range p.units {
		byName[u.name] = u
		if u.broken == nil {
			continue
		}
		x.incomplete = true
		at, message := parseFailure(u)
		x.failed(u, at, message)
	}
	for _, name := range slices.Sorted(maps.Keys(r.failures)) {
		u := byName[name]
		if !isManifest(name) {
			continue
		}
		at, message, isMissing := executionFailure(u, r.failures[name], byName)
		if isMissing && x.incomplete {
			// What it wants would be in what is missing, which was said.
			x.unforeseen("the template " + u.origin.name + " is not rendered")
			continue
		}
		x.failed(u, at, message)
	}
}

func (x *loading) failed(u *unit, at model.Span, message string) {
	x.problem(at, message)
	x.unforeseen("the template " + u.origin.name + " is not rendered")
}

func parseFailure(u *unit) (model.Span, string) {
	m := parsingText.FindStringSubmatch(u.broken.Error())
	if m == nil {
		return u.origin.line(0), clean(u.broken.Error())
	}
	line, _ := strconv.Atoi(m[2]) // digits
	return u.origin.line(lineStart(string(u.origin.text), line)), "the template cannot be parsed: " + clean(m[3])
}

// executionFailure is the innermost place in a file of the chart, and the reason without
// the chain of templates that led there.
func executionFailure(u *unit, err error, units map[string]*unit) (at model.Span, message string, isMissing bool) {
	at = u.origin.line(0)
	if over, ok := errors.AsType[*limitError](err); ok {
		return at, over.message, false
	}
	for _, text := range chain(err) {
		m := executionText.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		message, isMissing = failureText(unsetText.ReplaceAllString(m[4], "$1"), m[5])
		if inner := units[m[1]]; inner != nil {
			line, _ := strconv.Atoi(m[2]) // digits
			column, _ := strconv.Atoi(m[3])
			at = actionAt(inner.origin, line, column)
		}
	}
	if user, ok := errors.AsType[*userError](err); ok {
		return at, clean(user.message), false
	}
	if none, ok := errors.AsType[*noTemplateError](err); ok {
		return at, none.Error(), true
	}
	return at, cmp.Or(message, clean(err.Error())), isMissing
}

// chain is what each template that led to an error says of it, without what those
// within it say.
func chain(err error) []string {
	var out []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		if _, isExec := e.(template.ExecError); !isExec { //nolint:errorlint // each link of the chain is looked at by itself
			continue
		}
		text := e.Error()
		if n := len(out); n > 0 {
			out[n-1] = strings.TrimSuffix(out[n-1], text)
		}
		out = append(out, text)
	}
	return out
}

// actionAt is the rest of the action from a place on.
func actionAt(o *origin, line, column int) model.Span {
	text := string(o.text)
	start := min(lineStart(text, line)+column, len(text))
	end := actionEnd(text, start)
	content := strings.TrimRight(strings.TrimSuffix(text[start:end], "}}"), " \t\r\n-")
	if content == "" {
		return o.line(start)
	}
	return o.span(start, start+len(content))
}

// failureText is the reason in plain words, and whether it is that a template is missing.
func failureText(context, why string) (string, bool) {
	if m := undefinedText.FindStringSubmatch(why); m != nil {
		return "no template " + m[1] + " is defined", true
	}
	if m := nilText.FindStringSubmatch(why); m != nil {
		return fmt.Sprintf("%s: there is nothing that could have the field %s", context, m[1]), false
	}
	if m := callText.FindStringSubmatch(why); m != nil {
		return m[1] + ": " + clean(m[2]), false
	}
	return context + ": " + clean(why), false
}
