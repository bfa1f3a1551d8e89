package webhook_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

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
	change(0, 200)
	before := heap()
	change(200, 1000)
	after := heap()
	t.Logf("%d kB, then %d kB", before>>10, after>>10)
	if after > 4*before { // numbers that nothing uses any more stay until all is made anew
		t.Errorf("%d kB, and %d kB after 800 changes", before>>10, after>>10)
	}
	runtime.KeepAlive(c)
}
