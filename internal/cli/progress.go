package cli

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long a run may take before it shows a progress bar.
const patience = time.Second

// progress is a bar on standard error for runs that take their time. It shows
// nothing unless standard error is a terminal.
type progress struct {
	mu      sync.Mutex
	enabled bool
	start   time.Time
	env     *env
	bar     *progressbar.ProgressBar
	label   string
}

func (e *env) newProgress() *progress {
	return &progress{enabled: isTerminal(e.stderr), start: time.Now(), env: e}
}

// stage returns a callback that shows how far a stage is.
func (p *progress) stage(label string) func(done, total int) {
	if !p.enabled {
		return nil
	}
	return func(done, total int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if time.Since(p.start) < patience {
			return
		}
		if p.bar == nil || p.label != label {
			p.label = label
			p.bar = progressbar.NewOptions(total,
				progressbar.OptionSetWriter(p.env.stderr),
				progressbar.OptionSetDescription(label),
				progressbar.OptionClearOnFinish(),
				progressbar.OptionThrottle(100*time.Millisecond),
			)
		}
		_ = p.bar.Set(done) // a bar that cannot be drawn is no reason to fail
	}
}

// clear removes the bar.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear() // see stage
	}
}
