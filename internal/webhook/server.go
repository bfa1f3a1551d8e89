package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
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

// Server answers the API server over HTTP.
type Server struct {
	reviewer *Reviewer
	metrics  *Metrics
	// isDraining reports whether the process is about to end.
	isDraining func() bool
	// fault is told of what should not happen.
	fault func(error)
	clock func() time.Time
}

// ServerOptions configures NewServer.
type ServerOptions struct {
	Reviewer *Reviewer
	Metrics  *Metrics
	// IsDraining reports whether the process is about to end, so that no new requests
	// should come.
	IsDraining func() bool
	// Fault is told of what should not happen, such as a panic.
	Fault func(error)
	Clock func() time.Time
}

// NewServer returns the handler of all paths: /validate, /healthz, /readyz and /metrics.
func NewServer(o ServerOptions) http.Handler {
	s := &Server{reviewer: o.Reviewer, metrics: o.Metrics, isDraining: o.IsDraining, fault: o.Fault, clock: o.Clock}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /validate", s.validate)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics.Handler())
	return mux
}

// ready says whether requests may come: the cluster is known, and the process stays.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.isDraining():
		http.Error(w, "the process is about to end", http.StatusServiceUnavailable)
	case !s.reviewer.Cluster.Ready():
		http.Error(w, "the cluster is not known yet", http.StatusServiceUnavailable)
	default:
		_, _ = io.WriteString(w, "ok\n")
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
