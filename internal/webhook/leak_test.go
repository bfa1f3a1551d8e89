package webhook_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestMemoryIsFlat: what a cluster was before is not kept.
func TestMemoryIsFlat(t *testing.T) {
	objects := webhook.NewObjects(nil)
	c := webhook.NewCluster(webhook.Options{Clock: time.Now})
	var all []*model.Resource
	for i := range 100 {
		text := strings.ReplaceAll(strings.ReplaceAll(shopNow+"\n---\n"+cutOff, "shop", fmt.Sprintf("ns-%d", i)), "name: alb", fmt.Sprintf("name: alb-%d", i))
		all = append(all, parse(t, objects, text)...)
	}
	replace(t, c, all)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	change := func(from, to int) {
		for i := from; i < to; i++ {
			text := strings.ReplaceAll(cutOff, "shop", fmt.Sprintf("ns-%d", i%100))
			r := parse(t, objects, strings.Replace(text, "a: b", fmt.Sprintf("a: b%d", i), 1))[0]
			c.Apply([]webhook.Change{{Ref: r.Ref, Object: r}})
		}
	}
	change(0, 900)
	before := heap()
	change(900, 10_000)
	after := heap()
	t.Logf("%d kB, then %d kB", before>>10, after>>10)
	if after > 2*before { // numbers that nothing uses any more stay until all is made anew
		t.Errorf("%d kB, and %d kB after 9,100 changes", before>>10, after>>10)
	}
	runtime.KeepAlive(c)
}

// TestRemade: while a cluster is made from nothing, because much changed, it is used and
// changes on.
func TestRemade(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, strings.ReplaceAll(shop, "shop", "ns-0")+"\n---\n"+strings.ReplaceAll(shop, "shop", "ns-1"))
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		bad := parse(t, r.Objects, strings.ReplaceAll(badIngress, "shop", "ns-1"))[0]
		for ctx.Err() == nil {
			if o, err := r.Cluster.Consider(t.Context(), webhook.Change{Ref: bad.Ref, Object: bad}); err != nil || len(o.Harm) == 0 {
				t.Errorf("harm %v, error %v", o.Harm, err)
			}
		}
	})
	last := map[model.Ref]*model.Resource{}
	for i := range 5000 {
		text := strings.ReplaceAll(cutOff, "shop", "ns-0")
		text = strings.Replace(strings.Replace(text, "a: b", fmt.Sprintf("a: b%d", i), 1), "name: deny", fmt.Sprintf("name: deny-%d", i%10), 1)
		object := parse(t, r.Objects, text)[0]
		change := webhook.Change{Ref: object.Ref, Object: object}
		if i%3 == 0 {
			change.Object = nil
		}
		last[change.Ref] = change.Object
		r.Cluster.Apply([]webhook.Change{change})
	}
	cancel()
	group.Wait()
	for ref, want := range last {
		if got := r.Cluster.Snapshot().Get(ref); got != want {
			t.Errorf("%s is %v, want %v", ref, got, want)
		}
	}
	fresh := newReviewer(t, shop)
	replace(t, fresh.Cluster, resourcesOf(r.Cluster.Snapshot()))
	for _, text := range []string{badIngress, lonelyService, strings.Replace(cutOff, "name: deny", "name: deny-1", 1)} {
		text = strings.ReplaceAll(text, "shop", "ns-0")
		for _, op := range []admissionv1.Operation{admissionv1.Create, admissionv1.Delete} {
			want, err := fresh.Review(t.Context(), request(t, op, text))
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Review(t.Context(), request(t, op, text))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-fresh +remade):\n%s", op, err, diff)
			}
		}
	}
}
