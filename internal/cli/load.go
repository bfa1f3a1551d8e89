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

// load reads the input with the named config, or the one that is found, and
// keeps the kinds besides those that the loader knows.
func (in *input) load(ctx context.Context, configName string, complete bool, keep kept, p *progress) (loader.Result, error) {
	cfg, err := in.config(configName)
	if err != nil {
		return loader.Result{}, usageError{err}
	}
	return in.loadWith(ctx, cfg, complete, keep, p)
}

// loadWith reads the input with a config.
func (in *input) loadWith(ctx context.Context, cfg config.Config, complete bool, keep kept, p *progress) (loader.Result, error) {
	options := loader.Options{
		Paths:       in.paths,
		Stdin:       in.stdin,
		IgnorePaths: cfg.IgnorePaths,
		Complete:    complete,
		Kinds:       keep.kinds,
		AllKinds:    keep.all,
		Progress:    p.stage("reading"),
	}
	for _, c := range cfg.Clusters {
		options.Clusters = append(options.Clusters, loader.ClusterConfig{Name: c.Name, Paths: c.Paths, Complete: c.Complete})
	}
	loaded, err := loader.Load(ctx, in.fsys, options)
	var missing *loader.NoInputError
	if errors.As(err, &missing) {
		return loader.Result{}, usageError{err}
	}
	return loaded, err
}

// config reads the named config, or the nearest one above the first path.
func (in *input) config(name string) (config.Config, error) {
	if name != "" {
		rel, err := in.relative(name)
		if err != nil {
			return config.Config{}, err
		}
		return config.Load(in.fsys, rel)
	}
	found, err := config.Find(in.fsys, in.configDir())
	if err != nil || found == "" {
		return config.Config{}, err
	}
	return config.Load(in.fsys, found)
}
