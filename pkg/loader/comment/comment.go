// Package comment finds the comments of a file that are addressed to ekslint,
// and the lines that each speaks of: its own line, when something stands before
// it, or else the line directly below, past other comments. A comment in the head
// of a YAML document, before its first key, speaks of the whole document.
package comment

import (
	"bytes"
	"path"
	"regexp"

	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/model"
)

// Marker begins a comment that is addressed to ekslint.
const Marker = "ekslint:ignore"

// In returns the comments of a file, in its order. JSON has none.
func In(name string, text []byte) []model.Comment {
	if !bytes.Contains(text, []byte(Marker)) || path.Ext(name) == ".json" {
		return nil
	}
	f := file{name: name, text: text}
	if tfhcl.IsConfiguration(name) {
		return f.hcl()
	}
	return f.yaml()
}

type file struct {
	name string
	text []byte
}

func (f file) span(start, end int) model.Span {
	return model.Span{File: f.name, Start: start, End: end}
}

// hcl finds the comments of Terraform.
func (f file) hcl() []model.Comment {
	var out []model.Comment
	for _, c := range tfhcl.Comments(f.text) {
		body := bytes.TrimLeft(f.text[c[0]:c[1]], "#/ \t")
		if rest, ok := addressed(body); ok {
			out = append(out, model.Comment{At: f.span(c[0], c[1]), Text: rest, Covers: f.lines(c[0])})
		}
	}
	return out
}

// addressed returns what follows the marker with which a comment begins.
func addressed(body []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(body, []byte(Marker))
	if !ok || len(rest) > 0 && rest[0] != ' ' && rest[0] != '\t' && rest[0] != ':' {
		return "", false
	}
	return string(bytes.TrimSpace(bytes.TrimPrefix(rest, []byte(":")))), true
}

// lines are those that a comment at an offset speaks of.
func (f file) lines(at int) model.Span {
	start, end := lineStart(f.text, at), lineEnd(f.text, at)
	if len(bytes.TrimSpace(f.text[start:at])) > 0 {
		return f.span(start, end)
	}
	for end < len(f.text) {
		start = end + 1
		end = lineEnd(f.text, start)
		line := bytes.TrimSpace(f.text[start:end])
		switch {
		case len(line) == 0:
			return model.Span{}
		case isDirective(line):
		case !bytes.HasPrefix(line, []byte("#")) && !bytes.HasPrefix(line, []byte("//")):
			return f.span(start, end)
		}
	}
	return model.Span{}
}

// directives is a line of actions of a template that write nothing: control structures,
// definitions, variables and comments. Other actions write what a finding may be about.
// https://pkg.go.dev/text/template#hdr-Actions
var directives = regexp.MustCompile(`^({{-?\s*(` +
	`((if|else|end|range|with|define|block|break|continue)\b|\$\w*\s*:?=)([^}]|}[^}])*|` +
	`/\*([^*]|\*[^/])*\*/\s*-?` +
	`)}}\s*)+$`)

// isDirective reports whether a line holds nothing but actions of a template that write
// nothing, such as {{- if .Values.enabled }}.
func isDirective(line []byte) bool { return directives.Match(line) }

func lineStart(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

// lineEnd is the offset of the line break, or of the end of the text.
func lineEnd(text []byte, at int) int {
	if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}
