package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/leader"
	"github.com/ekslint/ekslint/internal/webhook/policyreport"
	"github.com/ekslint/ekslint/pkg/analyzer"
)

const (
	// minAuditInterval keeps audits from following one another without a pause.
	minAuditInterval = 10 * time.Second
	// knownTime is how often is asked whether the cluster is known.
	knownTime = time.Second
)

// auditOptions are the flags of webhook about audits, and what the config says in their
// place.
type auditOptions struct {
	interval time.Duration
	reports  bool
	lease    string
}

func (o *auditOptions) register(flags *pflag.FlagSet) {
	flags.DurationVar(&o.interval, "audit-interval", 0, "time from one audit of the whole cluster to the next, such as 10m; 0 is none")
	flags.BoolVar(&o.reports, "audit-reports", false, "write what audits find as PolicyReports")
	flags.StringVar(&o.lease, "audit-lease", "ekslint-webhook-audit", "Lease in --namespace, by which one of the replicas audits")
}

// settle takes what the config says where there is no flag.
func (o *auditOptions) settle(c config.Audit, changed func(flag string) bool) error {
	if !changed("audit-interval") {
		o.interval = c.Interval.Duration
	}
	if !changed("audit-reports") {
		o.reports = c.Reports
	}
	switch {
	case o.interval == 0 && changed("audit-reports") && o.reports:
		return usagef("--audit-reports needs --audit-interval")
	case o.interval != 0 && o.interval < minAuditInterval:
		return usagef("--audit-interval: want at least %s, have %s", minAuditInterval, o.interval)
	}
	return nil
}

// open returns who audits a cluster, and what does so until its context is done; nil where
// nobody does.
func (o *auditOptions) open(api *rest.Config, namespace string, cluster *webhook.Cluster, metrics *webhook.Metrics, fault func(error)) (
	auditor *webhook.Auditor, audit func(context.Context), err error,
) {
	if o.interval == 0 {
		return nil, func(context.Context) {}, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, fmt.Errorf("audit: %w", err)
	}
	var reports *policyreport.Writer
	if o.reports {
		if reports, err = policyreport.New(api, policyreport.Options{Link: report.RulePage, Clock: time.Now}); err != nil {
			return nil, nil, err
		}
	}
	auditor = webhook.NewAuditor(webhook.AuditOptions{
		Cluster: cluster, Metrics: metrics, Interval: o.interval, Reports: reports, Fault: fault, Clock: time.Now,
		SARIF: func(w io.Writer, r analyzer.Report) error {
			return report.SARIF(w, r, report.Options{Version: version, Run: "audit"})
		},
	})
	lease := leader.Options{Namespace: namespace, Name: o.lease, Identity: host + "_" + string(uuid.NewUUID()), Fault: fault}
	return auditor, func(ctx context.Context) {
		var group sync.WaitGroup
		group.Go(func() { auditor.Run(ctx) })
		for !cluster.Ready() && ctx.Err() == nil {
			wait(ctx, knownTime)
		}
		if err := leader.Run(ctx, api, lease, auditor.Lead); err != nil {
			fault(err)
		}
		group.Wait()
	}, nil
}
