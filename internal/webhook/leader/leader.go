// Package leader lets one of several replicas do what only one should do: the one that
// holds a Lease.
package leader

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"
)

const (
	// leaseTime is how long a Lease holds that is not renewed.
	leaseTime = 15 * time.Second
	// renewTime is how long a leader tries to renew it. It leads on while it gives it up,
	// which takes as long at most: all of that ends before others may lead.
	renewTime = 6 * time.Second
	// retryTime is the time between two looks at it.
	retryTime = 2 * time.Second
)

// Options names a Lease and who wants it.
type Options struct {
	Namespace, Name string
	// Identity is another one for each replica.
	Identity string
	// Fault is told of what keeps the Lease from being read or written, once as long as it
	// stays.
	Fault func(error)
}

// Run calls lead whenever this replica holds the Lease, and ends its context when it does
// no longer. It returns when the context is done and lead has returned. The Lease is then
// free. The error is for options that do not fit together.
func Run(ctx context.Context, api *rest.Config, o Options, lead func(context.Context)) error {
	client, err := coordinationclient.NewForConfig(api)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	ctx = klog.NewContext(ctx, klog.Logger{}) // what is wrong is said by lock
	l := &lock{fault: o.Fault, said: map[string]string{}, Interface: &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name}, Client: client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: o.Identity},
	}}
	turn := make(chan struct{}, 1) // who leads has it
	for ctx.Err() == nil {
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: l, LeaseDuration: leaseTime, RenewDeadline: renewTime, RetryPeriod: retryTime, ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(ctx context.Context) {
					turn <- struct{}{}
					defer func() { <-turn }()
					lead(ctx)
				},
				OnStoppedLeading: func() {},
			},
		})
		if err != nil {
			return fmt.Errorf("lease: %w", err)
		}
		elector.Run(ctx)
		turn <- struct{}{}
		<-turn
	}
	return nil
}

// lock is a Lease that says what is wrong with it.
type lock struct {
	resourcelock.Interface
	fault func(error)
	// said is what was said of reading it, and of writing it.
	said map[string]string
}

// Get implements resourcelock.Interface.
func (l *lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	l.say(ctx, "read", err)
	return record, raw, err
}

// Create implements resourcelock.Interface.
func (l *lock) Create(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	err := l.Interface.Create(ctx, r)
	l.say(ctx, "write", err)
	return err
}

// Update implements resourcelock.Interface.
func (l *lock) Update(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	err := l.Interface.Update(ctx, r)
	l.say(ctx, "write", err)
	return err
}

// say tells of an error unless it was told before, or means that others are faster.
func (l *lock) say(ctx context.Context, what string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	isExpected := what == "read" && apierrors.IsNotFound(err) || apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) || ctx.Err() != nil
	if text != "" && !isExpected && text != l.said[what] {
		l.fault(fmt.Errorf("%s lease: %w", what, err))
	}
	l.said[what] = text
}
