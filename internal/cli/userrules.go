package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/userrules"
)

const rulesUsage = "folder or file with rules of your own; repeatable"

// ruleSet returns the rules that ship with those of the named folders.
func (e *env) ruleSet(names []string) (ruleset.Set, error) {
	own, err := e.policies(names)
	if err != nil {
		return ruleset.Set{}, err
	}
	return withOwn(own)
}

// knownRules returns the rules that ship with those of the named folders, or else of
// those that the config of the working directory names.
func (e *env) knownRules(names []string) (ruleset.Set, error) {
	if len(names) > 0 {
		return e.ruleSet(names)
	}
	in, err := e.open([]string{"."})
	if err != nil {
		return ruleset.Set{}, err
	}
	defer in.close()
	cfg, err := in.config("")
	if err != nil {
		return ruleset.Set{}, err
	}
	return in.ruleSet(cfg.Rules.Dirs)
}

// ruleSet returns the rules that ship with those of folders of the input's tree.
func (in *input) ruleSet(dirs []string) (ruleset.Set, error) {
	if len(dirs) == 0 {
		return ruleset.Set{}, nil
	}
	var folders []userrules.Folder
	for _, dir := range dirs {
		folders = append(folders, userrules.Folder{FS: in.fsys, Path: dir, Name: in.display(dir)})
	}
	own, err := userrules.Load(folders)
	if err != nil {
		return ruleset.Set{}, wrongRules(err)
	}
	return withOwn(own)
}

func withOwn(own *regorule.Policies) (ruleset.Set, error) {
	set, err := ruleset.With(own, regorule.DefaultLimits(time.Now))
	if err != nil {
		return ruleset.Set{}, wrongRules(err)
	}
	return set, nil
}

// policies reads the rules of the named folders; nil for no folder.
func (e *env) policies(names []string) (*regorule.Policies, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var folders []userrules.Folder
	for _, name := range names {
		root, rel, err := openRules(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = root.Close() }() // only read from
		folders = append(folders, userrules.Folder{FS: root.FS(), Path: rel, Name: filepath.ToSlash(filepath.Clean(name))})
	}
	own, err := userrules.Load(folders)
	if err != nil {
		return nil, wrongRules(err)
	}
	return own, nil
}

// openRules opens a folder of rules, or that of one file, as a root that no link
// leads out of.
func openRules(name string) (root *os.Root, rel string, err error) {
	real, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", usagef("--rules %s: no such file or folder", name)
	}
	if err != nil {
		return nil, "", usagef("--rules %s: %w", name, err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil, "", usagef("--rules %s: %w", name, err)
	}
	dir, rel := real, "."
	if !info.IsDir() {
		dir, rel = filepath.Split(real)
	}
	if root, err = os.OpenRoot(filepath.Clean(dir)); err != nil {
		return nil, "", usagef("--rules %s: %w", name, err)
	}
	return root, rel, nil
}

func wrongRules(err error) error { return usageError{fmt.Errorf("the rules cannot be used:\n%w", err)} }
