package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/ekslint/ekslint/internal/webhook/policyreport"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// auditPause is the least time between two audits that are asked for. Where one takes
	// longer, so long is the pause: they never keep more than half a CPU busy.
	auditPause = 10 * time.Second
	// auditWait bounds how long an answer waits for an audit.
	auditWait = 10 * time.Second
)

// errUnknown is that of a cluster of which nothing is known yet.
var errUnknown = errors.New("the cluster is not known yet")

// Audit looks at the whole cluster as it is now, at one object at a time. The error is for a
// cancelled context, and for a cluster that is not known yet.
func (c *Cluster) Audit(ctx context.Context) (analyzer.Report, *model.Snapshot, error) {
	v := c.current()
	if v == nil {
		return analyzer.Report{}, nil, errUnknown
	}
	report, err := v.seen.analyze(ctx, c.rules, analyzer.View{Jobs: 1})
	return report, v.seen.graph.Snapshot(), err
}

// AuditOptions configures NewAuditor.
type AuditOptions struct {
	Cluster *Cluster
	Metrics *Metrics
	// Interval is the time from one audit to the next, for Lead.
	Interval time.Duration
	// Reports writes what Lead finds; it may be nil.
	Reports *policyreport.Writer
	// SARIF writes a report as /sarif shows it.
	SARIF func(io.Writer, analyzer.Report) error
	// Fault is told of what should not happen, once as long as it stays.
	Fault func(error)
	Clock func() time.Time
}

// Auditor looks at the whole cluster now and then, and when somebody asks. It is safe for
// concurrent use.
type Auditor struct {
	options AuditOptions
	// jobs is where Run finds what to do.
	jobs chan *auditJob
	// asked is where Lead finds what somebody asked for.
	asked chan *auditJob

	mu sync.Mutex
	// running is nil between audits.
	running *auditJob
	// next is when somebody may ask again.
	next time.Time
	// last is what /sarif shows; nil before the first audit.
	last *sarifLog
	// isLed is set while Lead takes what is asked for.
	isLed bool
}

// auditJob is an audit that is asked for. What it found is there when done is closed.
type auditJob struct {
	done  chan struct{}
	found *audit
	err   error
}

// audit is what one look at the cluster found.
type audit struct {
	report   analyzer.Report
	snapshot *model.Snapshot
	at       time.Time
	took     time.Duration
}

// sarifLog is a report as SARIF. It does not hold on to the cluster.
type sarifLog struct {
	at time.Time
	// text is made when it is first asked for.
	text func() ([]byte, error)
}

// NewAuditor returns an auditor that does nothing before Run.
func NewAuditor(o AuditOptions) *Auditor {
	o.Metrics.audits()
	return &Auditor{options: o, jobs: make(chan *auditJob, 1), asked: make(chan *auditJob, 1)}
}

// Run does the audits that are asked for, one at a time, until the context is done.
func (a *Auditor) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			select {
			case job := <-a.jobs:
				job.err = ctx.Err()
				a.finish(job)
			default:
			}
			return
		case job := <-a.jobs:
			job.found, job.err = a.audit(ctx)
			a.finish(job)
		}
	}
}

// begin asks for an audit, or joins the one that runs.
func (a *Auditor) begin() *auditJob {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.join()
}

func (a *Auditor) join() *auditJob {
	if a.running == nil {
		a.running = &auditJob{done: make(chan struct{})}
		a.jobs <- a.running // there is room: it is one at a time
	}
	return a.running
}

// ask is begin for who may not ask too often. Of a job that is nil it says when to come back.
func (a *Auditor) ask() (job *auditJob, later time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running != nil {
		return a.running, 0
	}
	if later = a.next.Sub(a.options.Clock()); later > 0 {
		return nil, later
	}
	job = a.join()
	if a.isLed {
		a.forget()
		a.asked <- job // there is room: nobody else puts something there
	}
	return job, 0
}

// led says whether Lead takes what is asked for.
func (a *Auditor) led(isLed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget()
	a.isLed = isLed
}

// forget takes back what is asked for and not taken.
func (a *Auditor) forget() {
	select {
	case <-a.asked:
	default:
	}
}

func (a *Auditor) audit(ctx context.Context) (*audit, error) {
	begin := a.options.Clock()
	report, snapshot, err := a.options.Cluster.Audit(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return &audit{report: report, snapshot: snapshot, at: begin, took: a.options.Clock().Sub(begin)}, nil
}

func (a *Auditor) sarif(r analyzer.Report, at time.Time) *sarifLog {
	return &sarifLog{at, sync.OnceValues(func() ([]byte, error) {
		var out bytes.Buffer
		err := a.options.SARIF(&out, r)
		return out.Bytes(), err
	})}
}

func (a *Auditor) finish(job *auditJob) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running, a.next = nil, a.options.Clock().Add(auditPause)
	if job.found != nil {
		a.last = a.sarif(job.found.report, job.found.at)
		a.next = a.options.Clock().Add(max(auditPause, job.found.took))
	}
	close(job.done)
}

// Lead audits at once, when the interval has passed, and when somebody asked, and writes
// down what was found, until the context is done. Of all replicas one should lead.
func (a *Auditor) Lead(ctx context.Context) {
	a.led(true)
	defer a.led(false)
	defer a.options.Metrics.unaudited()
	said := ""
	for job := a.begin(); ctx.Err() == nil; {
		said = a.lead(ctx, job, said)
		timer := time.NewTimer(a.options.Interval)
		select {
		case <-ctx.Done():
		case job = <-a.asked:
		case <-timer.C:
			job = a.begin()
		}
		timer.Stop()
	}
}

// lead takes over what an audit finds. What is wrong is said unless it was said before.
func (a *Auditor) lead(ctx context.Context, job *auditJob, said string) string {
	select {
	case <-ctx.Done():
		return said
	case <-job.done:
	}
	err := job.err
	if err == nil {
		a.options.Metrics.audited(job.found)
		if a.options.Reports != nil {
			err = a.options.Reports.Write(ctx, job.found.report, job.found.snapshot)
		}
	}
	switch {
	case ctx.Err() != nil:
		return said
	case err == nil:
		a.options.Metrics.auditDone(a.options.Clock())
		return ""
	case err.Error() != said:
		a.options.Fault(err)
	}
	a.options.Metrics.auditFailed()
	return err.Error()
}

// serveAudit answers POST /audit: it audits, unless that was done a moment ago.
func (a *Auditor) serveAudit(w http.ResponseWriter, r *http.Request) {
	job, later := a.ask()
	if job == nil {
		w.Header().Set("Retry-After", strconv.Itoa(int((later+time.Second-1)/time.Second)))
		http.Error(w, "there was an audit a moment ago", http.StatusTooManyRequests)
		return
	}
	timer := time.NewTimer(auditWait)
	defer timer.Stop()
	select {
	case <-r.Context().Done(): // who asked is gone; the audit goes on
	case <-timer.C:
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "the audit goes on\n")
	case <-job.done:
		if job.err != nil {
			http.Error(w, job.err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(job.found.summary()) // who asked is gone
	}
}

// auditSummary is the answer of /audit.
type auditSummary struct {
	At       time.Time      `json:"at"`
	Seconds  float64        `json:"seconds"`
	Findings map[string]int `json:"findings"`
	Failures int            `json:"failures"`
}

func (f *audit) summary() auditSummary {
	out := auditSummary{At: f.at, Seconds: f.took.Seconds(), Findings: map[string]int{}, Failures: len(f.report.Failures)}
	for _, x := range f.report.Findings {
		out.Findings[x.Severity.String()]++
	}
	return out
}

// serveSARIF answers GET /sarif with what the last audit found.
func (a *Auditor) serveSARIF(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	last := a.last
	a.mu.Unlock()
	if last == nil {
		http.Error(w, "there was no audit yet", http.StatusNotFound)
		return
	}
	text, err := last.text()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/sarif+json")
	http.ServeContent(w, r, "", last.at, bytes.NewReader(text))
}
