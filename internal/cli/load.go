package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// kept says which objects are kept besides those of kinds that the loader knows.
type kept struct {
	kinds []model.GroupKind
	all   bool
}

// inputFlags say what is read, and how. Each but config has a key in .ekslint.yaml, over
// which it wins.
type inputFlags struct {
	config      string
	complete    bool
	values, set []string
	// changed reports whether a flag is given.
	changed func(flag string) bool
}

func (f *inputFlags) register(flags *pflag.FlagSet) {
	f.changed = flags.Changed
	flags.StringVar(&f.config, "config", "", "config file (default: the nearest .ekslint.yaml above the paths)")
	flags.BoolVar(&f.complete, "complete", false, "the input is all there is in the cluster: what is absent does not exist")
	flags.StringArrayVar(&f.values, "values", nil, "file of Helm values; one in the folder of a chart is for that chart alone; repeatable")
	flags.StringArrayVar(&f.set, "set", nil, "value of Helm, as helm --set takes it; repeatable")
}

// read reads the config, with the flags that are given.
func (f *inputFlags) read(in *input) (config.Config, error) {
	c, err := in.config(f.config)
	if err != nil {
		return config.Config{}, err
	}
	return f.over(in, c)
}

// over returns a config with the flags that are given. Values win over those of the
// clusters, too.
func (f *inputFlags) over(in *input, c config.Config) (config.Config, error) {
	var err error
	if f.changed("complete") {
		c.Complete = f.complete
	}
	c.Clusters = slices.Clone(c.Clusters)
	if f.changed("values") {
		if c.Values, err = in.allRelative(f.values); err != nil {
			return config.Config{}, err
		}
		for i := range c.Clusters {
			c.Clusters[i].Values = slices.Concat(c.Clusters[i].Values, c.Values)
		}
	}
	if f.changed("set") {
		c.Set = f.set
		for i := range c.Clusters {
			c.Clusters[i].Set = slices.Concat(c.Clusters[i].Set, c.Set)
		}
	}
	return c, nil
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
