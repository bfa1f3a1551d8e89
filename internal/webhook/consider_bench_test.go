package webhook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/loader"
)

// BenchmarkConsider is what one change costs in a cluster of 10,000 workloads, by what it
// is: the answer to it, and taking it over.
func BenchmarkConsider(b *testing.B) { considerChanges(b, benchCluster(b)) }

// BenchmarkConsiderAWS is the same with an AWS side of 500 security groups and 200 subnets.
func BenchmarkConsiderAWS(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".cache", "bench", "account.json"))
	if err != nil {
		b.Skipf("no account: make bench generates it: %v", err)
	}
	account := fstest.MapFS{"account.json": {Data: text}}
	loaded, err := loader.Load(b.Context(), account, loader.Options{Paths: []string{"."}})
	if err != nil {
		b.Fatal(err)
	}
	c := benchCluster(b)
	c.SetAWS(loaded.Clusters[0].AWS(), time.Now())
	considerChanges(b, c)
}

func considerChanges(b *testing.B, c *webhook.Cluster) {
	b.Helper()
	objects := webhook.NewObjects(nil)
	for name, text := range map[string]string{
		"ingress": badIngress, "service": lonelyService, "policy": cutOff, "workload": strings.Split(shopNow, "\n---\n")[2],
	} {
		change := func(i int) webhook.Change {
			r := parse(b, objects, strings.ReplaceAll(text, "shop", fmt.Sprintf("ns-%04d", i*7%500)))[0]
			return webhook.Change{Ref: r.Ref, Object: r}
		}
		b.Run(name+"/consider", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := c.Consider(b.Context(), change(i)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/apply", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Apply([]webhook.Change{change(i)})
			}
		})
	}
}

// benchCluster is one of 10,000 workloads and 4,000 policies.
func benchCluster(b *testing.B) *webhook.Cluster {
	b.Helper()
	dir := filepath.Join("..", "..", ".cache", "bench", "n500")
	if _, err := os.Stat(dir); err != nil {
		b.Skipf("no cluster at %s: make bench generates it", dir)
	}
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{})
	if err != nil {
		b.Fatal(err)
	}
	loaded, err := loader.Load(b.Context(), os.DirFS(dir), loader.Options{Paths: []string{"."}, Kinds: ruleset.Kinds(checkers)})
	if err != nil {
		b.Fatal(err)
	}
	c := webhook.NewCluster(webhook.Options{Analysis: analyzer.Options{Checkers: checkers}, MaxAge: time.Hour, Clock: time.Now})
	replace(b, c, resourcesOf(loaded.Clusters[0]))
	return c
}

// BenchmarkReviews is what the changes of BenchmarkLoad cost the webhook alone: answers,
// and what was admitted taken over four at a time.
func BenchmarkReviews(b *testing.B) {
	r := newReviewer(b, shop)
	r.Cluster = benchCluster(b)
	b.ReportAllocs()
	var batch []webhook.Change
	for i := 0; b.Loop(); i++ {
		text, space := loadObject(i), fmt.Sprintf("ns-%04d", i*7%500)
		req := request(b, admissionv1.Create, text)
		req.Namespace = space
		if _, err := r.Review(b.Context(), req); err != nil {
			b.Fatal(err)
		}
		object := parse(b, r.Objects, text)[0]
		if batch = append(batch, webhook.Change{Ref: object.Ref, Object: object}); i%4 == 3 {
			r.Cluster.Apply(slices.Concat(batch[:1], batch[2:])) // one of four is refused
			if i%8 == 3 {
				r.Cluster.Apply([]webhook.Change{{Ref: object.Ref}})
			}
			batch = batch[:0]
		}
	}
	b.StopTimer()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-live")
	runtime.KeepAlive(r)
}
