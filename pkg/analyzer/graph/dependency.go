package graph

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Dependency is a port of a Service that a pod template names.
type Dependency struct {
	Service *Service
	// Number is the port that the pods dial, over TCP.
	Number int32
	// Host is the name of the Service as it is written. The rest of the text is
	// left out, as it may hold a password.
	Host string
	// At leads to the value in the resource that Workload.Holder returns.
	At model.Path
}

// Port returns the port of the pods of a workload that receives what the
// Service is sent. A headless Service only names the pods, which get the
// connection on the port that was dialled:
// https://kubernetes.io/docs/concepts/services-networking/service/#headless-services
func (d Dependency) Port(backend *Workload) (int32, model.Tri) {
	if d.Service.spec.ClusterIP == corev1.ClusterIPNone {
		return d.Number, model.Yes
	}
	i, ok := d.Service.overTCP(d.Number)
	if !ok {
		return 0, model.Unknown
	}
	return d.Service.TargetPort(i, backend)
}

func (s *Service) overTCP(number int32) (int, bool) {
	for i, p := range s.spec.Ports {
		if p.Port == number && orTCP(p.Protocol) == corev1.ProtocolTCP {
			return i, true
		}
	}
	return 0, false
}

// Dependencies returns the Services of the input that the containers of a
// workload name with a port in their command, arguments or environment, each
// port of a Service once. Services in front of the workload itself are not
// among them, nor names that are no address to connect to, as in NO_PROXY or in
// a certificate.
func (g *Graph) Dependencies(w *Workload) []Dependency {
	var out []Dependency
	for _, dialled := range w.dials() {
		s := g.serviceAt(w, dialled.host)
		if s == nil || g.inFrontOf(s, w) {
			continue
		}
		if _, has := s.overTCP(dialled.number); !has {
			continue
		}
		isKnown := slices.ContainsFunc(out, func(d Dependency) bool { return d.Service == s && d.Number == dialled.number })
		if !isKnown {
			out = append(out, Dependency{Service: s, Number: dialled.number, Host: dialled.host, At: dialled.at})
		}
	}
	return out
}

// dial is an address that the containers of a workload name.
type dial struct {
	host   string
	number int32
	at     model.Path
}

// dials are the addresses that the containers may connect to.
func (w *Workload) dials() []dial {
	w.reading.Do(func() { w.dialled = w.readDials() })
	return w.dialled
}

func (w *Workload) readDials() []dial {
	var out []dial
	for _, t := range w.texts() {
		if notDialled.MatchString(t.purpose) {
			continue
		}
		for _, word := range spacedWords(t.value) {
			if host, number, ok := address(word, t.variable && word == t.value); ok {
				out = append(out, dial{host, number, t.at})
			}
		}
	}
	return out
}

// containerText is a text in a container. purpose is the name of the variable
// or flag whose value it is, as far as it is known.
type containerText struct {
	value, purpose string
	at             model.Path
	variable       bool
}

func (w *Workload) texts() []containerText {
	if w.template == nil {
		return nil
	}
	var out []containerText
	for _, list := range []struct {
		field      string
		containers []corev1.Container
	}{
		{"containers", w.template.Spec.Containers},
		{"initContainers", w.template.Spec.InitContainers},
	} {
		for i, c := range list.containers {
			at := w.PathTo("spec", list.field, strconv.Itoa(i))
			out = append(out, arguments(c.Command, at.Child("command"))...)
			out = append(out, arguments(c.Args, at.Child("args"))...)
			for n, v := range c.Env {
				out = append(out, containerText{v.Value, v.Name, at.Child("env", strconv.Itoa(n), "value"), true})
			}
		}
	}
	return out
}

func arguments(list []string, at model.Path) []containerText {
	var out []containerText
	for i, value := range list {
		t := containerText{value: value, at: at.Child(strconv.Itoa(i))}
		if name, _, ok := strings.Cut(value, "="); ok && strings.HasPrefix(value, "-") {
			t.purpose = name
		} else if i > 0 && strings.HasPrefix(list[i-1], "-") {
			t.purpose = list[i-1]
		}
		out = append(out, t)
	}
	return out
}

// notDialled are words in the name of a variable or flag whose value is no
// address that the container connects to.
var notDialled = regexp.MustCompile(`(?i)no_?proxy|origin|issuer|audience|cert|[-_]sans?\b|sni|server[-_]?name|dns[-_]?name|` +
	`callback|redirect|public|external|advert|listen|bind|allowed|cors|domain|self`)

// delimiters separate addresses in a text.
const delimiters = " \t\n\r,;=\"'()[]{}<>|\\`"

// spacedWords are the parts of a text that may be addresses.
func spacedWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(delimiters, r) })
}

// address reads a URL, or a host with a port. A host of one word without a
// scheme is one only where it stands alone: many things are written name:number.
func address(word string, alone bool) (host string, port int32, ok bool) {
	if strings.Contains(word, "$") || placeholder.In(word) {
		return "", 0, false
	}
	scheme := ""
	if strings.Contains(word, "://") {
		u, err := url.Parse(strings.TrimPrefix(word, "jdbc:"))
		if err != nil {
			return "", 0, false
		}
		scheme, word = u.Scheme, u.Host
	} else {
		word, _, _ = strings.Cut(word, "/")
	}
	host, digits, found := strings.Cut(word, ":")
	switch {
	case !found && scheme == "http":
		digits = "80"
	case !found && scheme == "https":
		digits = "443"
	case scheme == "" && !alone && !strings.Contains(host, "."):
		return "", 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return strings.TrimSuffix(host, "."), int32(n), err == nil && host != "" //nolint:gosec // sixteen bits
}

// serviceAt returns the Service that a host name stands for in the pods of a
// workload: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (g *Graph) serviceAt(w *Workload, host string) *Service {
	const parts = 3
	labels := strings.SplitN(host, ".", parts)
	switch {
	case len(labels) == 1:
		return g.service(w.Ref().Namespace, host)
	case len(labels) == parts && labels[2] != "svc" && labels[2] != "svc.cluster.local":
		return nil
	default:
		return g.service(labels[1], labels[0])
	}
}

func (g *Graph) inFrontOf(s *Service, w *Workload) bool {
	return s.Ref().Namespace == w.Ref().Namespace && !s.selector.Empty() && w.Selected(s.selector) != model.No
}
