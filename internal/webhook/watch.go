package webhook

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// batchTime is how long changes are gathered before the cluster takes them over: making
	// its graph anew costs about the same for one change and for ten.
	batchTime = 20 * time.Millisecond
	// discoverTime is how long a kind may be there before it is watched.
	discoverTime = 30 * time.Second
)

// Watcher keeps a Cluster as the API server has it.
type Watcher struct {
	cluster *Cluster
	objects *Objects
	server  discovery.DiscoveryInterface
	client  dynamic.Interface
	kinds   []Kind
	// fault is told of objects that cannot be read, and of kinds that cannot be listed.
	fault func(error)
	// feeds and said, what was last wrong with the discovery, are Run's alone.
	feeds map[model.GroupKind]*feed
	said  string

	mu sync.Mutex
	// waiting are the kinds of the start that have not listed their objects yet.
	waiting map[model.GroupKind]bool
	// missing are the kinds that cannot be listed and watched.
	missing map[model.GroupKind]bool
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
	w := &Watcher{
		cluster: cluster, objects: objects, server: asks, client: client, kinds: kinds, fault: fault, feeds: map[model.GroupKind]*feed{},
		waiting: map[model.GroupKind]bool{}, missing: map[model.GroupKind]bool{},
		first: map[model.Ref]*model.Resource{}, arrived: make(chan struct{}, 1),
	}
	for _, k := range kinds {
		w.waiting[k.groupKind()] = true
	}
	return w, nil
}

// Kinds are those that are watched from the start.
func (w *Watcher) Kinds() []Kind { return w.kinds }

// Run watches until the context is done. The cluster is known when all objects have been
// listed once, but for kinds that may not be listed. Kinds that come are watched, too.
func (w *Watcher) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { w.apply(ctx) })
	w.turnTo(ctx, w.kinds)
	wait.UntilWithContext(ctx, w.discover, discoverTime)
	for _, f := range w.feeds {
		f.stop()
	}
	group.Wait()
}

// discover asks which kinds there are now.
func (w *Watcher) discover(ctx context.Context) {
	kinds, err := w.objects.served(w.server)
	if w.complain(&w.said, err); err == nil {
		w.turnTo(ctx, kinds)
	}
}

// turnTo watches the kinds that are served, and those no more that are not.
func (w *Watcher) turnTo(ctx context.Context, kinds []Kind) {
	gone := maps.Clone(w.feeds)
	for _, k := range kinds {
		gk := k.groupKind()
		f, ok := w.feeds[gk]
		delete(gone, gk)
		switch {
		case !ok:
			f = &feed{watcher: w, known: map[model.Ref]bool{}}
			w.feeds[gk] = f
		case f.kind == k:
			continue
		default:
			f.stop() // it is of another version now
		}
		f.kind = k
		f.start(ctx)
	}
	for gk, f := range gone {
		if f.isGone(ctx) {
			f.stop()
			f.end()
			delete(w.feeds, gk)
		}
	}
}

// complain tells of an error once, until it is another one.
func (w *Watcher) complain(said *string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != *said {
		w.fault(err)
	}
	*said = text
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

// note says of a kind whether it is missing. Nobody waits for it any more.
func (w *Watcher) note(of model.GroupKind, isMissing bool) {
	w.mu.Lock()
	delete(w.waiting, of)
	if w.missing[of] = true; !isMissing {
		delete(w.missing, of)
	}
	w.mu.Unlock()
	w.wake()
}

func (w *Watcher) misses(kind model.GroupKind) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missing[kind]
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
		missing := slices.SortedFunc(maps.Keys(w.missing), model.GroupKind.Compare)
		w.changes = nil
		w.mu.Unlock()
		w.hand(ctx, changes, missing, isWaiting)
	}
}

func (w *Watcher) hand(ctx context.Context, changes []Change, missing []model.GroupKind, isWaiting bool) {
	if w.first == nil {
		w.cluster.Know(changes, missing)
		return
	}
	for _, c := range changes {
		if w.first[c.Ref] = c.Object; c.Object == nil {
			delete(w.first, c.Ref)
		}
	}
	if !isWaiting {
		w.cluster.Know(nil, missing)
		if err := w.cluster.Replace(ctx, "live", slices.Collect(maps.Values(w.first))); err != nil {
			return // the process ends
		}
		w.first = nil
	}
}
