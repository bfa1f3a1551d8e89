// Package config reads .ekslint.yaml.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"strings"

	"github.com/agnivade/levenshtein"
	"sigs.k8s.io/yaml"
)

// Name is the file that Find looks for.
const Name = ".ekslint.yaml"

// Config is the content of .ekslint.yaml. The zero Config is the default.
type Config struct {
	// IgnorePaths are patterns in the syntax of .gitignore, relative to the
	// folder of the config.
	IgnorePaths []string `json:"ignorePaths,omitempty"`
	// Clusters names what is analysed together. Files that no cluster names
	// are grouped as without a config.
	Clusters []Cluster `json:"clusters,omitempty"`
}

// Cluster is one cluster of a config.
type Cluster struct {
	Name string `json:"name"`
	// Paths are files, folders or globs, relative to the folder of the config.
	Paths []string `json:"paths"`
	// Complete declares that the cluster holds nothing else, so that an
	// absence is real.
	Complete bool `json:"complete,omitempty"`
}

// Find returns the path of the nearest .ekslint.yaml in dir or above it, within
// fsys; "" when there is none.
func Find(fsys fs.FS, dir string) (string, error) {
	for {
		name := path.Join(dir, Name)
		switch _, err := fs.Stat(fsys, name); {
		case err == nil:
			return name, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("%s: %w", name, err)
		case dir == ".":
			return "", nil
		}
		dir = path.Dir(dir)
	}
}

// Load reads a config. Unknown keys are an error that suggests the known one.
// Paths in the result are relative to fsys.
func Load(fsys fs.FS, name string) (Config, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Config{}, fmt.Errorf("read config: %w", err)
	}
	var c Config
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		return Config{}, fmt.Errorf("%s: %w", name, suggest(err))
	}
	if err := c.resolve(path.Dir(name)); err != nil {
		return Config{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// resolve makes paths relative to the root of the file system.
func (c *Config) resolve(dir string) error {
	names := map[string]bool{}
	for i := range c.Clusters {
		cluster := &c.Clusters[i]
		switch {
		case cluster.Name == "":
			return fmt.Errorf("clusters[%d]: name is missing", i)
		case names[cluster.Name]:
			return fmt.Errorf("clusters[%d]: name %q stands twice", i, cluster.Name)
		case len(cluster.Paths) == 0:
			return fmt.Errorf("cluster %q: paths are missing", cluster.Name)
		}
		names[cluster.Name] = true
		for j, p := range cluster.Paths {
			resolved := path.Join(dir, p)
			if path.IsAbs(p) || resolved == ".." || strings.HasPrefix(resolved, "../") {
				return fmt.Errorf("cluster %q: path %q leads out of the repository", cluster.Name, p)
			}
			cluster.Paths[j] = resolved
		}
	}
	for i, p := range c.IgnorePaths {
		c.IgnorePaths[i] = anchor(dir, p)
	}
	return nil
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

var unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)

// suggest adds the known key that is nearest to an unknown one.
func suggest(err error) error {
	m := unknownField.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	key := m[1][strings.LastIndex(m[1], ".")+1:]
	best, at := "", 4
	for _, known := range keys(reflect.TypeFor[Config](), nil) {
		if d := levenshtein.ComputeDistance(strings.ToLower(key), strings.ToLower(known)); d < at {
			best, at = known, d
		}
	}
	if best == "" {
		return fmt.Errorf("unknown key %q", m[1])
	}
	return fmt.Errorf("unknown key %q, did you mean %q?", m[1], best)
}

// keys lists the keys of a config type and of the types below it.
func keys(t reflect.Type, out []string) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return out
	}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out = keys(t.Field(i).Type, append(out, name))
	}
	return out
}
