package webhook

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ekslint/ekslint/pkg/model"
)

// batchTime is how long changes are gathered before the cluster takes them over: making
// its graph anew costs about the same for one change and for ten.
const batchTime = 20 * time.Millisecond

// Watcher keeps a Cluster as the API server has it.
type Watcher struct {
	cluster *Cluster
	objects *Objects
	client  dynamic.Interface
	kinds   []Kind
	// fault is told of objects that cannot be read, and of kinds that cannot be listed.
	fault func(error)

	mu sync.Mutex
	// waiting are the feeds that have not listed their objects yet.
	waiting map[schema.GroupVersionResource]bool
	// first are the objects of before all have.
	first   map[model.Ref]*model.Resource
	changes []Change
	arrived chan struct{}
}

// Connect returns how to reach the API server: as a kubeconfig says, or as a pod of the
// cluster without one.
func Connect(kubeconfig, userAgent string) (*rest.Config, error) {
	var c *rest.Config
	var err error
	if kubeconfig == "" {
		c, err = rest.InClusterConfig()
	} else {
		c, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c.UserAgent, c.QPS, c.WarningHandler = userAgent, -1, rest.NoWarnings{} // there is one list and one watch a kind
	return c, nil
}

// NewWatcher asks the API server which kinds it has. There is nothing to see until Run.
func NewWatcher(cluster *Cluster, objects *Objects, api *rest.Config, fault func(error)) (*Watcher, error) {
	asks, err := discovery.NewDiscoveryClientForConfig(api)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	client, err := dynamic.NewForConfig(api)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	kinds, err := objects.served(asks)
	if err != nil {
		return nil, err
	}
	return &Watcher{
		cluster: cluster, objects: objects, client: client, kinds: kinds, fault: fault,
		waiting: map[schema.GroupVersionResource]bool{}, first: map[model.Ref]*model.Resource{}, arrived: make(chan struct{}, 1),
	}, nil
}

// Kinds are those that are watched.
func (w *Watcher) Kinds() []Kind { return w.kinds }

// Kind is a kind that the API server serves and that a rule looks at.
type Kind struct {
	schema.GroupVersionResource
	Kind         string
	IsNamespaced bool
}

// served returns the kinds of an API server that are looked at, sorted. Of several
// versions it is the one that the server prefers, if that can be read.
func (o *Objects) served(server discovery.DiscoveryInterface) ([]Kind, error) {
	groups, lists, err := server.ServerGroupsAndResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("which kinds there are: %w", err)
	}
	preferred := map[string]string{}
	for _, g := range groups {
		preferred[g.Name] = g.PreferredVersion.GroupVersion
	}
	found := map[schema.GroupKind]Kind{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue
		}
		for _, r := range list.APIResources {
			gk := schema.GroupKind{Group: gv.Group, Kind: r.Kind}
			_, known := found[gk]
			canWatch := slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "watch")
			if canWatch && o.reader.Keeps(list.GroupVersion, r.Kind) && (!known || preferred[gv.Group] == list.GroupVersion) {
				found[gk] = Kind{gv.WithResource(r.Name), r.Kind, r.Namespaced}
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Kind) int {
		return slices.Compare([]string{a.Group, a.Resource}, []string{b.Group, b.Resource})
	}), nil
}

// Run watches until the context is done. The cluster is known when all objects have been
// listed once.
func (w *Watcher) Run(ctx context.Context) {
	for _, k := range w.kinds {
		w.waiting[k.GroupVersionResource] = true
	}
	var group sync.WaitGroup
	for _, k := range w.kinds {
		group.Go(func() { w.feed(k).Run(ctx.Done()) })
	}
	group.Go(func() { w.apply(ctx) })
	group.Wait()
}

func (w *Watcher) feed(k Kind) *cache.Reflector {
	lister := w.client.Resource(k.GroupVersionResource)
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return lister.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return lister.Watch(ctx, o)
		},
	}
	expected := &unstructured.Unstructured{}
	expected.SetGroupVersionKind(k.GroupVersion().WithKind(k.Kind))
	return cache.NewReflectorWithOptions(source, expected, &feed{watcher: w, kind: k, known: map[model.Ref]bool{}}, cache.ReflectorOptions{
		Name: k.String(), TypeDescription: k.Kind,
	})
}

// feed takes the objects of one kind. It implements cache.ReflectorStore, which is
// called by one goroutine.
type feed struct {
	watcher *Watcher
	kind    Kind
	known   map[model.Ref]bool
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
	f.watcher.take(changes...)
	f.watcher.listed(f.kind.GroupVersionResource)
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

// take keeps changes until the cluster takes them over.
func (w *Watcher) take(changes ...Change) {
	w.mu.Lock()
	w.changes = append(w.changes, changes...)
	w.mu.Unlock()
	w.wake()
}

func (w *Watcher) wake() {
	select {
	case w.arrived <- struct{}{}:
	default:
	}
}

// listed notes that a kind has listed its objects.
func (w *Watcher) listed(of schema.GroupVersionResource) {
	w.mu.Lock()
	delete(w.waiting, of)
	w.mu.Unlock()
	w.wake()
}

// apply hands changes to the cluster, in batches.
func (w *Watcher) apply(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.arrived:
		}
		timer := time.NewTimer(batchTime)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		w.mu.Lock()
		changes, isWaiting := w.changes, len(w.waiting) > 0
		w.changes = nil
		w.mu.Unlock()
		w.hand(ctx, changes, isWaiting)
	}
}

func (w *Watcher) hand(ctx context.Context, changes []Change, isWaiting bool) {
	if w.first == nil {
		if len(changes) > 0 {
			w.cluster.Apply(changes)
		}
		return
	}
	for _, c := range changes {
		if w.first[c.Ref] = c.Object; c.Object == nil {
			delete(w.first, c.Ref)
		}
	}
	if !isWaiting {
		if err := w.cluster.Replace(ctx, "live", slices.Collect(maps.Values(w.first))); err != nil {
			return // the process ends
		}
		w.first = nil
	}
}
