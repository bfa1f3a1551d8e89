package cli

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/model"
)

// webhookOptions are the flags of webhook.
type webhookOptions struct {
	config, kubeconfig string
	listen             string
	certificate        certificateOptions
	mode, aws          string
	maxAge, drain      time.Duration
	audit              auditOptions
	changed            func(flag string) bool
}

func (e *env) webhookCommand() *cobra.Command {
	o := &webhookOptions{}
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Answer a Kubernetes API server which changes break the network",
		Long: "Webhook is a validating admission webhook. It watches the cluster, and refuses a change that brings\n" +
			"harm: an error that was not there before, and that stays whatever is created next. Of all other harm\n" +
			"it warns who makes the change. What cannot be answered is left to the failurePolicy.\n\n" +
			"Namespaces set their own mode with the label " + webhook.ModeLabel + ": off, audit, warn or enforce; the lower\n" +
			"of two modes counts. An object with the annotation " + webhook.BreakGlass + ": REASON passes with a warning.\n\n" +
			"It serves /validate, /healthz, /readyz and /metrics over TLS, and takes a changed certificate over.\n" +
			"With --bootstrap-certs it makes the certificate and renews it: its replicas share it by a Secret, and\n" +
			"have the API server trust it by the caBundle of the webhook configuration.\n\n" +
			"With --audit-interval one of the replicas looks at the whole cluster now and then. What it finds is in\n" +
			"the metrics, at /sarif, and with --audit-reports in PolicyReports. A POST to /audit asks for an audit.\n\n" +
			"Exit codes: 0 ended by a signal, 2 wrong usage or config, 4 ekslint itself failed.",
		Example: "  ekslint webhook --bootstrap-certs --config ekslint.yaml\n" +
			"  ekslint webhook --cert tls.crt --key tls.key\n" +
			"  ekslint webhook --cert tls.crt --key tls.key --mode warn --config ekslint.yaml\n" +
			"  ekslint webhook --cert tls.crt --key tls.key --aws /aws --aws-max-age 6h\n" +
			"  ekslint webhook --bootstrap-certs --audit-interval 10m --audit-reports",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("webhook reads the cluster, and no paths: %s", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return e.webhook(cmd.Context(), o) },
	}
	flags, d := cmd.Flags(), config.Default().Webhook
	o.changed = flags.Changed
	flags.StringVar(&o.config, "config", "", "config file (default: none)")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "how to reach the API server (default: as a pod of the cluster)")
	flags.StringVar(&o.listen, "listen", ":8443", "address to listen on")
	o.certificate.register(flags)
	flags.StringVar(&o.mode, "mode", d.Mode, "what becomes of harm: off, audit, warn or enforce")
	flags.StringVar(&o.aws, "aws", "", "file or folder with the AWS side: a Terraform plan, or output of the AWS CLI")
	flags.DurationVar(&o.maxAge, "aws-max-age", d.AWSMaxAge.Duration, "age from which the AWS side refuses nothing any more")
	o.audit.register(flags)
	flags.DurationVar(&o.drain, "drain", 5*time.Second, "time between a signal to end and the last request that is taken")
	return cmd
}

// The process stays, most of what an answer allocates is garbage at once, and the cluster
// is all that lives: time is worth more than memory. Until the cluster is known it is the
// other way round, as all objects are read at once.
const (
	startingPercent = 50
	runningPercent  = 100
)

// collect sets how the garbage collector works, unless its user does.
func collect(ctx context.Context, cluster *webhook.Cluster) {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(startingPercent)
	for !cluster.Ready() && ctx.Err() == nil {
		wait(ctx, time.Second)
	}
	debug.FreeOSMemory()
	debug.SetGCPercent(runningPercent)
}

// webhook runs until a signal.
func (e *env) webhook(ctx context.Context, o *webhookOptions) error {
	if err := o.certificate.check(o.changed); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	reviewer, err := e.reviewer(o)
	if err != nil {
		return err
	}
	api, err := webhook.Connect(o.kubeconfig, "ekslint/"+version)
	if err != nil {
		return usageError{err}
	}
	fault := func(err error) { e.warn("%s", report.Printable(err.Error())) }
	certificate, followCertificate, err := o.certificate.open(ctx, api, fault)
	if err != nil {
		return err
	}
	watcher, err := webhook.NewWatcher(reviewer.Cluster, reviewer.Objects, api, fault)
	if err != nil {
		return err
	}
	metrics := webhook.NewMetrics(reviewer.Cluster)
	reviewer.Observe = metrics.Observe
	auditor, audit, err := o.audit.open(api, o.certificate.namespace, reviewer.Cluster, metrics, fault)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen) //nolint:noctx // at once
	if err != nil {
		return usagef("--listen: %w", err)
	}
	e.warn("listening on %s, watching %d kinds", listener.Addr(), len(watcher.Kinds()))
	// While the last requests are answered the cluster is still watched.
	watching, stopWatching := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWatching()
	go watcher.Run(watching)
	go collect(watching, reviewer.Cluster)
	go followCertificate(watching)
	if o.aws != "" {
		go e.followAWS(watching, o, reviewer.Cluster, fault)
	}
	defer beside(ctx, audit)()
	server := webhook.NewServer(webhook.ServerOptions{Reviewer: reviewer, Metrics: metrics, Auditor: auditor, Fault: fault, Clock: time.Now})
	return server.Serve(ctx, listener, certificate, o.drain)
}

// beside calls f beside, and returns what ends it and waits for that.
func beside(ctx context.Context, f func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// wait returns after a time, or when the context is done.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// reviewer is what the config and the flags make.
func (e *env) reviewer(o *webhookOptions) (*webhook.Reviewer, error) {
	dir := filepath.Dir(o.config)
	in, err := e.open([]string{dir})
	if err != nil {
		return nil, err
	}
	defer in.close()
	cfg := config.Default()
	if o.config != "" {
		if cfg, err = in.config(o.config); err != nil {
			return nil, err
		}
	}
	set, err := in.ruleSet(cfg.Rules.Dirs)
	if err != nil {
		return nil, err
	}
	if err := cfg.Check(set.Metas()); err != nil {
		return nil, usageError{in.displayed(err)}
	}
	if o.changed("mode") {
		cfg.Webhook.Mode = o.mode
	}
	if o.changed("aws-max-age") {
		cfg.Webhook.AWSMaxAge.Duration = o.maxAge
	}
	if err := o.audit.settle(cfg.Webhook.Audit, o.changed); err != nil {
		return nil, err
	}
	if o.changed("namespace") && !o.certificate.bootstrap && o.audit.interval == 0 {
		return nil, usagef("--namespace needs --bootstrap-certs or --audit-interval")
	}
	policy, err := policyOf(cfg.Webhook)
	if err != nil {
		return nil, usagef("--mode: %w", err)
	}
	checkers, err := set.Checkers(ruleset.Filter{Preset: cfg.Preset, Include: cfg.Rules.Include, Exclude: cfg.Rules.Excluded(), Enable: cfg.Rules.Enable})
	if err != nil {
		return nil, usageError{err}
	}
	return &webhook.Reviewer{
		Cluster: webhook.NewCluster(webhook.Options{
			Analysis: analyzer.Options{Checkers: checkers, Severity: cfg.Rules.Severities(), Params: cfg.Rules.Parameters(), Jobs: cfg.Jobs},
			MaxAge:   cfg.Webhook.AWSMaxAge.Duration, Clock: time.Now,
		}),
		Objects: webhook.NewObjects(set.Kinds(checkers)), Policy: policy, Link: report.RulePage,
	}, nil
}

func policyOf(c config.Webhook) (webhook.Policy, error) {
	mode, err := webhook.ParseMode(c.Mode)
	if err != nil {
		return webhook.Policy{}, err
	}
	out := webhook.Policy{Mode: mode, Rules: map[string]webhook.Mode{}, Exempt: webhook.Exempt(c.Exempt)}
	for id, name := range c.Rules {
		if out.Rules[id], err = webhook.ParseMode(name); err != nil {
			return webhook.Policy{}, err
		}
	}
	return out, nil
}

// awsTime is how often the AWS side is looked at.
const awsTime = 30 * time.Second

// followAWS reads the AWS side, and again when its files change.
func (e *env) followAWS(ctx context.Context, o *webhookOptions, cluster *webhook.Cluster, fault func(error)) {
	var last time.Time
	for ctx.Err() == nil {
		if newest, oldest, err := times(o.aws); err != nil {
			fault(fmt.Errorf("--aws: %w", err))
		} else if !newest.Equal(last) {
			aws, err := e.awsSide(ctx, o.aws, fault)
			if err == nil {
				last = newest
				cluster.SetAWS(aws, oldest)
			} else {
				fault(fmt.Errorf("--aws: %w", err))
			}
		}
		wait(ctx, awsTime)
	}
}

// awsSide reads the AWS side alone.
func (e *env) awsSide(ctx context.Context, name string, fault func(error)) (*model.AWS, error) {
	in, err := e.open([]string{name})
	if err != nil {
		return nil, err
	}
	defer in.close()
	loaded, err := in.load(ctx, config.Default(), kept{}, &progress{})
	if err != nil {
		return nil, err
	}
	for _, p := range loaded.Problems {
		fault(fmt.Errorf("%s: %s", in.display(p.At.File), p.Message))
	}
	for _, c := range loaded.Clusters {
		if !c.AWS().IsEmpty() {
			return c.AWS(), nil
		}
	}
	return nil, fmt.Errorf("%s holds nothing of AWS", name)
}

// times are those at which the files below a path were written, last and first.
func times(name string) (newest, oldest time.Time, err error) {
	err = filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path) // a ConfigMap is mounted as links
		if err != nil || info.IsDir() {
			return err
		}
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
