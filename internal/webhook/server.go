package webhook

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// maxBody bounds a review, which holds an object twice. The API server takes objects
	// of up to 3 MiB: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
	maxBody = 8 << 20
	// maxTime bounds an answer for which the API server names no time.
	maxTime = 10 * time.Second
)

// Server answers the API server over HTTP, at /validate, /healthz, /readyz and /metrics, and
// with an Auditor at /audit and /sarif.
type Server struct {
	reviewer *Reviewer
	metrics  *Metrics
	mux      *http.ServeMux
	draining atomic.Bool
	// fault is told of what should not happen.
	fault func(error)
	clock func() time.Time
}

// ServerOptions configures NewServer.
type ServerOptions struct {
	Reviewer *Reviewer
	Metrics  *Metrics
	// Auditor may be nil.
	Auditor *Auditor
	// Fault is told of what should not happen, such as a panic.
	Fault func(error)
	Clock func() time.Time
}

// NewServer returns a server that Serve starts.
func NewServer(o ServerOptions) *Server {
	s := &Server{reviewer: o.Reviewer, metrics: o.Metrics, mux: http.NewServeMux(), fault: o.Fault, clock: o.Clock}
	s.mux.HandleFunc("POST /validate", newWorkers().handle(s.validate))
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	s.mux.HandleFunc("GET /readyz", s.ready)
	s.mux.Handle("GET /metrics", s.metrics.Handler())
	if o.Auditor != nil {
		s.mux.HandleFunc("POST /audit", s.audit(o.Auditor))
		s.mux.HandleFunc("GET /sarif", o.Auditor.serveSARIF)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Serve answers over TLS until the context is done. Then it says that it is not ready,
// goes on for as long as it takes until no more requests come, and ends.
func (s *Server) Serve(ctx context.Context, l net.Listener, certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error), drain time.Duration) error {
	server := &http.Server{
		Handler: s, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate},
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: log.New(faults(s.fault), "", 0), //nolint:forbidigo // net/http says nowhere else what went wrong
	}
	s.metrics.serve(certificate)
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(l, "", "") }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.Drain()
	timer := time.NewTimer(drain)
	defer timer.Stop()
	<-timer.C
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxTime)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Drain says from now on that no requests should come. Those that come are answered.
func (s *Server) Drain() { s.draining.Store(true) }

// faults hands on what net/http logs, such as handshakes that fail.
type faults func(error)

func (f faults) Write(text []byte) (int, error) {
	f(errors.New(strings.TrimSpace(string(text))))
	return len(text), nil
}

// ready says whether requests may come: the cluster is known, and the process stays.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.draining.Load():
		http.Error(w, "the process is about to end", http.StatusServiceUnavailable)
	case !s.reviewer.Cluster.Ready():
		http.Error(w, "the cluster is not known yet", http.StatusServiceUnavailable)
	default:
		_, _ = io.WriteString(w, "ok\n")
	}
}

// audit asks an auditor, as long as the process stays.
func (s *Server) audit(a *Auditor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			http.Error(w, "the process is about to end", http.StatusServiceUnavailable)
			return
		}
		a.serveAudit(w, r)
	}
}

// httpError is an answer that is none: what the failurePolicy of the webhook says holds.
type httpError struct {
	code int
	error
}

// validate answers an AdmissionReview. Whatever goes wrong is an error of HTTP, after
// which the API server does what the failurePolicy of the webhook says.
func (s *Server) validate(w http.ResponseWriter, r *http.Request) {
	begin := s.clock()
	defer func() {
		if cause := recover(); cause != nil {
			s.fault(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
			s.metrics.failed("panic")
			http.Error(w, "ekslint failed", http.StatusInternalServerError)
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), timeOf(r))
	defer cancel()
	review, err := s.answer(ctx, w, r)
	if err != nil {
		code := http.StatusInternalServerError
		reason := "error"
		if e, ok := errors.AsType[*httpError](err); ok {
			code, reason = e.code, "bad request"
		} else if errors.Is(err, context.DeadlineExceeded) {
			code, reason = http.StatusGatewayTimeout, "timeout"
		}
		s.metrics.failed(reason)
		http.Error(w, err.Error(), code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(review); err != nil {
		s.metrics.failed("connection")
		return
	}
	s.metrics.answered(review.Response, s.clock().Sub(begin))
}

// timeOf is how long the API server waits, a little less so that the answer arrives.
func timeOf(r *http.Request) time.Duration {
	asked, err := time.ParseDuration(r.URL.Query().Get("timeout"))
	if err != nil || asked <= 0 || asked > maxTime {
		return maxTime
	}
	return asked * 9 / 10
}

func (s *Server) answer(ctx context.Context, w http.ResponseWriter, r *http.Request) (*admissionv1.AdmissionReview, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &httpError{http.StatusUnsupportedMediaType, errors.New("want application/json")}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, isLarge := errors.AsType[*http.MaxBytesError](err); isLarge {
			return nil, &httpError{http.StatusRequestEntityTooLarge, fmt.Errorf("a review of more than %d bytes", maxBody)}
		}
		return nil, &httpError{http.StatusBadRequest, err}
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(body, &review); err != nil {
		return nil, &httpError{http.StatusBadRequest, fmt.Errorf("not an AdmissionReview: %w", err)}
	}
	switch {
	case review.APIVersion != admissionv1.SchemeGroupVersion.String() || review.Kind != "AdmissionReview":
		return nil, &httpError{http.StatusBadRequest, fmt.Errorf("want an AdmissionReview of %s, have %s of %q", admissionv1.SchemeGroupVersion, review.Kind, review.APIVersion)}
	case review.Request == nil:
		return nil, &httpError{http.StatusBadRequest, errors.New("the AdmissionReview has no request")}
	case !s.reviewer.Cluster.Ready():
		return nil, &httpError{http.StatusServiceUnavailable, errors.New("the cluster is not known yet")}
	}
	response, err := s.reviewer.Review(ctx, review.Request)
	if err != nil {
		return nil, err
	}
	return &admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: review.APIVersion, Kind: review.Kind}, Response: response,
	}, nil
}
