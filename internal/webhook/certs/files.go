package certs

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// checkTime is how often files are looked at, at most.
const checkTime = time.Second

// Files serves the certificate that lies in two files, and takes another one over when
// they change. While they do not fit together, as in the middle of a change, it serves
// the one before. It is safe for concurrent use.
type Files struct {
	certificate, key string
	clock            func() time.Time

	mu      sync.Mutex
	checked time.Time
	stamp   [2]time.Time
	current *tls.Certificate
	// failed is why what lies there now is not served.
	failed error
}

// NewFiles reads the files once.
func NewFiles(certificate, key string, clock func() time.Time) (*Files, error) {
	f := &Files{certificate: certificate, key: key, clock: clock}
	f.look()
	if f.current == nil {
		return nil, f.failed
	}
	return f, nil
}

// Certificate is for tls.Config.GetCertificate.
func (f *Files) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clock().Sub(f.checked) >= checkTime {
		f.look()
	}
	return f.current, nil
}

// Err says why what lies in the files is not served; nil when it is.
func (f *Files) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// look reads the files if they changed.
func (f *Files) look() {
	f.checked = f.clock()
	var stamp [2]time.Time
	for i, name := range []string{f.certificate, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			f.failed = fmt.Errorf("certificate: %w", err)
			return
		}
		stamp[i] = info.ModTime()
	}
	if stamp == f.stamp && f.failed == nil {
		return
	}
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		f.failed = fmt.Errorf("certificate %s: %w", f.certificate, err)
		return
	}
	f.current, f.stamp, f.failed = &pair, stamp, nil
}
