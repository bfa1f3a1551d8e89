package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
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

// follow lists and watches as cache.Reflector.Run does, but for what is refused: there it
// waits until it is not.
func (f *feed) follow(ctx context.Context) {
	reflector, unconverted := f.reflector(), 0
	pauses := wait.Backoff{Duration: time.Second, Cap: 30 * time.Second, Steps: 30, Factor: 2, Jitter: 1}
	_ = pauses.DelayWithReset(clock.RealClock{}, 2*time.Minute).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		f.await(ctx)
		err := reflector.ListAndWatchWithContext(ctx)
		if unconverted++; !isUnconverted(err) {
			unconverted = 0
		}
		if unconverted >= mostRefusals {
			f.miss("list", err) // of which one can be listed, and not all
		}
		f.ended(ctx, err)
		return false, nil
	}) // it ends with the context
}

// ended is told why there is nothing to see for a while.
func (f *feed) ended(ctx context.Context, err error) {
	isUsual := apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if ctx.Err() == nil && !isUsual && !isRefused(err) {
		f.watcher.complain(&f.said, err)
	}
}

// isRefused reports whether the API server answers, but does not give the objects: nobody
// gave the right to them, or who converts them to this version is broken.
func isRefused(err error) bool { return apierrors.IsForbidden(err) || isUnconverted(err) }

// isUnconverted recognises what the API server says of conversion webhooks, which has no
// reason of its own:
// https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/conversion/webhook_converter.go
func isUnconverted(err error) bool {
	return err != nil && strings.Contains(err.Error(), "conversion webhook for ")
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
			w, err := objects.Watch(ctx, o)
			if isUnconverted(err) {
				err = apierrors.NewInternalError(err) // who reflects would try again for ever
			}
			return w, err
		},
	}
	expected := &unstructured.Unstructured{}
	expected.SetGroupVersionKind(f.kind.GroupVersion().WithKind(f.kind.Kind))
	return cache.NewReflectorWithOptions(source, expected, f, cache.ReflectorOptions{Name: f.kind.String(), TypeDescription: f.kind.Kind})
}

const (
	// askTime is how often objects are asked for that are refused.
	askTime = 5 * time.Second
	// mostRefusals is how often they are refused before the kind is taken for not known. An
	// API server that has just begun does not know all rights yet.
	mostRefusals = 3
)

// await waits until an object of the kind can be listed, and watched, or the API server does
// not answer.
func (f *feed) await(ctx context.Context) {
	refusals := 0
	_ = wait.PollUntilContextCancel(ctx, askTime, true, func(ctx context.Context) (bool, error) {
		verb, err := f.try(ctx)
		if !isRefused(err) {
			return true, nil
		}
		if refusals++; refusals >= mostRefusals {
			f.miss(verb, err)
		}
		return false, nil
	}) // it ends with the context
}

// try lists an object and watches the kind, and says which of both is not possible. With a
// limit it is read from the storage, and not once that is ready.
func (f *feed) try(ctx context.Context) (verb string, err error) {
	list, err := f.objects().List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return "list", err
	}
	second := int64(1)
	w, err := f.objects().Watch(ctx, metav1.ListOptions{TimeoutSeconds: &second, ResourceVersion: list.GetResourceVersion()})
	if err != nil {
		return "watch", err
	}
	w.Stop()
	return "", nil
}

// miss takes what is of the kind for not known, as an error says that it cannot be listed
// or watched.
func (f *feed) miss(verb string, err error) {
	if f.watcher.misses(f.kind.groupKind()) {
		return // it was said
	}
	if apierrors.IsForbidden(err) {
		err = errors.New("it may not")
	}
	f.watcher.complain(&f.said, fmt.Errorf("cannot %s %s, and what is of this kind is not known until it can: %w", verb, f.kind.GroupResource(), err))
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

// Update implements cache.ReflectorStore. An object that cannot be read any more stays as
// it was until all are listed again.
func (f *feed) Update(object any) error {
	r, err := f.read(object)
	if err == nil && r == nil {
		return f.Delete(object) // it may have been one that rules look at
	}
	if r != nil {
		f.known[r.Ref] = true
		f.watcher.take(Change{Ref: r.Ref, Object: r})
	}
	return nil
}

// Delete implements cache.ReflectorStore.
func (f *feed) Delete(object any) error {
	about, err := meta.Accessor(object)
	if err != nil {
		return nil //nolint:nilerr // it is no object
	}
	gk := f.kind.groupKind()
	ref := model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: about.GetNamespace(), Name: about.GetName()}
	if f.known[ref] {
		delete(f.known, ref)
		f.watcher.take(Change{Ref: ref})
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
		if r, err := f.read(object); err == nil && r != nil {
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

// read turns an object of the API into a resource; nil for one that no rule looks at. Errors
// were told.
func (f *feed) read(object any) (*model.Resource, error) {
	u, ok := object.(*unstructured.Unstructured)
	if !ok {
		return nil, fmt.Errorf("%s: %T is no object", f.kind.Kind, object)
	}
	u.SetManagedFields(nil) // what is not written need not be read
	raw, err := u.MarshalJSON()
	if err == nil {
		var r *model.Resource
		if r, err = f.watcher.objects.Read(raw); err == nil {
			return r, nil
		}
	}
	err = fmt.Errorf("%s %s/%s: %w", f.kind.Kind, u.GetNamespace(), u.GetName(), err)
	f.watcher.fault(err)
	return nil, err
}
