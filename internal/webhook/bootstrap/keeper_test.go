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
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	admissionclient "k8s.io/client-go/kubernetes/typed/admissionregistration/v1"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/ekslint/ekslint/internal/webhook/certs"
)

const host = "hook.ns.svc"

// world is the two objects, as an API server keeps them: who writes has to have read the
// last version.
type world struct {
	t       *testing.T
	now     time.Time
	version int
	secret  *corev1.Secret
	config  *admissionregistrationv1.ValidatingWebhookConfiguration
	// writes are those of the Secret.
	writes int
	// down is what the API server says to all.
	down error
	// afterRead and beforeWrite are what happens once then, to the Secret.
	afterRead, beforeWrite func()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)}
	w.install()
	return w
}

// install makes the configuration, as a chart does.
func (w *world) install() {
	service := func(name string) admissionregistrationv1.WebhookClientConfig {
		return admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{Namespace: "ns", Name: name}}
	}
	w.config = &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "c", ResourceVersion: w.next()}, Webhooks: []admissionregistrationv1.ValidatingWebhook{
		{Name: "a", ClientConfig: service("hook")}, {Name: "b", ClientConfig: service("other")}, {Name: "c", ClientConfig: service("hook")},
	}}
}

func (w *world) next() string {
	w.version++
	return strconv.Itoa(w.version)
}

// replica is one whose clock is wrong by some time.
func (w *world) replica(skew time.Duration) *Keeper {
	return &Keeper{
		options: Options{Namespace: "ns", Service: "hook", Secret: "s", Configuration: "c", Clock: func() time.Time { return w.now.Add(skew) }},
		host:    host, isAsked: true, secrets: secrets{w: w}, configurations: configurations{w: w},
	}
}

func (w *world) sync(replicas ...*Keeper) {
	w.t.Helper()
	for i, k := range replicas {
		if err := k.Sync(w.t.Context()); err != nil {
			w.t.Fatalf("replica %d: %v", i, err)
		}
	}
}

// bundle is what the API server trusts.
func (w *world) bundle() []byte {
	w.t.Helper()
	a, b, c := w.config.Webhooks[0].ClientConfig.CABundle, w.config.Webhooks[1].ClientConfig.CABundle, w.config.Webhooks[2].ClientConfig.CABundle
	if !bytes.Equal(a, c) || b != nil {
		w.t.Fatalf("caBundles of %d, %d and %d bytes: want two that are the same, and none for the other Service", len(a), len(b), len(c))
	}
	return a
}

// trusts reports whether the API server takes what a replica serves, by a bundle.
func (w *world) trusts(bundle []byte, k *Keeper) bool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	_, err := k.current.Load().Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: w.now})
	return err == nil
}

// works fails the test unless the API server takes what all of them serve.
func (w *world) works(when string, replicas ...*Keeper) {
	w.t.Helper()
	for i, k := range replicas {
		if !w.trusts(w.bundle(), k) {
			w.t.Fatalf("%s: what replica %d serves is not trusted", when, i)
		}
	}
}

type secrets struct {
	coreclient.SecretInterface
	w *world
}

func (s secrets) Get(context.Context, string, metav1.GetOptions) (*corev1.Secret, error) {
	switch {
	case s.w.down != nil:
		return &corev1.Secret{}, s.w.down
	case s.w.secret == nil:
		return &corev1.Secret{}, apierrors.NewNotFound(schema.GroupResource{}, "s")
	}
	out := s.w.secret.DeepCopy()
	once(&s.w.afterRead)
	return out, nil
}

func (s secrets) Create(_ context.Context, secret *corev1.Secret, _ metav1.CreateOptions) (*corev1.Secret, error) {
	once(&s.w.beforeWrite)
	if s.w.secret != nil {
		return nil, apierrors.NewAlreadyExists(schema.GroupResource{}, "s")
	}
	return nil, s.w.write(secret)
}

func (s secrets) Update(_ context.Context, secret *corev1.Secret, _ metav1.UpdateOptions) (*corev1.Secret, error) {
	once(&s.w.beforeWrite)
	if isLocked := secret.ResourceVersion != ""; s.w.secret == nil || isLocked && s.w.secret.ResourceVersion != secret.ResourceVersion {
		return nil, apierrors.NewConflict(schema.GroupResource{}, "s", errors.New("changed"))
	}
	return nil, s.w.write(secret)
}

func once(hook *func()) {
	if do := *hook; do != nil {
		*hook = nil
		do()
	}
}

func (w *world) write(secret *corev1.Secret) error {
	if w.down != nil {
		return w.down
	}
	w.secret = secret.DeepCopy()
	w.secret.ResourceVersion = w.next()
	w.writes++
	return nil
}

type configurations struct {
	admissionclient.ValidatingWebhookConfigurationInterface
	w *world
}

func (c configurations) Get(context.Context, string, metav1.GetOptions) (*admissionregistrationv1.ValidatingWebhookConfiguration, error) {
	switch {
	case c.w.down != nil:
		return nil, c.w.down
	case c.w.config == nil:
		return nil, apierrors.NewNotFound(schema.GroupResource{}, "c")
	}
	return c.w.config.DeepCopy(), nil
}

func (c configurations) Patch(_ context.Context, _ string, _ types.PatchType, patch []byte, _ metav1.PatchOptions, _ ...string) (*admissionregistrationv1.ValidatingWebhookConfiguration, error) {
	old, err := json.Marshal(c.w.config)
	if err != nil {
		return nil, err
	}
	text, err := strategicpatch.StrategicMergePatch(old, patch, c.w.config)
	if err != nil {
		return nil, err
	}
	config := &admissionregistrationv1.ValidatingWebhookConfiguration{}
	if err := json.Unmarshal(text, config); err != nil {
		return nil, err
	}
	if config.ResourceVersion != c.w.config.ResourceVersion {
		return nil, apierrors.NewConflict(schema.GroupResource{}, "c", errors.New("changed"))
	}
	config.ResourceVersion = c.w.next()
	c.w.config = config
	return config, nil
}

// TestYears: while replicas come and go over many years, no API server sees a certificate
// that it does not trust, even if it goes by the caBundle of days ago.
func TestYears(t *testing.T) {
	t.Parallel()
	w, random := newWorld(t), rand.New(rand.NewPCG(1, 2))
	replicas := []*Keeper{w.replica(0), w.replica(time.Hour), w.replica(-time.Hour)}
	w.sync(replicas...)
	w.works("at first", replicas...)
	seen := map[string]map[string]bool{"authorities": {}, "certificates": {}}
	const step = 4 * 24 * time.Hour
	for range 7 * 365 * 24 * time.Hour / step {
		w.now = w.now.Add(step)
		before := w.bundle()
		for _, n := range random.Perm(len(replicas)) {
			if random.IntN(50) == 0 {
				replicas[n] = w.replica(time.Duration(random.IntN(120)-60) * time.Minute)
			}
			w.sync(replicas[n])
			w.works(w.now.String(), replicas[n])
			if !w.trusts(before, replicas[n]) {
				t.Fatalf("%v: what a replica serves is trusted since a moment ago only", w.now)
			}
		}
		w.works(w.now.String(), replicas...)
		seen["authorities"][string(w.secret.Data[authorityKey])] = true
		seen["certificates"][string(w.secret.Data[corev1.TLSPrivateKeyKey])] = true
		if n := len(authorities(w.bundle())); n > 1+maxBefore {
			t.Fatalf("%v: %d authorities are trusted", w.now, n)
		}
	}
	// An authority serves two years, and a certificate sixty days.
	if a, c := len(seen["authorities"]), len(seen["certificates"]); a != 4 || c < 38 || c > 44 || w.writes > a+c {
		t.Errorf("%d authorities and %d certificates in seven years, by %d writes", a, c, w.writes)
	}
}

// TestClocks: replicas do not fight, however wrong their clocks are. What they serve is
// trusted, unless the first clock is a day ahead, or one is so slow that what it makes is
// over.
func TestClocks(t *testing.T) {
	t.Parallel()
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	skews := []time.Duration{0, time.Hour, -time.Hour, 2 * day, 61 * day, -61 * day, 100 * day, 2*year + day, 20 * year, -20 * year}
	for _, a := range skews {
		for _, b := range skews {
			t.Run(fmt.Sprint(a, b), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				replicas := []*Keeper{w.replica(a), w.replica(b), w.replica(0)}
				last, rounds := 0, 16
				for round := range rounds {
					before := w.writes
					w.sync(replicas...)
					if w.writes > before {
						last = round
					}
					if a < day && min(a, b) > -serverTime {
						w.works(fmt.Sprint("round ", round), replicas...)
					}
					w.now = w.now.Add(time.Minute)
				}
				if last > rounds/2 {
					t.Errorf("the Secret is still written after %d rounds, %d times", last, w.writes)
				}
				for i, k := range replicas {
					if !bytes.Equal(k.current.Load().Certificate[0], replicas[0].current.Load().Certificate[0]) {
						t.Errorf("replica %d serves another certificate", i)
					}
				}
			})
		}
	}
}

// TestSpoilt: whatever somebody makes of the Secret, it is mended, and what is served is
// trusted: by those who knew what it held, and by those who come anew.
func TestSpoilt(t *testing.T) {
	t.Parallel()
	foreign := func(t *testing.T, host string, now time.Time) map[string][]byte {
		t.Helper()
		a, err := certs.NewAuthority("foreign", now, authorityTime)
		if err != nil {
			t.Fatal(err)
		}
		p, err := a.Issue([]string{host}, now, serverTime)
		if err != nil {
			t.Fatal(err)
		}
		return map[string][]byte{"ca.crt": a.Certificate, "ca.key": a.Key, "tls.crt": p.Certificate, "tls.key": p.Key}
	}
	// Who knows nothing cannot know that these are not what all others have.
	isGood := map[string]bool{"another, all of it": true, "for another host": true}
	for name, spoil := range map[string]func(t *testing.T, w *world){
		"gone":                  func(_ *testing.T, w *world) { w.secret = nil },
		"empty":                 func(_ *testing.T, w *world) { w.secret.Data = nil },
		"no certificate":        func(_ *testing.T, w *world) { delete(w.secret.Data, "tls.crt") },
		"no key":                func(_ *testing.T, w *world) { delete(w.secret.Data, "tls.key") },
		"no authority":          func(_ *testing.T, w *world) { delete(w.secret.Data, "ca.crt") },
		"no key of it":          func(_ *testing.T, w *world) { delete(w.secret.Data, "ca.key") },
		"no PEM":                func(_ *testing.T, w *world) { w.secret.Data["tls.crt"] = []byte("tls.crt") },
		"a foreign certificate": func(t *testing.T, w *world) { w.secret.Data["tls.crt"] = foreign(t, host, w.now)["tls.crt"] },
		"a foreign pair": func(t *testing.T, w *world) {
			f := foreign(t, host, w.now)
			w.secret.Data["tls.crt"], w.secret.Data["tls.key"] = f["tls.crt"], f["tls.key"]
		},
		"a foreign authority": func(t *testing.T, w *world) { w.secret.Data["ca.crt"] = foreign(t, host, w.now)["ca.crt"] },
		"another, all of it":  func(t *testing.T, w *world) { w.secret.Data = foreign(t, host, w.now) },
		"for another host":    func(t *testing.T, w *world) { w.secret.Data = foreign(t, "other.ns.svc", w.now) },
		"one that is over":    func(t *testing.T, w *world) { w.secret.Data = foreign(t, host, w.now.AddDate(-4, 0, 0)) },
		"one before its time": func(t *testing.T, w *world) { w.secret.Data = foreign(t, host, w.now.AddDate(4, 0, 0)) },
		"a server as authority": func(_ *testing.T, w *world) {
			w.secret.Data["ca.crt"], w.secret.Data["ca.key"] = w.secret.Data["tls.crt"], w.secret.Data["tls.key"]
		},
		"of another type, empty": func(_ *testing.T, w *world) { w.secret.Data, w.secret.Type = nil, corev1.SecretTypeOpaque },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, first := range []int{0, 1, 2} {
				if first == 2 && isGood[name] {
					continue
				}
				w := newWorld(t)
				replicas := []*Keeper{w.replica(0), w.replica(0)}
				w.sync(replicas...)
				w.now = w.now.Add(time.Hour)
				w.sync(replicas...)
				spoil(t, w)
				hasMore := w.secret != nil && w.secret.Data != nil
				if w.secret != nil {
					w.secret.ResourceVersion = w.next()
				}
				if hasMore {
					w.secret.Data["more"] = []byte("stays")
				}
				replicas = append(replicas, w.replica(0)) // which knows nothing
				replicas[0], replicas[first] = replicas[first], replicas[0]
				before := w.bundle()
				for i, k := range replicas {
					isNew := k.current.Load() == nil
					w.sync(k)
					w.works("once one has seen it", replicas[:i+1]...)
					for _, other := range replicas {
						if other.current.Load() != nil && !w.trusts(w.bundle(), other) {
							t.Fatal("what replicas serve that have not seen it is not trusted any more")
						}
					}
					if !isNew && !w.trusts(before, k) {
						t.Fatal("what a replica serves is trusted since a moment ago only")
					}
				}
				if s := read(w.secret.Data); !s.canIssue(w.now) || !s.trusts(s.certificate, host, w.now) {
					t.Error("the Secret is not mended")
				}
				if hasMore && string(w.secret.Data["more"]) != "stays" {
					t.Error("what else it holds is lost")
				}
				w.now = w.now.Add(time.Hour)
				w.sync(replicas...)
				w.works("an hour later", replicas...)
				writes := w.writes
				w.sync(replicas...)
				if w.writes != writes {
					t.Error("the Secret is still written")
				}
			}
		})
	}
}

// TestMeanwhile: who is slower takes what the faster one wrote.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.replica(0), w.replica(0)
	both := func(when string, writes int) {
		t.Helper()
		w.beforeWrite = func() { w.sync(a) }
		w.sync(b)
		if w.beforeWrite != nil || w.writes != writes || !bytes.Equal(a.current.Load().Certificate[0], b.current.Load().Certificate[0]) {
			t.Errorf("%s: %d writes, want %d, and one certificate", when, w.writes, writes)
		}
		w.works(when, a, b)
	}
	both("at first", 1)
	w.now = w.now.Add(knownTime)
	w.sync(a, b)
	w.now = w.now.Add(serverTime*2/3 + time.Hour)
	both("a renewal", 2)
	w.secret = nil
	both("the Secret is gone", 3)
}

// TestBothDue: where an authority and its certificate are due at once the certificate waits,
// as API servers may go by the caBundle of before when a replica starts.
func TestBothDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.replica(0)
	due := w.now.Add(authorityTime * 2 / 3)
	for ; w.now.Before(due); w.now = w.now.Add(20 * 24 * time.Hour) {
		w.sync(a)
	}
	w.now = w.now.Add(50 * 24 * time.Hour)
	before, writes := w.bundle(), w.writes
	b := w.replica(0)
	w.sync(a, b)
	if w.works("at once", a, b); !w.trusts(before, a) || !w.trusts(before, b) || bytes.Equal(before, w.bundle()) {
		t.Error("what they serve is trusted since a moment ago only, or there is no new authority")
	}
	w.now = w.now.Add(knownTime)
	w.sync(a, b)
	if w.works("when the authority is known", a, b); w.trusts(before, a) || w.trusts(before, b) || w.writes != writes+2 {
		t.Error("there is no certificate of the new authority")
	}
}

// TestSlow: who has read an old Secret takes nothing from the API server that was added
// since.
func TestSlow(t *testing.T) {
	t.Parallel()
	for _, bundle := range []string{"as it should be", ""} {
		w := newWorld(t)
		a, b := w.replica(0), w.replica(-time.Hour)
		due := w.now.Add(authorityTime * 2 / 3)
		for ; w.now.Before(due); w.now = w.now.Add(20 * 24 * time.Hour) {
			w.sync(a, b)
		}
		w.now = due.Add(time.Minute) // by the clock of the first
		if bundle == "" {
			for i := range w.config.Webhooks {
				w.config.Webhooks[i].ClientConfig.CABundle = nil
			}
		}
		w.afterRead = func() {
			if w.sync(a); len(authorities(w.bundle())) != 2 {
				t.Error("there is no new authority")
			}
		}
		w.sync(b)
		if n := len(authorities(w.bundle())); w.afterRead != nil || n != 2 {
			t.Errorf("%d authorities are trusted, want 2", n)
		}
		w.works("then", a, b)
	}
}

// TestBundle: the caBundle is put back, and that of others is left alone.
func TestBundle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config = nil
	k := w.replica(0)
	fails := func(want string) {
		t.Helper()
		if err := k.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Sync says %v, want %s", err, want)
		}
		if c, err := k.Certificate(nil); err != nil || c == nil {
			t.Errorf("serves nothing: %v", err)
		}
	}
	fails(`caBundle:  "c" not found`)
	w.now = w.now.Add(serverTime*2/3 + time.Hour)
	if fails(`caBundle:  "c" not found`); w.writes != 2 {
		t.Error("nothing is renewed without a configuration")
	}
	w.install()
	w.config.Webhooks = w.config.Webhooks[1:2]
	fails("caBundle: no webhook of c names the Service ns/hook")
	w.install()
	w.sync(k)
	w.works("when it is installed", k)
	for name, spoil := range map[string]func(c *admissionregistrationv1.WebhookClientConfig){
		"removed": func(c *admissionregistrationv1.WebhookClientConfig) { c.CABundle = nil },
		"another": func(c *admissionregistrationv1.WebhookClientConfig) { c.CABundle = []byte("x") },
	} {
		for _, i := range []int{0, 2} {
			spoil(&w.config.Webhooks[i].ClientConfig)
			w.sync(k)
			w.works(name, k)
		}
	}
	if w.writes != 2 {
		t.Errorf("the Secret was written %d times", w.writes)
	}
	writes := w.version
	w.sync(k)
	if w.version != writes {
		t.Error("what is as it should be is written")
	}
}

// TestDown: without an API server, or without rights, what is served stays, even when it is
// over.
func TestDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.replica(0)
	if c, err := k.Certificate(nil); c != nil || err == nil {
		t.Error("serves something before it knows anything")
	}
	w.down = errors.New("no route")
	if err := k.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate: no route") {
		t.Errorf("Sync says %v", err)
	}
	w.down = nil
	w.sync(k)
	was := k.current.Load()
	w.down = errors.New("no route")
	for range 5 {
		w.now = w.now.Add(serverTime / 3)
		if err := k.Sync(t.Context()); err == nil {
			t.Error("Sync says nothing")
		}
		if c, err := k.Certificate(nil); err != nil || c != was {
			t.Errorf("serves %v, %v", c, err)
		}
	}
	w.down = nil
	w.sync(k)
	w.works("when it is back", k)
}

// TestReadOnly: who must not write the Secret any more goes on with what others write.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.replica(0), w.replica(0)
	w.sync(a, b)
	w.now = w.now.Add(knownTime)
	w.sync(a, b)
	w.now = w.now.Add(serverTime*2/3 + time.Hour)
	b.secrets = readOnly{secrets{w: w}}
	w.config.Webhooks[0].ClientConfig.CABundle = nil
	if err := b.Sync(t.Context()); !apierrors.IsForbidden(err) {
		t.Errorf("Sync says %v", err)
	}
	w.works("the caBundle is put back", b)
	w.now = w.now.Add(knownTime)
	w.sync(a, b)
	if !bytes.Equal(a.current.Load().Certificate[0], b.current.Load().Certificate[0]) || w.writes != 2 {
		t.Error("what another has written is not taken over")
	}
}

type readOnly struct{ secrets }

func (readOnly) Update(context.Context, *corev1.Secret, metav1.UpdateOptions) (*corev1.Secret, error) {
	return nil, apierrors.NewForbidden(schema.GroupResource{}, "s", nil)
}

// TestRead: what is written can be read, and is written the same.
func TestRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync(w.replica(0))
	s := read(w.secret.Data)
	if !maps.EqualFunc(s.data(), w.secret.Data, bytes.Equal) || w.secret.Type != corev1.SecretTypeTLS {
		t.Errorf("a Secret %s of %v is read as one of %v", w.secret.Type, slices.Collect(maps.Keys(w.secret.Data)), slices.Collect(maps.Keys(s.data())))
	}
	if _, err := tls.X509KeyPair(w.secret.Data["tls.crt"], w.secret.Data["tls.key"]); err != nil {
		t.Error(err)
	}
}
