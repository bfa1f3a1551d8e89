package loader

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignoreRule is one line of a .gitignore file:
// https://git-scm.com/docs/gitignore#_pattern_format
type ignoreRule struct {
	// dir is the folder of the file, whose entries the line is about.
	dir     string
	pattern string
	// anchored lines match the path below dir, others the last element only.
	anchored bool
	dirOnly  bool
	negated  bool
}

// parseIgnore reads the lines of a .gitignore file of the folder dir.
func parseIgnore(dir, text string) []ignoreRule {
	var out []ignoreRule
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if !strings.HasSuffix(line, `\ `) {
			line = strings.TrimRight(line, " ")
		}
		if line == "" || line[0] == '#' {
			continue
		}
		out = append(out, newIgnoreRule(dir, line))
	}
	return out
}

func newIgnoreRule(dir, line string) ignoreRule {
	r := ignoreRule{dir: dir}
	line, r.negated = strings.CutPrefix(line, "!")
	line, r.dirOnly = strings.CutSuffix(line, "/")
	r.anchored = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	// "a/**" is what lies in a, and not a itself.
	if strings.HasSuffix(line, "/**") {
		line += "/*"
	}
	// Braces mean nothing to git.
	r.pattern = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line)
	return r
}

func (r ignoreRule) matches(name string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	subject := path.Base(name)
	if r.anchored {
		subject = relative(r.dir, name)
	}
	ok, err := doublestar.Match(r.pattern, subject)
	return err == nil && ok
}

// ignored reports whether the last rule that matches an entry ignores it. A
// caller does not descend into ignored folders, so that what lies in them needs
// no rule.
func ignored(rules []ignoreRule, name string, isDir bool) bool {
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].matches(name, isDir) {
			return !rules[i].negated
		}
	}
	return false
}

// relative returns name as seen from a folder that holds it.
func relative(dir, name string) string {
	if dir == "." {
		return name
	}
	return strings.TrimPrefix(name, dir+"/")
}

// within reports whether name is the folder or file top, or lies below it.
func within(top, name string) bool {
	return top == "." || name == top || strings.HasPrefix(name, top) && name[len(top)] == '/'
}
