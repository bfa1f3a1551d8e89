// Package helm renders one Helm chart as `helm template` does, and reads what comes
// out as manifests whose positions lead back into the templates.
//
// Charts are loaded, and values merged, by Helm itself. The templates are executed
// here: a chart is untrusted, and only so can the rendering be stopped, go on after
// a template that fails, and be watched. It is watched by a second rendering in which
// a marker stands before everything that a template writes, so that each byte of the
// result is known to come from a text of the template or from one of its actions.
package helm
