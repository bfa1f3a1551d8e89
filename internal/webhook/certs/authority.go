// Package certs makes the certificates of a webhook, and serves those that lie in files.
package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Pair is a certificate and its key, as PEM.
type Pair struct{ Certificate, Key []byte }

// backdate is how long before its making an authority holds: clocks differ, and some are
// set to the time of their place.
const backdate = 24 * time.Hour

// NewAuthority makes the certificate and key of an authority. It holds from when the ones
// before it did, so that nobody whose clock is slow finds it too early.
func NewAuthority(name string, now time.Time, validity time.Duration, before ...*x509.Certificate) (Pair, error) {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-backdate), NotAfter: now.Add(validity),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	for _, b := range before {
		if b.NotBefore.Before(template.NotBefore) {
			template.NotBefore = b.NotBefore
		}
	}
	return issue(template, nil, nil)
}

// Issue makes a certificate for a server of some names and addresses. It holds from when
// the authority does, and no longer.
func (authority Pair) Issue(hosts []string, now time.Time, validity time.Duration) (Pair, error) {
	parent, key, err := authority.parse()
	if err != nil {
		return Pair{}, err
	}
	if len(hosts) == 0 {
		return Pair{}, errors.New("a certificate needs a name")
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: hosts[0]}, NotBefore: parent.NotBefore, NotAfter: now.Add(validity),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if template.NotAfter.After(parent.NotAfter) {
		template.NotAfter = parent.NotAfter
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	return issue(template, parent, key)
}

// issue signs a certificate: by its parent, or by itself without one.
func issue(template, parent *x509.Certificate, signer crypto.Signer) (Pair, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return Pair{}, fmt.Errorf("serial number: %w", err)
	}
	template.SerialNumber = serial
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("key: %w", err)
	}
	if parent == nil {
		parent, signer = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return Pair{}, fmt.Errorf("certificate: %w", err)
	}
	rawKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, fmt.Errorf("key: %w", err)
	}
	return Pair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rawKey}),
	}, nil
}

func (authority Pair) parse() (*x509.Certificate, crypto.Signer, error) {
	pair, err := tls.X509KeyPair(authority.Certificate, authority.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("authority: %w", err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, nil, fmt.Errorf("the key of the authority is %T", pair.PrivateKey)
	}
	return pair.Leaf, signer, nil
}

// Parse reads the first certificate of a PEM.
func Parse(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return certificate, nil
}
