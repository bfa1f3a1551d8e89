package cli

import (
	"context"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer"
)

// webhookOptions are the flags of webhook.
type webhookOptions struct {
	config, kubeconfig string
	listen, namespace  string
	certificate        certificateOptions
	aws                awsOptions
	mode               string
	drain              time.Duration
	changed            func(flag string) bool
}

// check refuses flags that do not go together, and finds the namespace.
func (o *webhookOptions) check() error {
	if err := o.certificate.check(o.changed); err != nil {
		return err
	}
	if err := o.aws.check(); err != nil {
		return err
	}
	flag := ""
	switch {
	case o.certificate.bootstrap:
		flag = "--bootstrap-certs"
	case o.aws.configMap != "":
		flag = "--aws-configmap"
	case o.changed("namespace"):
		return usagef("--namespace needs --bootstrap-certs or --aws-configmap")
	}
	if flag == "" || o.namespace != "" {
		return nil
	}
	text, err := os.ReadFile(namespaceFile)
	if err != nil {
		return usagef("%s needs --namespace outside of a pod: %w", flag, err)
	}
	o.namespace = strings.TrimSpace(string(text))
	return nil
}

// namespaceFile is where a pod finds the name of its namespace:
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

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
			"Exit codes: 0 ended by a signal, 2 wrong usage or config, 4 ekslint itself failed.",
		Example: "  ekslint webhook --bootstrap-certs --config ekslint.yaml\n" +
			"  ekslint webhook --bootstrap-certs --aws-configmap ekslint-aws\n" +
			"  ekslint webhook --cert tls.crt --key tls.key\n" +
			"  ekslint webhook --cert tls.crt --key tls.key --mode warn --config ekslint.yaml\n" +
			"  ekslint webhook --cert tls.crt --key tls.key --aws /aws --aws-max-age 6h",
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
	flags.StringVar(&o.namespace, "namespace", "", "namespace of --service, --secret and --aws-configmap (default: that of the pod)")
	o.certificate.register(flags)
	flags.StringVar(&o.mode, "mode", d.Mode, "what becomes of harm: off, audit, warn or enforce")
	o.aws.register(flags, d.AWSMaxAge.Duration)
	flags.DurationVar(&o.drain, "drain", 5*time.Second, "time between a signal to end and the last request that is taken")
	return cmd
}

// runningPercent trades time for memory: the process stays, most of what an answer
// allocates is garbage at once, and the cluster is all that lives.
const runningPercent = 75

// webhook runs until a signal.
func (e *env) webhook(ctx context.Context, o *webhookOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(runningPercent)
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
	certificate, followCertificate, err := o.certificate.open(ctx, api, o.namespace, fault)
	if err != nil {
		return err
	}
	aws, err := e.awsSource(o, api)
	if err != nil {
		return err
	}
	watcher, err := webhook.NewWatcher(reviewer.Cluster, reviewer.Objects, api, fault)
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
	go followCertificate(watching)
	if aws != nil {
		go followAWS(watching, aws, reviewer.Cluster, fault)
	}
	metrics := webhook.NewMetrics(reviewer.Cluster)
	reviewer.Observe = metrics.Observe
	server := webhook.NewServer(webhook.ServerOptions{Reviewer: reviewer, Metrics: metrics, Fault: fault, Clock: time.Now})
	return server.Serve(ctx, listener, certificate, o.drain)
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
		cfg.Webhook.AWSMaxAge.Duration = o.aws.maxAge
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
