package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	"github.com/ekslint/ekslint/pkg/model"
)

// feed follows the objects of one kind. It implements cache.ReflectorStore, which is
// called by one goroutine.
type feed struct {
	watcher *Watcher
	kind    Kind
	known   map[model.Ref]bool
	// said is what was last wrong with it.
	said string
	// stop ends what start began.
	stop func()
}

// start follows the kind until stop.
func (f *feed) start(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.follow(ctx)
	}()
	f.stop = func() {
		cancel()
		<-done
	}
}

// follow lists and watches as cache.Reflector.Run does, but for what may not be: there
// the right is waited for.
func (f *feed) follow(ctx context.Context) {
	reflector := f.reflector()
	pauses := wait.Backoff{Duration: time.Second, Cap: 30 * time.Second, Steps: 30, Factor: 2, Jitter: 1}
	_ = pauses.DelayWithReset(clock.RealClock{}, 2*time.Minute).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		f.ended(ctx, reflector.ListAndWatchWithContext(ctx))
		return false, nil
	}) // it ends with the context
}

// ended is told why there is nothing to see for a while.
func (f *feed) ended(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil || apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
	case apierrors.IsForbidden(err):
		f.await(ctx)
	default:
		f.watcher.complain(&f.said, err)
	}
}

func (f *feed) objects() dynamic.ResourceInterface {
	return f.watcher.client.Resource(f.kind.GroupVersionResource)
}

func (f *feed) reflector() *cache.Reflector {
	objects := f.objects()
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return objects.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return objects.Watch(ctx, o)
		},
	}
	expected := &unstructured.Unstructured{}
	expected.SetGroupVersionKind(f.kind.GroupVersion().WithKind(f.kind.Kind))
	return cache.NewReflectorWithOptions(source, expected, f, cache.ReflectorOptions{Name: f.kind.String(), TypeDescription: f.kind.Kind})
}

const (
	// askTime is how often a right is asked for that is missing.
	askTime = 5 * time.Second
	// mostRefusals is how often it is refused before the kind is taken for not known. An
	// API server that has just begun does not know all rights yet.
	mostRefusals = 3
)

// await waits until the kind may be listed and watched.
func (f *feed) await(ctx context.Context) {
	refusals := 0
	_ = wait.PollUntilContextCancel(ctx, askTime, true, func(ctx context.Context) (bool, error) {
		verb, err := f.try(ctx)
		if err == nil || !apierrors.IsForbidden(err) {
			refusals = 0
			return err == nil, nil
		}
		if refusals++; refusals >= mostRefusals {
			f.miss(verb)
		}
		return false, nil
	}) // it ends with the context
}

// try lists and watches the kind, and says which of both is not possible.
func (f *feed) try(ctx context.Context) (verb string, err error) {
	if _, err := f.objects().List(ctx, metav1.ListOptions{Limit: 1}); err != nil {
		return "list", err
	}
	second := int64(1)
	w, err := f.objects().Watch(ctx, metav1.ListOptions{TimeoutSeconds: &second})
	if err != nil {
		return "watch", err
	}
	w.Stop()
	return "", nil
}

// miss takes what is of the kind for not known.
func (f *feed) miss(verb string) {
	f.watcher.complain(&f.said, fmt.Errorf("it may not %s %s: what is of this kind is not known until it may", verb, f.kind.GroupResource()))
	f.watcher.note(f.kind.groupKind(), true)
	f.forget()
}

// forget drops the objects of the kind.
func (f *feed) forget() {
	var changes []Change
	for ref := range f.known {
		changes = append(changes, Change{Ref: ref})
	}
	f.known = map[model.Ref]bool{}
	f.watcher.take(changes...)
}

// isGone reports whether the API server does not serve the kind any more. One that has
// just begun may not say yet that it does.
func (f *feed) isGone(ctx context.Context) bool {
	_, err := f.try(ctx)
	return apierrors.IsNotFound(err) || apierrors.IsForbidden(err) && f.watcher.misses(f.kind.groupKind())
}

// end is for a kind that is gone.
func (f *feed) end() {
	f.forget()
	f.watcher.note(f.kind.groupKind(), false)
}

// Add implements cache.ReflectorStore.
func (f *feed) Add(object any) error { return f.Update(object) }

// Update implements cache.ReflectorStore.
func (f *feed) Update(object any) error {
	if r := f.read(object); r != nil {
		f.known[r.Ref] = true
		f.watcher.take(Change{Ref: r.Ref, Object: r})
	}
	return nil
}

// Delete implements cache.ReflectorStore.
func (f *feed) Delete(object any) error {
	if r := f.read(object); r != nil {
		delete(f.known, r.Ref)
		f.watcher.take(Change{Ref: r.Ref})
	}
	return nil
}

// Replace implements cache.ReflectorStore: it is called with all objects there are, at
// first and when a watch could not go on.
func (f *feed) Replace(objects []any, _ string) error {
	gone := f.known
	f.known = map[model.Ref]bool{}
	var changes []Change
	for _, object := range objects {
		if r := f.read(object); r != nil {
			f.known[r.Ref] = true
			delete(gone, r.Ref)
			changes = append(changes, Change{Ref: r.Ref, Object: r})
		}
	}
	for ref := range gone {
		changes = append(changes, Change{Ref: ref})
	}
	f.said = ""
	f.watcher.take(changes...)
	f.watcher.note(f.kind.groupKind(), false)
	return nil
}

// Resync implements cache.ReflectorStore.
func (f *feed) Resync() error { return nil }

// read turns an object of the API into a resource, without what no rule looks at and
// what would fill the memory.
func (f *feed) read(object any) *model.Resource {
	u, ok := object.(*unstructured.Unstructured)
	if !ok {
		return nil
	}
	u.SetManagedFields(nil)
	if annotations := u.GetAnnotations(); annotations["kubectl.kubernetes.io/last-applied-configuration"] != "" {
		delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
		u.SetAnnotations(annotations)
	}
	raw, err := u.MarshalJSON()
	if err != nil {
		f.watcher.fault(fmt.Errorf("%s %s/%s: %w", f.kind.Kind, u.GetNamespace(), u.GetName(), err))
		return nil
	}
	r, err := f.watcher.objects.Read(raw)
	if err != nil {
		f.watcher.fault(fmt.Errorf("%s %s/%s: %w", f.kind.Kind, u.GetNamespace(), u.GetName(), err))
		return nil
	}
	return r
}
