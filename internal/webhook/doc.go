// Package webhook answers whether a change to a running cluster breaks its network: it
// keeps what is known of the cluster up to date, asks the analyzer what each change does
// to it, and speaks the API of admission webhooks.
//
// A change is refused only for harm that it brings, that is certain, and that stays
// whatever is created next. All else is a warning.
package webhook
