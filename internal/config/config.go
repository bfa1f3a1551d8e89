// Package config reads .ekslint.yaml. The types of this package are its
// grammar: the reader, the JSON Schema and the text of `ekslint config print`
// are all made of them.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Name is the file that Find looks for.
const Name = ".ekslint.yaml"

// Config is the content of .ekslint.yaml. Every flag of `ekslint check` has a
// key here, and wins over it.
type Config struct {
	Preset       string        `yaml:"preset" enum:"recommended,strict,security" doc:"The rules to begin with: recommended leaves out those that are opt-in, strict runs all, security runs those with a security severity that are not opt-in."`
	Rules        Rules         `yaml:"rules" doc:"Which rules run, and how."`
	FailOn       string        `yaml:"failOn" enum:"error,warning,note,none" doc:"The lowest severity that gives exit code 1."`
	Formats      []string      `yaml:"formats" doc:"The reports to write: FORMAT for standard output, FORMAT=FILE for a file."`
	Baseline     string        `yaml:"baseline" doc:"File of findings that are known and do not fail, as ekslint baseline create writes it."`
	Complete     bool          `yaml:"complete" doc:"The input is all there is in the clusters: what is absent does not exist."`
	Jobs         int           `yaml:"jobs" doc:"Objects to check at once; 0 means one for each CPU."`
	Quiet        bool          `yaml:"quiet" doc:"Print findings and problems only."`
	NoColor      bool          `yaml:"noColor" doc:"Never colour the text report."`
	IgnorePaths  []string      `yaml:"ignorePaths" doc:"Paths that are not read, in the syntax of .gitignore."`
	Values       []string      `yaml:"values" doc:"Values files of Helm for every chart. One that lies in the folder of a chart is for that chart alone."`
	Set          []string      `yaml:"set" doc:"Values of Helm for every chart, as helm --set takes them."`
	Clusters     []Cluster     `yaml:"clusters" doc:"What is analysed together. Files that no cluster names are grouped as without a config."`
	Suppressions []Suppression `yaml:"suppressions" doc:"Findings that are accepted, each with its reason."`
	Webhook      Webhook       `yaml:"webhook" doc:"What ekslint webhook does with changes to a running cluster."`

	source source
}

// Rules says which rules run, and how.
type Rules struct {
	Dirs     []string                  `yaml:"dirs" doc:"Folders with rules of your own."`
	Include  []string                  `yaml:"include" names:"rule category" doc:"Run these rules or categories only."`
	Exclude  []string                  `yaml:"exclude" names:"rule category" doc:"Do not run these rules or categories."`
	Enable   []string                  `yaml:"enable" names:"rule" doc:"Run these rules too, which the preset leaves out."`
	Severity map[string]string         `yaml:"severity" names:"graded" enum:"error,warning,note,off" doc:"The severity of all findings of a rule, instead of its own; off switches it off."`
	Params   map[string]map[string]any `yaml:"params" names:"rule" doc:"Values of the parameters of rules; ekslint explain ID lists them."`
}

// Cluster is one cluster of a config.
type Cluster struct {
	Name     string   `yaml:"name" required:"true" doc:"The name in reports."`
	Paths    []string `yaml:"paths" required:"true" doc:"Files, folders or globs that belong to the cluster."`
	Complete bool     `yaml:"complete,omitempty" doc:"The cluster holds nothing else: what is absent does not exist."`
	Values   []string `yaml:"values,omitempty" doc:"Values files of Helm for the charts of this cluster, after those for all."`
	Set      []string `yaml:"set,omitempty" doc:"Values of Helm for the charts of this cluster, as helm --set takes them."`
}

// Default is the config of one who has none.
func Default() Config {
	return Config{
		Preset: "recommended", FailOn: "warning", Formats: []string{"text"},
		Webhook: Webhook{Mode: "enforce", AWSMaxAge: Age{24 * time.Hour}},
	}
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

// maxSize is the size of the largest config that is read.
const maxSize = 1 << 20

// Load reads a config: what it does not set is as Default has it. All mistakes
// are reported, each with its line and column. Paths in the result are relative
// to fsys and do not leave it. Names of rules are looked at by Check.
func Load(fsys fs.FS, name string) (Config, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Config{}, fmt.Errorf("read config: %w", err)
	}
	if len(text) > maxSize {
		return Config{}, fmt.Errorf("%s: larger than 1 MiB", name)
	}
	c := Default()
	c.source = source{name: name, text: text}
	if err := c.source.decode(&c); err != nil {
		return Config{}, err
	}
	if err := c.resolve(path.Dir(name)); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Text returns the content of the config's own file, for reports that quote it.
func (c Config) Text(name string) ([]byte, bool) {
	return c.source.text, c.source.text != nil && name == c.source.name
}
