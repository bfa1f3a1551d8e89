package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/model"
)

// awsOptions are the flags of webhook that say where the AWS side comes from.
type awsOptions struct {
	files, configMap string
	maxAge           time.Duration
}

func (o *awsOptions) register(flags *pflag.FlagSet, maxAge time.Duration) {
	flags.StringVar(&o.files, "aws", "", "file or folder with the AWS side: a Terraform plan, or output of the AWS CLI")
	flags.StringVar(&o.configMap, "aws-configmap", "", "ConfigMap with such files, instead of --aws")
	flags.DurationVar(&o.maxAge, "aws-max-age", maxAge, "age from which the AWS side refuses nothing any more")
}

func (o *awsOptions) check() error {
	if o.files != "" && o.configMap != "" {
		return usagef("--aws and --aws-configmap both say where the AWS side is: they exclude each other")
	}
	return nil
}

// awsSide is the AWS side at one moment.
type awsSide struct {
	aws *model.AWS
	// asOf is when it was so; zero when nobody knows.
	asOf time.Time
	// version is another one when something changed.
	version string
	// problems are what of it is not read.
	problems []error
}

// awsSource reads the AWS side; nil when it is of the last version.
type awsSource func(ctx context.Context, last string) (*awsSide, error)

// awsSource is nil without an AWS side.
func (e *env) awsSource(o *webhookOptions, api *rest.Config) (awsSource, error) {
	if o.aws.configMap != "" {
		c, err := webhook.NewConfigMap(api, o.namespace, o.aws.configMap, time.Now)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, last string) (*awsSide, error) { return awsOfConfigMap(ctx, c, last) }, nil
	}
	if o.aws.files != "" {
		return func(ctx context.Context, last string) (*awsSide, error) { return e.awsOfFiles(ctx, o.aws.files, last) }, nil
	}
	return nil, nil
}

// awsTime is how often the AWS side is looked at.
const awsTime = 30 * time.Second

// followAWS reads the AWS side, and again when it changes. What is wrong is said once.
func followAWS(ctx context.Context, read awsSource, cluster *webhook.Cluster, fault func(error)) {
	last, said := "", ""
	for ; ctx.Err() == nil; wait(ctx, awsTime) {
		side, err := read(ctx, last)
		if err != nil {
			if err.Error() != said {
				fault(fmt.Errorf("the AWS side: %w", err))
			}
			said = err.Error()
			continue
		}
		if said = ""; side == nil {
			continue
		}
		for _, p := range side.problems {
			fault(fmt.Errorf("the AWS side: %w", p))
		}
		last = side.version
		cluster.SetAWS(side.aws, side.asOf)
	}
}

func awsOfConfigMap(ctx context.Context, c *webhook.ConfigMap, last string) (*awsSide, error) {
	content, err := c.Read(ctx)
	if err != nil || content.Version == last {
		return nil, err
	}
	side, err := readAWS(ctx, &input{fsys: content.Files, paths: []string{"."}})
	if err != nil {
		return nil, err
	}
	if content.Undated != nil {
		side.problems = append(side.problems, content.Undated)
	}
	side.asOf, side.version = content.AsOf, content.Version
	return side, nil
}

func (e *env) awsOfFiles(ctx context.Context, name, last string) (*awsSide, error) {
	newest, oldest, err := times(name)
	if version := newest.Format(time.RFC3339Nano); err != nil || version == last {
		return nil, err
	}
	in, err := e.open([]string{name})
	if err != nil {
		return nil, err
	}
	defer in.close()
	side, err := readAWS(ctx, in)
	if err != nil {
		return nil, err
	}
	side.asOf, side.version = oldest, newest.Format(time.RFC3339Nano)
	if planned, ok := planTime(name); ok {
		side.asOf = planned
	}
	return side, nil
}

// readAWS reads the AWS side alone.
func readAWS(ctx context.Context, in *input) (*awsSide, error) {
	loaded, err := in.load(ctx, config.Default(), kept{}, &progress{})
	if err != nil {
		return nil, err
	}
	out := &awsSide{}
	for _, p := range loaded.Problems {
		out.problems = append(out.problems, fmt.Errorf("%s: %s", in.display(p.At.File), p.Message))
	}
	for _, c := range loaded.Clusters {
		if !c.AWS().IsEmpty() {
			out.aws = c.AWS()
			return out, nil
		}
	}
	return nil, errors.Join(append([]error{errors.New("there is nothing of AWS")}, out.problems...)...)
}

// times are those at which the files below a path were written, last and first.
func times(name string) (newest, oldest time.Time, err error) {
	err = eachFile(name, func(_ string, info fs.FileInfo) error {
		if at := info.ModTime(); newest.IsZero() || at.After(newest) {
			newest = at
		}
		if at := info.ModTime(); oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		return nil
	})
	return newest, oldest, err
}

// eachFile calls do for the files below a path. A ConfigMap is mounted as links.
func eachFile(name string, do func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			return err
		}
		return do(path, info)
	})
}

// planTime is when the oldest of the Terraform plans below a path was made; ok is false when
// there is a file that is none.
func planTime(name string) (oldest time.Time, ok bool) {
	err := eachFile(name, func(path string, _ fs.FileInfo) error {
		text, err := os.ReadFile(path) //nolint:gosec // of the user's own
		if err != nil {
			return err
		}
		// https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
		var plan struct {
			PlannedValues json.RawMessage `json:"planned_values"`
			Timestamp     time.Time       `json:"timestamp"`
		}
		if err := json.Unmarshal(text, &plan); err != nil {
			return err
		}
		if plan.PlannedValues == nil || plan.Timestamp.IsZero() {
			return errNoPlan
		}
		if oldest.IsZero() || plan.Timestamp.Before(oldest) {
			oldest = plan.Timestamp
		}
		return nil
	})
	return oldest, err == nil && !oldest.IsZero()
}

var errNoPlan = errors.New("no plan with a time")
