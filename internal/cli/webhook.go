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
	audit              auditOptions
	changed            func(flag string) bool
}

// check refuses flags that do not go together.
func (o *webhookOptions) check() error {
	if err := o.certificate.check(o.changed); err != nil {
		return err
	}
	return o.aws.check()
}

// findNamespace finds the namespace of what is read and written, if anything is.
func (o *webhookOptions) findNamespace() error {
	flag := ""
	switch {
	case o.certificate.bootstrap:
		flag = "--bootstrap-certs"
	case o.aws.configMap != "":
		flag = "--aws-configmap"
	case o.audit.interval != 0:
		flag = "--audit-interval"
	case o.changed("namespace"):
		return usagef("--namespace needs --bootstrap-certs, --aws-configmap or --audit-interval")
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
			"The label " + webhook.ModeLabel + " of a namespace replaces the mode: off, audit, warn or enforce. Of that and the\n" +
			"mode of a rule the lower one counts. An object with the annotation " + webhook.BreakGlass + ": REASON passes with a warning.\n\n" +
			"It serves /validate, /healthz, /readyz and /metrics over TLS, and takes a changed certificate over.\n" +
			"With --bootstrap-certs it makes the certificate and renews it: its replicas share it by a Secret, and\n" +
			"have the API server trust it by the caBundle of the webhook configuration.\n\n" +
			"With --audit-interval one of the replicas looks at the whole cluster now and then. What it finds is in\n" +
			"the metrics, at /sarif, and with --audit-reports in PolicyReports. A POST to /audit asks for an audit.\n\n" +
			"Exit codes: 0 ended by a signal, 2 wrong usage or config, 4 ekslint itself failed.",
		Example: "  ekslint webhook --bootstrap-certs --config ekslint.yaml\n" +
			"  ekslint webhook --bootstrap-certs --aws-configmap ekslint-aws\n" +
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
	flags.StringVar(&o.namespace, "namespace", "", "namespace of --service, --secret, --aws-configmap and --audit-lease (default: that of the pod)")
	o.certificate.register(flags)
	flags.StringVar(&o.mode, "mode", d.Mode, "what becomes of harm: off, audit, warn or enforce")
	o.aws.register(flags, d.AWSMaxAge.Duration)
	o.audit.register(flags)
	flags.DurationVar(&o.drain, "drain", 5*time.Second, "time between a signal to end and the last request that is taken")
	return cmd
}

// startingPercent is how much garbage there may be for what lives, until the cluster is
// known: all its objects are read at once, and the peak of memory is there.
const startingPercent = 50

// collect has the garbage collector spare memory at the start, unless its user says how it
// works.
func collect(ctx context.Context, cluster *webhook.Cluster) {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(startingPercent)
	for !cluster.Ready() && ctx.Err() == nil {
		wait(ctx, time.Second)
	}
	debug.FreeOSMemory()
	debug.SetGCPercent(usual)
}

// webhook runs until a signal.
func (e *env) webhook(ctx context.Context, o *webhookOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	reviewer, err := e.reviewer(o)
	if err != nil {
		return err
	}
	if err := o.findNamespace(); err != nil {
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
	metrics := webhook.NewMetrics(reviewer.Cluster)
	reviewer.Observe = metrics.Observe
	auditor, audit, err := o.audit.open(api, o.namespace, reviewer.Cluster, metrics, fault)
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
	if aws != nil {
		go followAWS(watching, aws, reviewer.Cluster, fault)
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
		cfg.Webhook.AWSMaxAge.Duration = o.aws.maxAge
	}
	if err := o.audit.settle(cfg.Webhook.Audit, o.changed); err != nil {
		return nil, err
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
