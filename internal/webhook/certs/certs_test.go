package certs_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ekslint/ekslint/internal/webhook/certs"
)

func now() time.Time { return time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC) }

func authority(t *testing.T) certs.Pair {
	t.Helper()
	a, err := certs.NewAuthority("ekslint", now(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a certs.Pair, hosts ...string) certs.Pair {
	t.Helper()
	p, err := a.Issue(hosts, now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestIssue: what an authority issues is trusted for its names, in its time, by those
// who trust the authority.
func TestIssue(t *testing.T) {
	t.Parallel()
	a, other := authority(t), authority(t)
	certificate, err := certs.Parse(issue(t, a, "ekslint.ekslint.svc", "127.0.0.1").Certificate)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		by   certs.Pair
		host string
		at   time.Time
		ok   bool
	}{
		"its name":             {a, "ekslint.ekslint.svc", now(), true},
		"its address":          {a, "127.0.0.1", now(), true},
		"a clock that is slow": {a, "127.0.0.1", now().Add(-23 * time.Hour), true},
		"too early":            {a, "127.0.0.1", now().Add(-25 * time.Hour), false},
		"another name":         {a, "ekslint.other.svc", now(), false},
		"another authority":    {other, "127.0.0.1", now(), false},
		"too late":             {a, "127.0.0.1", now().Add(2 * time.Hour), false},
	} {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(c.by.Certificate)
		_, err := certificate.Verify(x509.VerifyOptions{DNSName: c.host, Roots: roots, CurrentTime: c.at})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.Issue(nil, now(), time.Hour); err == nil {
		t.Error("a certificate for nobody")
	}
	if _, err := (certs.Pair{Certificate: a.Certificate}).Issue([]string{"a"}, now(), time.Hour); err == nil {
		t.Error("a certificate without the key of the authority")
	}
}

// TestAuthorityAfter: what follows an authority holds from when that one did, whatever the
// clock says, and what it issues holds as long as it does.
func TestAuthorityAfter(t *testing.T) {
	t.Parallel()
	first, err := certs.Parse(authority(t).Certificate)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ now, from time.Time }{
		"a clock that is right": {now().Add(time.Hour), first.NotBefore},
		"a clock that is fast":  {now().AddDate(10, 0, 0), first.NotBefore},
		"a clock that is slow":  {now().AddDate(-10, 0, 0), now().AddDate(-10, 0, -1)},
	} {
		next, err := certs.NewAuthority("next", c.now, 24*time.Hour, first)
		if err != nil {
			t.Fatal(err)
		}
		issued, err := next.Issue([]string{"a"}, c.now, 48*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for what, p := range map[string]certs.Pair{"authority": next, "certificate": issued} {
			got, err := certs.Parse(p.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			if to := c.now.Add(24 * time.Hour); !got.NotBefore.Equal(c.from) || !got.NotAfter.Equal(to) {
				t.Errorf("%s: the %s holds from %v to %v, want %v to %v", name, what, got.NotBefore, got.NotAfter, c.from, to)
			}
		}
	}
}

// TestFiles: a certificate that lies there anew is served, and one that does not fit its
// key is not.
func TestFiles(t *testing.T) {
	t.Parallel()
	dir, a, at := t.TempDir(), authority(t), now()
	certificate, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	stamp := now()
	write := func(name string, text []byte) {
		t.Helper()
		stamp = stamp.Add(time.Second)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, stamp, stamp); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := certs.NewFiles(certificate, key, now); err == nil {
		t.Error("files that are not there")
	}
	first, second := issue(t, a, "first"), issue(t, a, "second")
	write(certificate, first.Certificate)
	write(key, first.Key)
	files, err := certs.NewFiles(certificate, key, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	serves := func(want string) {
		t.Helper()
		at = at.Add(2 * time.Second)
		c, err := files.Certificate(nil)
		if err != nil || c.Leaf.Subject.CommonName != want {
			t.Errorf("serves %v, %v; want %s", c.Leaf.Subject, err, want)
		}
	}
	serves("first")
	write(certificate, second.Certificate)
	serves("first")
	if files.Err() == nil {
		t.Error("a certificate without its key is no failure")
	}
	write(key, second.Key)
	serves("second")
	if err := files.Err(); err != nil {
		t.Error(err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	serves("second")
}
