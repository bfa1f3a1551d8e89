package cli

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/ruletest"
	"github.com/ekslint/ekslint/internal/userrules"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

//go:embed newrule/*.tmpl
var newRuleFiles embed.FS

// newRule is what the templates of a new rule are filled with.
type newRule struct {
	ID, Title, Kind string
	// Name is the last element of the package, and of the files.
	Name string
	// APIVersion and ManifestKind begin a manifest of the kind.
	APIVersion, ManifestKind string
	// Group is that of the kind, for references.
	Group string
	// Owned says whether the manifest has the label that the rule asks for.
	Owned bool
}

func (e *env) newRuleCommand() *cobra.Command {
	var dir string
	r := newRule{}
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Write a rule of your own, with a test and cases that pass, to begin with",
		Example: "  ekslint rules new OWN-001 --dir policies/\n" +
			"  ekslint rules new OWN-002 --dir policies/ --kind Certificate.cert-manager.io --title \"certificate without owner\"",
		Args: exactlyOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			r.ID = args[0]
			return e.newRule(cmd.Context(), dir, r)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "dir", "", "folder of rules; it is made when it is not there")
	flags.StringVar(&r.Kind, "kind", "Ingress", "kind of object that the rule looks at, with its group for a custom resource")
	flags.StringVar(&r.Title, "title", "", "what the rule finds, in a few words")
	return cmd
}

func (e *env) newRule(ctx context.Context, dir string, r newRule) error {
	if dir == "" {
		return usagef("rules new needs --dir, the folder of your rules")
	}
	if err := r.complete(); err != nil {
		return err
	}
	files, err := r.files()
	if err != nil {
		return err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errIsNotExist(err) {
			return usagef("%s is there already", path.Join(filepath.ToSlash(dir), name))
		}
	}
	for _, name := range names {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // sources are for everyone who may read the folder
			return fmt.Errorf("write rule: %w", err)
		}
		if err := os.WriteFile(file, []byte(files[name]), 0o644); err != nil { //nolint:gosec // sources are for everyone who may read the folder
			return fmt.Errorf("write rule: %w", err)
		}
	}
	if err := e.writeWants(ctx, dir, r.ID); err != nil {
		return err
	}
	for _, name := range names {
		_, _ = fmt.Fprintln(e.stdout, path.Join(filepath.ToSlash(dir), name)) // the files are written all the same
	}
	return nil
}

// complete checks what was given and derives the rest.
func (r *newRule) complete() error {
	if !regorule.IsRuleID(r.ID) {
		return usagef("%q is no ID of a rule: want letters and a number, as in OWN-001", r.ID)
	}
	if slices.ContainsFunc(ruleset.Metas(), func(m rule.Meta) bool { return m.ID == r.ID }) {
		return usagef("%s is the ID of a rule that ships with ekslint", r.ID)
	}
	if err := regorule.CheckKind(r.Kind); err != nil {
		return usageError{err}
	}
	var ok bool
	if r.APIVersion, r.ManifestKind, ok = regorule.APIVersion(r.Kind); !ok {
		return usagef("--kind %s: no manifest holds this kind, so there is none to begin with", r.Kind)
	}
	if group, _, grouped := strings.Cut(r.APIVersion, "/"); grouped {
		r.Group = group
	}
	if r.Title == "" {
		r.Title = r.ManifestKind + " has no owner"
	}
	if !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ,'()/-]*$`).MatchString(r.Title) {
		r.Title = fmt.Sprintf("%q", r.Title)
	}
	r.Name = strings.ToLower(strings.ReplaceAll(r.ID, "-", "_"))
	return nil
}

// files returns the texts of the files by their names below the folder of rules.
func (r *newRule) files() (map[string]string, error) {
	templates, err := template.ParseFS(newRuleFiles, "newrule/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	out := map[string]string{}
	manifest := strings.ToLower(r.ManifestKind) + ".yaml"
	for _, f := range []struct {
		name, template string
		owned          bool
	}{
		{r.Name + ".rego", "rule.rego.tmpl", false},
		{r.Name + "_test.rego", "test.rego.tmpl", false},
		{path.Join(userrules.CasesFolder, r.ID, ruletest.Bad, "first", manifest), "manifest.yaml.tmpl", false},
		{path.Join(userrules.CasesFolder, r.ID, ruletest.Good, "first", manifest), "manifest.yaml.tmpl", true},
	} {
		own := *r
		own.Owned = f.owned
		var b strings.Builder
		if err := templates.ExecuteTemplate(&b, f.template, own); err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		out[f.name] = b.String()
	}
	return out, nil
}

// writeWants writes want.txt of the cases of a rule.
func (e *env) writeWants(ctx context.Context, dir, id string) error {
	own, err := e.policies([]string{dir})
	if err != nil {
		return err
	}
	set, err := withOwn(own)
	if err != nil {
		return err
	}
	return (&testReport{}).cases(ctx, dir, set, regexp.MustCompile("^"+regexp.QuoteMeta(id)+"/"), &testOptions{update: true})
}
