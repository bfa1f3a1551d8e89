package leader_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook/kubetest"
	"github.com/ekslint/ekslint/internal/webhook/leader"
)

// replica is one that wants to lead.
type replica struct {
	t     *testing.T
	leads atomic.Bool
	// isCut takes the API server away.
	isCut atomic.Bool
	asked atomic.Int64
	stop  context.CancelFunc
	done  chan struct{}

	mu     sync.Mutex
	faults []string
}

// wrap makes a network that may be cut.
func (r *replica) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		r.asked.Add(1)
		if r.isCut.Load() {
			return nil, errors.New("the network is cut")
		}
		return next.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func start(t *testing.T, config *rest.Config, name string) *replica {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &replica{t: t, stop: stop, done: make(chan struct{})}
	config.WrapTransport = r.wrap
	o := leader.Options{Namespace: "default", Name: "audit", Identity: name, Fault: func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.faults = append(r.faults, err.Error())
	}}
	go func() {
		defer close(r.done)
		if err := leader.Run(ctx, config, o, func(ctx context.Context) {
			r.leads.Store(true)
			defer r.leads.Store(false)
			<-ctx.Done()
		}); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(r.end)
	return r
}

// end stops a replica, which does not lead when it has ended.
func (r *replica) end() {
	r.stop()
	<-r.done
	if r.leads.Load() {
		r.t.Error("it has ended, and leads")
	}
}

func (r *replica) said() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faults
}

// TestRun: one leads at a time. When it ends the other does soon, and when it is cut off it
// does when the Lease is over, and not together with it.
func TestRun(t *testing.T) {
	t.Parallel()
	api := kubetest.Start(t)
	a := start(t, api.Config(), "a")
	kubetest.Until(t, "a leads", a.leads.Load)
	b, c := start(t, api.Config(), "b"), start(t, api.Config(), "c")
	leases := kubernetes.NewForConfigOrDie(api.Config()).CoordinationV1().Leases("default")
	renewed := func() time.Time {
		l, err := leases.Get(t.Context(), "audit", metav1.GetOptions{})
		if err != nil || *l.Spec.HolderIdentity != "a" {
			t.Fatalf("%v of %v", err, l)
		}
		return l.Spec.RenewTime.Time
	}
	first := renewed()
	kubetest.Until(t, "a renews", func() bool { return renewed().After(first) })
	if !a.leads.Load() || b.leads.Load() || c.leads.Load() {
		t.Errorf("a leads: %v, b: %v, c: %v", a.leads.Load(), b.leads.Load(), c.leads.Load())
	}
	begin := time.Now()
	a.end()
	kubetest.Until(t, "b or c leads", func() bool { return b.leads.Load() || c.leads.Load() })
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it takes %v, as if a had crashed", took)
	}
	if c.leads.Load() {
		b, c = c, b
	}
	b.isCut.Store(true)
	kubetest.Until(t, "c leads", func() bool {
		if b.leads.Load() && c.leads.Load() {
			t.Fatal("both lead")
		}
		return c.leads.Load()
	})
	b.isCut.Store(false)
	b.end()
	if said := b.said(); len(said) < 1 || len(said) > 4 || !strings.Contains(said[0], "the network is cut") {
		t.Errorf("it says %q", said)
	}
	if said := append(a.said(), c.said()...); len(said) > 0 {
		t.Errorf("the others say %q", said)
	}
}

// TestForbidden: what is not allowed is said once, and is tried again.
func TestForbidden(t *testing.T) {
	t.Parallel()
	api := kubetest.Start(t)
	config := api.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
	r := start(t, config, "a")
	kubetest.Until(t, "it asks again", func() bool { return r.asked.Load() > 2 })
	if said := r.said(); len(said) != 1 || !strings.Contains(said[0], `read lease: leases.coordination.k8s.io "audit" is forbidden`) || r.leads.Load() {
		t.Errorf("it leads: %v, and says %q", r.leads.Load(), said)
	}
}
