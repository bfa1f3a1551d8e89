package cli

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook/bootstrap"
	"github.com/ekslint/ekslint/internal/webhook/certs"
)

// syncTime is how often a shared certificate is looked at: so long a caBundle is missing
// that somebody removes.
const syncTime = 10 * time.Second

// certificateOptions are the flags of webhook that say where its certificate comes from.
type certificateOptions struct {
	cert, key              string
	bootstrap              bool
	service, secret, hooks string
}

func (o *certificateOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.cert, "cert", "", "file of the certificate")
	flags.StringVar(&o.key, "key", "", "file of its key")
	flags.BoolVar(&o.bootstrap, "bootstrap-certs", false, "make the certificate, in a Secret that all replicas share, and have the API server trust it")
	flags.StringVar(&o.service, "service", "ekslint-webhook", "Service that --bootstrap-certs makes a certificate for")
	flags.StringVar(&o.secret, "secret", "ekslint-webhook-certs", "Secret that it lies in")
	flags.StringVar(&o.hooks, "webhook-configuration", "ekslint-webhook", "ValidatingWebhookConfiguration whose webhooks get its authority as their caBundle")
}

func (o *certificateOptions) check(changed func(flag string) bool) error {
	hasFile := o.cert != "" || o.key != ""
	switch {
	case o.bootstrap && hasFile:
		return usagef("--bootstrap-certs makes the certificate, and --cert and --key name one that is there: they exclude each other")
	case !o.bootstrap && (o.cert == "" || o.key == ""):
		return usagef("webhook needs --cert and --key, or --bootstrap-certs")
	case o.bootstrap:
		return nil
	}
	for _, flag := range []string{"service", "secret", "webhook-configuration"} {
		if changed(flag) {
			return usagef("--%s needs --bootstrap-certs", flag)
		}
	}
	return nil
}

// open returns the certificate, and what takes over what becomes of it.
func (o *certificateOptions) open(ctx context.Context, api *rest.Config, namespace string, fault func(error)) (
	get func(*tls.ClientHelloInfo) (*tls.Certificate, error), follow func(context.Context), err error,
) {
	if !o.bootstrap {
		files, err := certs.NewFiles(o.cert, o.key, time.Now)
		if err != nil {
			return nil, nil, usageError{err}
		}
		return files.Certificate, func(context.Context) {}, nil
	}
	k, err := bootstrap.New(api, bootstrap.Options{
		Namespace: namespace, Service: o.service, Secret: o.secret, Configuration: o.hooks, Clock: time.Now,
	})
	if err != nil {
		return nil, nil, err
	}
	problem := k.Sync(ctx)
	if _, none := k.Certificate(nil); none != nil {
		return nil, nil, problem
	}
	return k.Certificate, func(ctx context.Context) { followSecret(ctx, k, problem, fault) }, nil
}

// followSecret takes over what becomes of a shared certificate, and says once what is
// wrong with it.
func followSecret(ctx context.Context, k *bootstrap.Keeper, problem error, fault func(error)) {
	for said := ""; ctx.Err() == nil; problem = k.Sync(ctx) {
		text := ""
		if problem != nil {
			text = problem.Error()
		}
		if text != "" && text != said {
			fault(problem)
		}
		said = text
		wait(ctx, syncTime)
	}
}
