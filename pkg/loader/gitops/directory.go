package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gobwas/glob"

	"github.com/ekslint/ekslint/pkg/model"
)

// argoDirectory are the options of plain YAML:
// https://argo-cd.readthedocs.io/en/stable/user-guide/directory/
type argoDirectory struct {
	Recurse bool   `json:"recurse"`
	Include string `json:"include"`
	Exclude string `json:"exclude"`
}

// skipMark keeps a file from being read as a manifest:
// https://argo-cd.readthedocs.io/en/stable/user-guide/directory/#skipping-file-rendering
const skipMark = "+argocd:skip-file-rendering"

// plain adds the files of a folder that are manifests. What Jsonnet makes is
// not known.
func (a *application) plain(s *source, at model.Path, d Delivery) {
	options := s.Directory
	if options == nil {
		options = &argoDirectory{}
	}
	files, jsonnet, err := a.manifests(d.Path, options)
	switch {
	case err != nil:
		a.gap(at.Child("path"), err)
		return
	case jsonnet != "":
		a.gap(at.Child("path"), fmt.Errorf("%s is not evaluated", jsonnet))
	case len(files) == 0:
		a.gap(at.Child("path"), fmt.Errorf("%s holds no manifests", d.Path))
	}
	if len(files) > 0 {
		d.Files = files
		a.deliveries = append(a.deliveries, d)
	}
}

// manifests lists the files of a folder that Argo CD reads, and the last one
// that it would evaluate before.
func (o *Objects) manifests(dir string, options *argoDirectory) (files []string, jsonnet string, err error) {
	include, err1 := pattern(options.Include)
	exclude, err2 := pattern(options.Exclude)
	if err := errors.Join(err1, err2); err != nil {
		return nil, "", err
	}
	err = fs.WalkDir(o.fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s cannot be read", name)
		case entry.IsDir() && name != dir && (!options.Recurse || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.IsDir() || !isManifestName(name):
			return nil
		}
		// Patterns see the path below the folder, and their stars its slashes.
		rel := strings.TrimPrefix(name, dir+"/")
		if exclude != nil && exclude.Match(rel) || include != nil && !include.Match(rel) || o.isSkipped(name) {
			return nil
		}
		if path.Ext(name) == ".jsonnet" {
			jsonnet = name
			return nil
		}
		files = append(files, name)
		return nil
	})
	slices.Sort(files)
	return files, jsonnet, err
}

func isManifestName(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json", ".jsonnet"}, path.Ext(name))
}

func (o *Objects) isSkipped(name string) bool {
	text, err := fs.ReadFile(o.fsys, name)
	return err == nil && bytes.Contains(text, []byte(skipMark))
}

// pattern compiles a glob, or nothing.
func pattern(text string) (*glob.Pattern, error) {
	if text == "" {
		return nil, nil
	}
	g, err := glob.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q is not valid", text)
	}
	return g, nil
}
