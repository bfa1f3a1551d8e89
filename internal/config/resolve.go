package config

import (
	"errors"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// reflectOf is what a pointer points to.
func reflectOf[T any](p *T) reflect.Value { return reflect.ValueOf(p).Elem() }

// resolve makes paths relative to the root of the file system, and refuses those
// that leave it.
func (c *Config) resolve(dir string) error {
	r := &resolver{source: c.source, dir: dir}
	r.list(c.Rules.Dirs, "rules", "dirs")
	r.list(c.Values, "values")
	c.Baseline = r.path(c.Baseline, "baseline")
	for i, f := range c.Formats {
		if format, file, named := strings.Cut(f, "="); named {
			c.Formats[i] = format + "=" + r.path(file, "formats", strconv.Itoa(i))
		}
	}
	for i := range c.Clusters {
		at := []string{"clusters", strconv.Itoa(i)}
		r.list(c.Clusters[i].Paths, append(at, "paths")...)
		r.list(c.Clusters[i].Values, append(at, "values")...)
	}
	for i := range c.Suppressions {
		at := []string{"suppressions", strconv.Itoa(i), "path"}
		s := &c.Suppressions[i]
		if s.Path = r.path(s.Path, at...); !doublestar.ValidatePattern(s.Path) {
			r.fail("is no glob", s.Path, at)
		}
	}
	for i, p := range c.IgnorePaths {
		c.IgnorePaths[i] = anchor(dir, p)
	}
	r.clusterNames(c.Clusters)
	return errors.Join(r.errs...)
}

// resolver makes paths of a config in dir relative to the root.
type resolver struct {
	source source
	dir    string
	errs   []error
}

func (r *resolver) fail(message, value string, at []string) {
	r.errs = append(r.errs, r.source.errorf(r.source.at(at...), "%q %s", value, message))
}

func (r *resolver) list(paths []string, at ...string) {
	for i, p := range paths {
		paths[i] = r.path(p, append(at[:len(at):len(at)], strconv.Itoa(i))...)
	}
}

// path resolves one path. The folder of git is none that a config may name: a
// report that is written there could become a program.
func (r *resolver) path(p string, at ...string) string {
	if p == "" {
		return ""
	}
	resolved := path.Join(r.dir, p)
	switch {
	case path.IsAbs(p), resolved == "..", strings.HasPrefix(resolved, "../"):
		r.fail("leads out of the repository", p, at)
	case strings.Contains("/"+strings.ToLower(resolved)+"/", "/.git/"):
		r.fail("lies in the folder of git", p, at)
	}
	return resolved
}

func (r *resolver) clusterNames(clusters []Cluster) {
	names := map[string]bool{}
	for i, c := range clusters {
		if names[c.Name] {
			r.fail("is the name of another cluster", c.Name, []string{"clusters", strconv.Itoa(i), "name"})
		}
		names[c.Name] = true
	}
}

// anchor makes a pattern of a config in dir mean the same from the root.
func anchor(dir, pattern string) string {
	if dir == "." {
		return pattern
	}
	not, rest := "", pattern
	if after, ok := strings.CutPrefix(pattern, "!"); ok {
		not, rest = "!", after
	}
	if strings.Contains(strings.TrimSuffix(rest, "/"), "/") {
		return not + "/" + dir + "/" + strings.TrimPrefix(rest, "/")
	}
	return not + "/" + dir + "/**/" + rest
}
