package webhook_test

import "testing"

// BenchmarkAudit is what an audit costs in a cluster of 10,000 workloads.
func BenchmarkAudit(b *testing.B) {
	c := benchCluster(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Audit(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
