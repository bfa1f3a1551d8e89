package bootstrap

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/internal/webhook/certs"
)

const (
	// serverTime and authorityTime are how long what is made holds. It is renewed when a
	// third is left: an authority is never that old when one of its certificates ends.
	serverTime    = 90 * 24 * time.Hour
	authorityTime = 3 * 365 * 24 * time.Hour
	// maxBefore is how many authorities are trusted beside a new one. By number, not by
	// time: replicas whose clocks differ agree on it.
	maxBefore = 2
)

// Keys of the Secret, beside those that its type names.
const (
	authorityCertificate = "ca.crt"
	authorityKey         = "ca.key"
)

// shared is what the replicas have in common, as the Secret holds it. What is of no use
// is not there: the zero value is that of no Secret.
type shared struct {
	// roots are the authorities to trust, the one that issues first.
	roots []*x509.Certificate
	// authority is the first of roots, with its key.
	authority certs.Pair
	// certificate is server, parsed.
	server      certs.Pair
	certificate *tls.Certificate
}

// read takes what fits together.
func read(data map[string][]byte) shared {
	s := shared{roots: authorities(data[authorityCertificate])}
	if len(s.roots) > 0 {
		pair := certs.Pair{Certificate: encode(s.roots[:1]), Key: data[authorityKey]}
		if _, err := tls.X509KeyPair(pair.Certificate, pair.Key); err == nil {
			s.authority = pair
		}
	}
	server := certs.Pair{Certificate: data[corev1.TLSCertKey], Key: data[corev1.TLSPrivateKeyKey]}
	if c, err := tls.X509KeyPair(server.Certificate, server.Key); err == nil {
		s.server, s.certificate = server, &c
	}
	return s
}

// data is what read takes.
func (s shared) data() map[string][]byte {
	return map[string][]byte{
		authorityCertificate: s.bundle(), authorityKey: s.authority.Key,
		corev1.TLSCertKey: s.server.Certificate, corev1.TLSPrivateKeyKey: s.server.Key,
	}
}

// bundle is what API servers should trust.
func (s shared) bundle() []byte { return encode(s.roots) }

// canIssue reports whether there is an authority that holds now.
func (s shared) canIssue(now time.Time) bool {
	return s.authority.Key != nil && !now.Before(s.roots[0].NotBefore) && now.Before(s.roots[0].NotAfter)
}

// trusts reports whether an API server that has the bundle takes a certificate now.
func (s shared) trusts(c *tls.Certificate, host string, now time.Time) bool {
	if c == nil {
		return false
	}
	roots := x509.NewCertPool()
	for _, r := range s.roots {
		roots.AddCert(r)
	}
	_, err := c.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now})
	return err == nil
}

// renewed is what the Secret should hold instead. A new authority is trusted at first. It
// issues the next certificate, when isKnown says so of the bundle or there is nothing else
// to serve.
func (s shared) renewed(host string, now time.Time, isKnown func(bundle []byte) bool) (shared, error) {
	if !s.canIssue(now) || isDue(s.roots[0], authorityTime, now) {
		pair, err := certs.NewAuthority("ekslint webhook", now, authorityTime, s.roots...)
		if err != nil {
			return s, err
		}
		s.authority = pair
		s.roots = slices.Concat(authorities(pair.Certificate), s.roots[:min(maxBefore, len(s.roots))])
	}
	if s.trusts(s.certificate, host, now) && (!isDue(s.certificate.Leaf, serverTime, now) || !isKnown(s.bundle())) {
		return s, nil
	}
	pair, err := s.authority.Issue([]string{host}, now, serverTime)
	if err != nil {
		return s, err
	}
	c, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	s.server, s.certificate = pair, &c
	return s, err
}

func isDue(c *x509.Certificate, validity time.Duration, now time.Time) bool {
	return c.NotAfter.Sub(now) < validity/3
}

// authorities are those of a PEM, without what is none.
func authorities(text []byte) []*x509.Certificate {
	var out []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && c.IsCA {
			out = append(out, c)
		}
	}
	return out
}

func encode(list []*x509.Certificate) []byte {
	var out bytes.Buffer
	for _, c := range list {
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a buffer takes all
	}
	return out.Bytes()
}

// union is the first list with what the second has besides.
func union(a, b []*x509.Certificate) []*x509.Certificate {
	out := slices.Clone(a)
	for _, c := range b {
		if !slices.ContainsFunc(out, c.Equal) {
			out = append(out, c)
		}
	}
	return out
}
