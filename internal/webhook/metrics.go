package webhook

import (
	"crypto/tls"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	admissionv1 "k8s.io/api/admission/v1"
)

// Metrics are what Prometheus reads.
type Metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.HistogramVec
	failures *prometheus.CounterVec
	findings *prometheus.CounterVec
	broken   prometheus.Counter
	audit    auditMetrics
}

// auditMetrics are there where audits are. They show what the replica that leads does.
type auditMetrics struct {
	findings         *prometheus.GaugeVec
	seconds, success prometheus.Gauge
	failures         prometheus.Counter
}

// NewMetrics returns the metrics of one process.
func NewMetrics(cluster *Cluster) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ekslint_webhook_answer_seconds", Help: "Time from the request to the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3},
		}, []string{"allowed"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ekslint_webhook_failures_total", Help: "Requests without an answer, after which the failurePolicy holds.",
		}, []string{"reason"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ekslint_webhook_findings_total", Help: "Harm that changes would have brought, and what became of it.",
		}, []string{"rule", "mode"}),
		broken: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ekslint_webhook_rule_failures_total", Help: "Rules that broke on a change.",
		}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.answers, m.failures, m.findings, m.broken,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ekslint_webhook_objects", Help: "Objects of the cluster that are known."}, func() float64 {
			if s := cluster.Snapshot(); s != nil {
				return float64(s.Len())
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ekslint_webhook_ready", Help: "1 when the cluster is known."}, func() float64 {
			if cluster.Ready() {
				return 1
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ekslint_webhook_kinds_missing", Help: "Kinds that cannot be listed and watched."}, func() float64 {
			return float64(cluster.Missing())
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ekslint_webhook_aws_age_seconds", Help: "Age of the AWS side; -1 without one, or when it is not known."}, func() float64 {
			if d, ok := cluster.AWSAge(); ok {
				return d.Seconds()
			}
			return -1
		}),
	)
	return m
}

// serve shows until when a certificate holds.
func (m *Metrics) serve(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ekslint_webhook_certificate_expiry_seconds", Help: "Unix time at which the certificate that is served ends.",
	}, func() float64 {
		c, err := certificate(&tls.ClientHelloInfo{})
		if err != nil {
			return 0
		}
		return float64(c.Leaf.NotAfter.Unix())
	}))
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Observe counts what became of harm.
func (m *Metrics) Observe(a Answer) {
	for i, h := range a.Harm {
		m.findings.WithLabelValues(h.RuleID, a.Modes[i].String()).Inc()
	}
	m.broken.Add(float64(a.Failures))
}

func (m *Metrics) answered(r *admissionv1.AdmissionResponse, took time.Duration) {
	allowed := "false"
	if r.Allowed {
		allowed = "true"
	}
	m.answers.WithLabelValues(allowed).Observe(took.Seconds())
}

func (m *Metrics) failed(reason string) { m.failures.WithLabelValues(reason).Inc() }

// audits shows what becomes of audits.
func (m *Metrics) audits() {
	m.audit = auditMetrics{
		findings: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ekslint_audit_findings", Help: "What the last audit found. The replica that leads has them.",
		}, []string{"rule", "severity"}),
		seconds: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ekslint_audit_seconds", Help: "How long the last audit took."}),
		success: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ekslint_audit_last_success_timestamp_seconds", Help: "Unix time at which an audit was last done and written down; 0 before that.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ekslint_audit_failures_total", Help: "Audits that were not done, or not written down.",
		}),
	}
	m.registry.MustRegister(m.audit.findings, m.audit.seconds, m.audit.success, m.audit.failures)
}

func (m *Metrics) audited(found *audit) {
	m.audit.seconds.Set(found.took.Seconds())
	m.audit.findings.Reset()
	for _, f := range found.report.Findings {
		m.audit.findings.WithLabelValues(f.RuleID, f.Severity.String()).Inc()
	}
}

// unaudited forgets what was found: another replica shows it.
func (m *Metrics) unaudited() { m.audit.findings.Reset() }

func (m *Metrics) auditDone(now time.Time) { m.audit.success.Set(float64(now.Unix())) }

func (m *Metrics) auditFailed() { m.audit.failures.Inc() }
