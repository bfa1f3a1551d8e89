package loader

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/ekslint/ekslint/pkg/loader/kustomize"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxSize is the size of the largest file that is read.
const maxSize = 64 << 20

// input is what the given paths name, before any of it is understood.
type input struct {
	fsys fs.FS
	// given are the paths themselves, cleaned, with globs resolved.
	given []string
	// found are the files to read, walked the folders that were listed.
	found  map[string]bool
	walked map[string]bool
	// configuration are the folders with Terraform files, each with the first of
	// them.
	configuration map[string]string
	// values are the files with values of Terraform's variables that are read
	// only on demand, and chosen those of them that are given by name.
	values, chosen []string
	// jsonnet, states and links are files that are named and not read.
	jsonnet, states, links map[string]bool
	// built are the files that objects are made of.
	built map[string]bool
	// texts is the content of the files that were read.
	texts    map[string][]byte
	ignores  []ignoreRule
	problems []model.Problem
	// nowhere says what clusters name that is not there.
	nowhere []model.Note
	// unread are files and folders that could not be opened.
	unread []string
}

// find lists the files that the options name.
func find(fsys fs.FS, o Options) (*input, error) {
	in := &input{
		fsys: fsys, found: map[string]bool{}, walked: map[string]bool{}, configuration: map[string]string{},
		jsonnet: map[string]bool{}, states: map[string]bool{}, links: map[string]bool{}, built: map[string]bool{}, texts: map[string][]byte{},
		ignores: parseIgnore(".", strings.Join(o.IgnorePaths, "\n")),
	}
	for _, p := range o.Paths {
		if p == "-" {
			in.texts[StdinName] = o.Stdin
			continue
		}
		tops, err := in.add(path.Clean(p))
		if err != nil {
			return nil, err
		}
		in.given = append(in.given, tops...)
	}
	slices.Sort(in.given)
	in.given = slices.Compact(in.given)
	for _, c := range o.Clusters {
		in.addCluster(c)
	}
	return in, nil
}

// addCluster adds the rest of a cluster of which a file is given: whether
// something is absent from it can only be told from the whole.
func (in *input) addCluster(c ClusterConfig) {
	if !slices.ContainsFunc(slices.Collect(maps.Keys(in.found)), c.holds) {
		in.absent(c)
		return
	}
	for _, p := range c.Paths {
		if _, err := in.add(path.Clean(p)); err != nil {
			in.problem(p, fmt.Sprintf("cluster %q: no such file or folder", c.Name))
		}
	}
}

// absent remembers what a cluster names that is nowhere. Other clusters may be all that
// is asked for.
func (in *input) absent(c ClusterConfig) {
	for _, p := range c.Paths {
		if _, err := fs.Stat(in.fsys, path.Clean(p)); err != nil && !strings.ContainsAny(p, "*?[{") {
			in.nowhere = append(in.nowhere, model.Note{File: p, Message: fmt.Sprintf("cluster %q: no such file or folder", c.Name)})
		}
	}
}

// holds reports whether a file, or a folder, belongs to the cluster.
func (c ClusterConfig) holds(name string) bool {
	return slices.ContainsFunc(c.Paths, func(pattern string) bool {
		pattern = path.Clean(pattern)
		if within(pattern, name) {
			return true
		}
		for at := name; at != "."; at = path.Dir(at) {
			if ok, err := doublestar.Match(pattern, at); err == nil && ok {
				return true
			}
		}
		return false
	})
}

// add adds what one path names, and returns it with globs resolved to the
// folder that they start in.
func (in *input) add(name string) ([]string, error) {
	info, err := fs.Stat(in.fsys, name)
	switch {
	case err == nil && info.IsDir():
		in.walk(name, in.ignoresAbove(name))
		return []string{name}, nil
	case err == nil && tfhcl.IsValues(name):
		in.chosen = append(in.chosen, name)
		return []string{name}, nil
	case err == nil && tfhcl.IsConfiguration(name):
		in.file(name)
		return []string{name}, nil
	case err == nil:
		in.found[name] = true
		return []string{name}, nil
	case strings.ContainsAny(name, "*?[{"):
		return in.glob(name)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return nil, &NoInputError{Path: name}
	default:
		in.unreadable(name, err)
		return []string{name}, nil
	}
}

// glob adds what a pattern matches. What is ignored or no manifest is not meant.
func (in *input) glob(pattern string) ([]string, error) {
	hits, err := doublestar.Glob(in.fsys, pattern, doublestar.WithNoFollow())
	if err != nil || len(hits) == 0 {
		return nil, &NoInputError{Path: pattern}
	}
	for _, hit := range hits {
		if in.ignoredFromRoot(hit) {
			continue
		}
		info, err := fs.Stat(in.fsys, hit)
		switch {
		case err != nil:
			in.unreadable(hit, err)
		case info.IsDir():
			in.walk(hit, in.ignoresAbove(hit))
		default:
			in.file(hit)
		}
	}
	base, _ := doublestar.SplitPattern(pattern)
	return []string{path.Clean(base)}, nil
}

// ignoredFromRoot asks the rules of every folder above an entry.
func (in *input) ignoredFromRoot(name string) bool {
	rules := in.ignoresIn(".")
	for i, c := range name + "/" {
		if c != '/' {
			continue
		}
		at := name[:i]
		if path.Base(at) == ".git" || ignored(in.withConfig(rules), at, at != name) {
			return true
		}
		if at != name {
			rules = append(rules, in.ignoresIn(at)...)
		}
	}
	return false
}

// ignoresAbove collects the rules of the folders above dir. That dir itself may
// be ignored does not matter: it was named.
func (in *input) ignoresAbove(dir string) []ignoreRule {
	var chain []string
	for dir != "." {
		dir = path.Dir(dir)
		chain = append(chain, dir)
	}
	var out []ignoreRule
	for _, d := range slices.Backward(chain) {
		out = append(out, in.ignoresIn(d)...)
	}
	return out
}

func (in *input) ignoresIn(dir string) []ignoreRule {
	text, err := fs.ReadFile(in.fsys, path.Join(dir, ".gitignore"))
	if err != nil {
		return nil // most folders have none
	}
	return parseIgnore(dir, string(text))
}

// withConfig lets the patterns of the config have the last word.
func (in *input) withConfig(rules []ignoreRule) []ignoreRule {
	return slices.Concat(rules, in.ignores)
}

// walk adds the files of a folder and of those below it. Links are not
// followed, so that it ends.
func (in *input) walk(dir string, rules []ignoreRule) {
	entries, err := fs.ReadDir(in.fsys, dir)
	if err != nil {
		in.unreadable(dir, err)
		return
	}
	in.walked[dir] = true
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name })
	}
	if has(".gitignore") {
		rules = slices.Concat(rules, in.ignoresIn(dir))
	}
	all := in.withConfig(rules)
	isChart := has(chartFile)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.Name() == ".git", e.Name() == ".terraform", ignored(all, name, e.IsDir()):
		case e.Type()&fs.ModeSymlink != 0:
			in.link(name)
		case e.IsDir():
			if !isChart || !isChartPart(e.Name()+"/") {
				in.walk(name, rules)
			}
		case e.Type().IsRegular():
			in.file(name)
		}
	}
}

func (in *input) link(name string) {
	info, err := fs.Stat(in.fsys, name)
	if isManifest(name) || tfhcl.IsConfiguration(name) || err != nil || info.IsDir() {
		in.links[name] = true
	}
}

// blindLinks are the links to what is not read under its own name, sorted.
func (in *input) blindLinks() []string {
	var out []string
	for _, name := range sortedKeys(in.links) {
		target, err := fs.ReadLink(in.fsys, name)
		if err == nil && !path.IsAbs(target) {
			target = path.Join(path.Dir(name), target)
			if fs.ValidPath(target) && (in.found[target] || in.walked[target]) {
				continue
			}
		}
		out = append(out, name)
	}
	return out
}

// file adds a file that was not named by itself.
func (in *input) file(name string) {
	switch ext := path.Ext(name); {
	case ext == ".jsonnet" || ext == ".libsonnet":
		in.jsonnet[name] = true
	case ext == ".tfstate":
		in.states[name] = true
	case tfhcl.IsValues(name):
		in.values = append(in.values, name)
	case tfhcl.IsConfiguration(name):
		if first := in.configuration[path.Dir(name)]; first == "" || name < first {
			in.configuration[path.Dir(name)] = name
		}
	case isManifest(name) || kustomize.IsFile(name):
		in.found[name] = true
	}
}

func isManifest(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	default:
		return false
	}
}

// text reads a file and remembers its content.
func (in *input) text(name string) ([]byte, error) {
	if text, ok := in.texts[name]; ok {
		return text, nil
	}
	text, err := readFile(in.fsys, name)
	if err != nil {
		return nil, err
	}
	in.texts[name] = text
	return text, nil
}

var errTooLarge = errors.New("larger than 64 MiB")

func readFile(fsys fs.FS, name string) (_ []byte, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSize {
		return nil, errTooLarge
	}
	// One byte more than it should have shows a file that grows.
	text := make([]byte, 0, info.Size()+1)
	for {
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
		n, err := f.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case len(text) > maxSize:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			return text, nil
		case err != nil:
			return nil, err
		}
	}
}

// unreadable records a file or folder of which nothing is known.
func (in *input) unreadable(name string, err error) {
	in.unread = append(in.unread, name)
	in.problem(name, reason(err))
}

func (in *input) problem(name, message string) {
	in.problems = append(in.problems, model.Problem{At: model.Span{File: name}, Message: message})
}

// reason is an error without the name of the file, which the report shows.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// notes says what was seen and not read.
func (in *input) notes() []model.Note {
	out := slices.Clone(in.nowhere)
	for name := range in.links {
		out = append(out, model.Note{File: name, Message: "symbolic link, not followed"})
	}
	// One that lies beside its configuration may be older than what is written
	// there, and a state has the last word on what a value is.
	for name := range in.states {
		out = append(out, model.Note{File: name, Message: "Terraform state: read only when it is given by name"})
	}
	counts := map[string]int{}
	for name := range in.jsonnet {
		for _, top := range in.given { // sorted, so that an outer folder comes first
			if within(top, name) {
				counts[top]++
				break
			}
		}
	}
	for top, n := range counts {
		out = append(out, model.Note{File: top, Message: "Jsonnet: " + plural(n, "file") + " not evaluated"})
	}
	return out
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
