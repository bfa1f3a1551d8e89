// Package bootstrap gives the replicas of a webhook one certificate that the API server
// trusts.
//
// It lies in a Secret, with the authority that issued it. Whoever finds nothing there, or
// nothing of use, or something that is about to end, writes what should be there, if
// nobody else was faster; then all take what is there. Nobody leads. What the API server
// should trust is the caBundle of the webhook configuration, which each replica keeps as
// the Secret has it.
package bootstrap

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	admissionclient "k8s.io/client-go/kubernetes/typed/admissionregistration/v1"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook/certs"
)

const (
	// syncTime bounds a Sync, whatever the API server does.
	syncTime = 30 * time.Second
	// knownTime is how long a caBundle is there until each API server surely goes by it.
	knownTime = 5 * time.Minute
	// maxTries bounds how often others may be faster.
	maxTries = 10
)

// Options names the objects of a Keeper.
type Options struct {
	Namespace string
	// Service is the one that the webhook configuration names, and Secret where the
	// certificates lie; both are in the namespace.
	Service, Secret string
	// Configuration is the ValidatingWebhookConfiguration. Of its webhooks those that name
	// the Service get a caBundle.
	Configuration string
	Clock         func() time.Time
}

// Keeper is one replica. Sync is for one goroutine at a time.
type Keeper struct {
	options        Options
	host           string
	secrets        coreclient.SecretInterface
	configurations admissionclient.ValidatingWebhookConfigurationInterface

	// kept is what the Secret held at last.
	kept shared
	// bundle is what the configuration has since then.
	bundle []byte
	since  time.Time
	// isAsked says whether the configuration has a webhook of the Service.
	isAsked bool
	current atomic.Pointer[tls.Certificate]
}

// New returns a keeper, which has no certificate until Sync.
func New(api *rest.Config, o Options) (*Keeper, error) {
	core, err := coreclient.NewForConfig(api)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	admission, err := admissionclient.NewForConfig(api)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &Keeper{
		options: o, host: o.Service + "." + o.Namespace + ".svc", isAsked: true,
		secrets: core.Secrets(o.Namespace), configurations: admission.ValidatingWebhookConfigurations(),
	}, nil
}

// Certificate is for tls.Config.GetCertificate. It is safe for concurrent use.
func (k *Keeper) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c := k.current.Load(); c != nil {
		return c, nil
	}
	return nil, errors.New("there is no certificate yet")
}

// Sync looks at the Secret and at the webhook configuration once, and mends what is not as
// it should be. Without an error there is a certificate; once there is, it stays whatever
// Sync returns.
func (k *Keeper) Sync(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	var err error
	for range maxTries {
		if err = k.sync(ctx); !isLate(err) {
			return err
		}
	}
	return err
}

// isLate reports whether somebody else was faster.
func isLate(err error) bool { return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) }

// sync is one try. The configuration is read before the Secret: what is written there is
// never older than what somebody else has written meanwhile.
func (k *Keeper) sync(ctx context.Context) error {
	config, fault := k.configuration(ctx)
	secret, err := k.secrets.Get(ctx, k.options.Secret, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return errors.Join(fmt.Errorf("certificate: %w", err), fault)
	}
	have := read(secret.Data)
	want, err := k.next(have, config)
	if err == nil {
		err = k.store(ctx, secret, want)
	}
	if err != nil {
		if want = have; isLate(err) || !have.trusts(have.certificate, k.host, k.options.Clock()) {
			return errors.Join(err, fault)
		}
	}
	k.kept = want
	if config != nil {
		fault = k.trust(ctx, config, want.bundle())
	}
	if c := k.current.Load(); !want.trusts(c, k.host, k.options.Clock()) || k.isKnown(want.bundle()) {
		k.current.Store(want.certificate)
	}
	return errors.Join(err, fault)
}

// configuration is that of the webhook, or nil with the reason.
func (k *Keeper) configuration(ctx context.Context) (*admissionregistrationv1.ValidatingWebhookConfiguration, error) {
	config, err := k.configurations.Get(ctx, k.options.Configuration, metav1.GetOptions{})
	if err != nil {
		k.isAsked = !apierrors.IsNotFound(err)
		return nil, fmt.Errorf("caBundle: %w", err)
	}
	if k.isAsked = len(k.webhooks(config)) > 0; !k.isAsked {
		return nil, fmt.Errorf("caBundle: no webhook of %s names the Service %s/%s", k.options.Configuration, k.options.Namespace, k.options.Service)
	}
	return config, nil
}

// webhooks are those of the Service; there are none without a configuration.
func (k *Keeper) webhooks(config *admissionregistrationv1.ValidatingWebhookConfiguration) []admissionregistrationv1.ValidatingWebhook {
	if config == nil {
		return nil
	}
	var out []admissionregistrationv1.ValidatingWebhook
	for _, w := range config.Webhooks {
		if s := w.ClientConfig.Service; s != nil && s.Name == k.options.Service && s.Namespace == k.options.Namespace {
			out = append(out, w)
		}
	}
	return out
}

// next is what the Secret should hold. An authority that somebody spoilt is put back. One
// that does not hold by this clock is followed by another, which those take to whom it
// does: clocks that differ lead to one authority.
func (k *Keeper) next(have shared, config *admissionregistrationv1.ValidatingWebhookConfiguration) (shared, error) {
	now, want := k.options.Clock(), have
	switch {
	case have.canIssue(now):
	case have.authority.Key == nil && k.kept.canIssue(now):
		want = k.kept
	default: // replicas may serve what is trusted now
		want.authority, want.roots = certs.Pair{}, union(k.trusted(config), have.roots)
	}
	want, err := want.renewed(k.host, now, k.isKnown)
	if c := k.current.Load(); k.kept.trusts(c, k.host, now) && !want.trusts(c, k.host, now) {
		want.roots = union(want.roots, k.kept.roots)
	}
	return want, err
}

// trusted are the authorities that the webhooks of a configuration trust.
func (k *Keeper) trusted(config *admissionregistrationv1.ValidatingWebhookConfiguration) []*x509.Certificate {
	var out []*x509.Certificate
	for _, w := range k.webhooks(config) {
		out = union(out, authorities(w.ClientConfig.CABundle))
	}
	return out
}

// isKnown reports whether each API server goes by a bundle, or none asks.
func (k *Keeper) isKnown(bundle []byte) bool {
	return !k.isAsked || bytes.Equal(k.bundle, bundle) && k.options.Clock().Sub(k.since) >= knownTime
}

// store writes the Secret, which is empty if there was none, unless it holds that already.
// It fails if somebody else wrote it since it was read.
func (k *Keeper) store(ctx context.Context, secret *corev1.Secret, want shared) error {
	data := maps.Clone(secret.Data)
	if data == nil {
		data = map[string][]byte{}
	}
	maps.Copy(data, want.data())
	if maps.EqualFunc(data, secret.Data, bytes.Equal) {
		return nil
	}
	var err error
	if secret.ResourceVersion == "" {
		_, err = k.secrets.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: k.options.Secret, Namespace: k.options.Namespace}, Type: corev1.SecretTypeTLS, Data: data,
		}, metav1.CreateOptions{})
	} else {
		secret.Data = data
		_, err = k.secrets.Update(ctx, secret, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	return nil
}

// trust sees to it that the webhooks have a bundle. It patches, as there may be fields that
// only newer API servers know, and fails if somebody else was faster.
func (k *Keeper) trust(ctx context.Context, config *admissionregistrationv1.ValidatingWebhookConfiguration, bundle []byte) error {
	var webhooks []any
	for _, w := range k.webhooks(config) {
		if !bytes.Equal(w.ClientConfig.CABundle, bundle) {
			webhooks = append(webhooks, map[string]any{"name": w.Name, "clientConfig": map[string]any{"caBundle": bundle}})
		}
	}
	if webhooks != nil {
		k.bundle = nil
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"resourceVersion": config.ResourceVersion}, "webhooks": webhooks})
		if err != nil {
			return fmt.Errorf("caBundle: %w", err)
		}
		if _, err := k.configurations.Patch(ctx, k.options.Configuration, types.StrategicMergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return fmt.Errorf("caBundle: %w", err)
		}
	}
	if !bytes.Equal(k.bundle, bundle) {
		k.bundle, k.since = bundle, k.options.Clock()
	}
	return nil
}
