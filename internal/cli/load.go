package cli

import (
	"context"
	"errors"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// kept says which objects are kept besides those of kinds that the loader knows.
type kept struct {
	kinds []model.GroupKind
	all   bool
}

// load reads the input as the config says.
func (in *input) load(ctx context.Context, cfg config.Config, keep kept, p *progress) (loader.Result, error) {
	options := loader.Options{
		Paths:       in.paths,
		Stdin:       in.stdin,
		IgnorePaths: cfg.IgnorePaths,
		Complete:    cfg.Complete,
		Values:      cfg.Values,
		Set:         cfg.Set,
		Kinds:       keep.kinds,
		AllKinds:    keep.all,
		Progress:    p.stage("reading"),
	}
	for _, c := range cfg.Clusters {
		options.Clusters = append(options.Clusters, loader.ClusterConfig(c))
	}
	loaded, err := loader.Load(ctx, in.fsys, options)
	var missing *loader.NoInputError
	if errors.As(err, &missing) {
		return loader.Result{}, usageError{err}
	}
	return loaded, err
}

// config reads the named config, or the nearest one above the paths. Whatever is
// wrong with it is a mistake of usage. Names of rules are not looked at.
func (in *input) config(name string) (config.Config, error) {
	cfg, err := in.readConfig(name)
	if err != nil {
		return config.Config{}, usageError{in.displayed(err)}
	}
	return cfg, nil
}

// displayed names the files of mistakes in a config as the user would.
func (in *input) displayed(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, in.displayed(e))
		}
		return errors.Join(all...)
	}
	if m, ok := errors.AsType[*config.MistakeError](err); ok {
		shown := *m
		shown.File = in.display(m.File)
		return &shown
	}
	return err
}

func (in *input) readConfig(name string) (config.Config, error) {
	if name != "" {
		rel, err := in.relative(name)
		if err != nil {
			return config.Config{}, err
		}
		return config.Load(in.fsys, rel)
	}
	found, err := config.Find(in.fsys, in.configDir())
	if err != nil {
		return config.Config{}, err
	}
	if found == "" {
		return config.Default(), nil
	}
	return config.Load(in.fsys, found)
}

// completeConfig is config with the flag --complete, if it is given.
func (in *input) completeConfig(name string, complete, given bool) (config.Config, error) {
	cfg, err := in.config(name)
	if given {
		cfg.Complete = complete
	}
	return cfg, err
}
