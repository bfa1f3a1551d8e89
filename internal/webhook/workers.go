package webhook

import (
	"net/http"
	"time"
)

// workers answers requests in goroutines that wait for the next one a while: the rules call
// deeply, and to grow a stack anew for each request takes a twentieth of the time.
type workers struct{ idle chan func() }

// idleTime is how long a worker waits.
const idleTime = 5 * time.Second

func newWorkers() workers { return workers{make(chan func())} }

// handle returns a handler that runs in a worker.
func (w workers) handle(h http.HandlerFunc) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		done := make(chan struct{})
		job := func() {
			defer close(done)
			h(out, r)
		}
		select {
		case w.idle <- job:
		default:
			go w.work(job)
		}
		<-done
	}
}

func (w workers) work(job func()) {
	timer := time.NewTimer(idleTime)
	defer timer.Stop()
	for {
		job()
		timer.Reset(idleTime)
		select {
		case job = <-w.idle:
		case <-timer.C:
			return
		}
	}
}
