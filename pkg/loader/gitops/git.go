package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// gitGenerator makes parameters from the folders or files of a repository:
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/
type gitGenerator struct {
	RepoURL         string            `json:"repoURL"`
	Revision        string            `json:"revision"`
	Directories     []gitPath         `json:"directories"`
	Files           []gitPath         `json:"files"`
	Values          map[string]string `json:"values"`
	PathParamPrefix string            `json:"pathParamPrefix"`
	Template        map[string]any    `json:"template"`
}

type gitPath struct {
	Path    string `json:"path"`
	Exclude bool   `json:"exclude"`
}

func (s *applicationSet) git(g *gitGenerator) ([]map[string]any, error) {
	patterns := g.Directories
	if len(patterns) == 0 {
		patterns = g.Files
	}
	if len(patterns) == 0 {
		return nil, errors.New("it names no folders and no files")
	}
	for _, p := range patterns {
		if placeholder.In(p.Path) || placeholder.In(g.RepoURL) || placeholder.In(g.Revision) {
			return nil, errors.New("where its generator looks is not known")
		}
	}
	if err := s.repo.revision(g.Revision); err != nil {
		return nil, err
	}
	first := patterns[0].Path
	if len(g.Directories) == 0 {
		first = path.Dir(first)
	}
	root, _, err := s.repo.find(g.RepoURL, fixedFolder(first), s.res.Locate(nil, model.PartValue).File)
	if err != nil {
		return nil, err
	}
	if len(g.Directories) > 0 {
		return s.gitFolders(g, root)
	}
	return s.gitFiles(g, root)
}

// gitFolders makes a set of each folder that a pattern names and none excludes.
// Hidden folders, and what is in them, do not count.
func (s *applicationSet) gitFolders(g *gitGenerator, root string) ([]map[string]any, error) {
	var out []map[string]any
	err := fs.WalkDir(s.fsys, root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s cannot be read", name)
		case !entry.IsDir() || name == root:
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case len(out) > maxApplications:
			return fs.SkipAll
		}
		folder := strings.TrimPrefix(name, root+"/")
		if !chosen(g.Directories, folder) {
			return nil
		}
		params, err := s.withPath(g, map[string]any{}, folder, "")
		out = append(out, params)
		return err
	})
	return out, err
}

// chosen reports whether a pattern names the folder and none excludes it. A star
// stays within one name.
func chosen(patterns []gitPath, folder string) bool {
	included := false
	for _, p := range patterns {
		if ok, err := path.Match(p.Path, folder); err != nil || !ok {
			continue
		}
		if p.Exclude {
			return false
		}
		included = true
	}
	return included
}

// gitFiles makes a set of each file that a pattern names, or of each element of
// the list in it.
func (s *applicationSet) gitFiles(g *gitGenerator, root string) ([]map[string]any, error) {
	files, err := s.matches(g.Files, root)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, file := range files {
		bodies, err := s.bodies(path.Join(root, file))
		if err != nil {
			return nil, err
		}
		for _, body := range bodies {
			params, err := s.withPath(g, body, path.Dir(file), path.Base(file))
			if err != nil {
				return nil, err
			}
			out = append(out, params)
		}
		if len(out) > maxApplications {
			return out, nil
		}
	}
	return out, nil
}

// matches lists the files that the patterns name. By default git itself matches
// them, and its star goes over slashes; with a setting of the controller it does
// not. Where that makes a difference nothing is known.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git-File-Globbing/
func (s *applicationSet) matches(patterns []gitPath, root string) ([]string, error) {
	narrow, wide := map[string]bool{}, map[string]bool{}
	slices.SortStableFunc(patterns, func(a, b gitPath) int { return boolRank(a.Exclude) - boolRank(b.Exclude) })
	for _, p := range patterns {
		anything, err := pattern(strings.ReplaceAll(p.Path, "{", "\\{"))
		if err != nil || !doublestar.ValidatePattern(p.Path) {
			return nil, fmt.Errorf("the pattern %q is not valid", p.Path)
		}
		err = fs.WalkDir(s.fsys, root, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("%s cannot be read", name)
			case entry.IsDir() && entry.Name() == ".git":
				return fs.SkipDir
			case entry.IsDir():
				return nil
			}
			file := strings.TrimPrefix(name, root+"/")
			set(narrow, file, doublestar.MatchUnvalidated(p.Path, file), p.Exclude)
			set(wide, file, anything != nil && anything.Match(file) || strings.HasPrefix(file, p.Path+"/"), p.Exclude)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if !maps.Equal(narrow, wide) {
		return nil, errors.New("which files its patterns name depends on the settings of Argo CD")
	}
	return slices.Sorted(maps.Keys(narrow)), nil
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func set(files map[string]bool, file string, matches, exclude bool) {
	switch {
	case matches && exclude:
		delete(files, file)
	case matches:
		files[file] = true
	}
}

// bodies are the mappings in a file.
func (s *applicationSet) bodies(file string) ([]map[string]any, error) {
	text, err := fs.ReadFile(s.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read", file)
	}
	single := map[string]any{}
	if yaml.Unmarshal(text, &single) == nil {
		return []map[string]any{single}, nil
	}
	var list []map[string]any
	if yaml.Unmarshal(text, &list) != nil {
		return nil, fmt.Errorf("%s holds no parameters", file)
	}
	return list, nil
}

// withPath adds the parameters of a folder, or of a file in it, to what the file
// holds, and then the values of the generator.
func (s *applicationSet) withPath(g *gitGenerator, body map[string]any, folder, file string) (map[string]any, error) {
	place := map[string]any{"path": folder, "basename": path.Base(folder), "basenameNormalized": normalize(path.Base(folder))}
	if file != "" {
		place["filename"], place["filenameNormalized"] = file, normalize(file)
	}
	segments := strings.Split(folder, "/")
	if !s.spec.GoTemplate {
		return s.withValues(flatPlace(g.PathParamPrefix, body, place, segments), g.Values)
	}
	list := make([]any, len(segments))
	for i, segment := range segments {
		list[i] = segment
	}
	place["segments"] = list
	params := map[string]any{}
	maps.Copy(params, body)
	if g.PathParamPrefix != "" {
		params[g.PathParamPrefix] = map[string]any{"path": place}
	} else {
		params["path"] = place
	}
	return s.withValues(params, g.Values)
}

// flatPlace writes the parameters as names with dots.
func flatPlace(prefix string, body, place map[string]any, segments []string) map[string]any {
	flat := texts{}
	flat.flatten("", body)
	params := flat.params()
	name := strings.TrimPrefix(prefix+".path", ".")
	for key, value := range place {
		params[name+"."+key] = value
	}
	delete(params, name+".path")
	params[name] = place["path"]
	for i, segment := range segments {
		params[name+"["+strconv.Itoa(i)+"]"] = segment
	}
	return params
}

// withValues adds the values that the generator makes of the parameters.
func (s *applicationSet) withValues(params map[string]any, values map[string]string) (map[string]any, error) {
	made := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, err := s.templates.text(values[key], params)
		if err != nil {
			return nil, err
		}
		made[key] = value
	}
	switch {
	case len(made) == 0:
	case s.spec.GoTemplate:
		params["values"] = made
	default:
		for key, value := range made {
			params["values."+key] = value
		}
	}
	return params, nil
}

var noName = regexp.MustCompile("[^-a-z0-9.]")

// normalize makes a text the name of an object, as Argo CD does.
func normalize(text string) string {
	const longest = 253
	name := noName.ReplaceAllString(strings.ToLower(text), "-")
	return strings.Trim(name[:min(len(name), longest)], "-.")
}
