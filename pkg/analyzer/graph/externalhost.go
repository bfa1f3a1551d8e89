package graph

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// ExternalHost is a name of the internet's DNS that a pod template names as a
// server: in a URL, or with a port.
type ExternalHost struct {
	// Name is as it is written, with its last dot if it has one.
	Name string
	// At leads to the value in the resource that Workload.Holder returns.
	At model.Path
}

// ExternalHosts returns those that the command, arguments and environment of the
// containers name, each once, but for names that are no server to connect to,
// as in a certificate. A name is external when it ends in a public suffix:
// https://publicsuffix.org/
func (w *Workload) ExternalHosts() []ExternalHost {
	var out []ExternalHost
	seen := map[string]bool{}
	for _, text := range w.texts() {
		if notDialled.MatchString(text.purpose) {
			continue
		}
		for _, word := range strings.FieldsFunc(text.value, func(r rune) bool { return strings.ContainsRune(delimiters, r) }) {
			if host := serverIn(word); isExternal(host) && !seen[host] {
				seen[host] = true
				out = append(out, ExternalHost{host, text.at})
			}
		}
	}
	return out
}

// serverIn is the host of a URL or of host:port, else empty.
func serverIn(word string) string {
	if placeholder.In(word) {
		return ""
	}
	if strings.Contains(word, "://") {
		u, err := url.Parse(strings.TrimPrefix(word, "jdbc:"))
		if err != nil {
			return ""
		}
		return u.Hostname()
	}
	host, port, _ := strings.Cut(word, ":")
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return ""
	}
	return host
}

// isExternal leaves out names of two labels, which may be a Service and its
// namespace. A private suffix, such as those of AWS, has a dot.
func isExternal(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	suffix, icann := publicsuffix.PublicSuffix(name)
	return strings.Count(name, ".") > 1 && (icann || strings.Contains(suffix, "."))
}
