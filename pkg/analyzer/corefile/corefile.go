// Package corefile reads the configuration of CoreDNS. It cuts the text into
// server blocks and plugins with their lines; what a plugin means is for rules.
//
// Nothing is executed: environment variables stay as they are written, and
// files that the text imports are not read.
//
// https://coredns.io/manual/configuration/
package corefile

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/coredns/caddy/caddyfile"
)

// File is the configuration of one server.
type File struct {
	Blocks []Block
}

// Block is one server block.
type Block struct {
	// Keys are the zones and ports that it serves, as they are written.
	Keys []string
	Line int
	// Plugins are in the order of the text; those of snippets stand where the
	// snippet is imported.
	Plugins []Plugin
	// Incomplete is set when the block imports files, which are not read: what
	// is absent from it may be in them.
	Incomplete bool
}

// Plugin is a line of a server block, or one inside the braces of another.
type Plugin struct {
	Name string
	Args []string
	// Line is counted from 1.
	Line int
	Body []Plugin
}

// Error says where the text cannot be read.
type Error struct {
	Line    int
	Message string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// Parse reads a Corefile. The error is nil when all of it could be read.
func Parse(text string) (File, *Error) {
	p := &parser{tokens: tokens(text), snippets: map[string][]Plugin{}}
	var out File
	for !p.done() {
		keys, line := p.keys()
		if !p.take("{") {
			return File{}, &Error{line, "a server block needs its plugins in braces"}
		}
		plugins, err := p.body(line)
		if err != nil {
			return File{}, err
		}
		if name, ok := snippet(keys); ok {
			p.snippets[name] = plugins
			continue
		}
		b := Block{Keys: keys, Line: line}
		b.Plugins, b.Incomplete = p.resolve(plugins)
		out.Blocks = append(out.Blocks, b)
	}
	return out, nil
}

// snippet returns the name of a block that is one: (name).
func snippet(keys []string) (string, bool) {
	if len(keys) != 1 || !strings.HasPrefix(keys[0], "(") || !strings.HasSuffix(keys[0], ")") {
		return "", false
	}
	return strings.Trim(keys[0], "()"), true
}

// dnsPort is the port of DNS, which an address or a zone without one means.
const dnsPort = "53"

// split takes an address or a zone apart: scheme://host:port, where all but the
// host may be absent.
func split(text string) (scheme, host, port string) {
	scheme, host, found := strings.Cut(text, "://")
	if !found {
		scheme, host = "dns", text
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		return scheme, h, p
	}
	return scheme, host, dnsPort
}

// Root reports whether the block answers for every name on the port of DNS.
func (b Block) Root() bool {
	return slices.ContainsFunc(b.Keys, func(key string) bool {
		scheme, zone, port := split(key)
		return scheme == "dns" && port == dnsPort && (zone == "." || zone == "")
	})
}

// AnyRoot reports whether the block answers for every name, on whichever port
// and by whichever protocol.
func (b Block) AnyRoot() bool {
	return slices.ContainsFunc(b.Keys, func(key string) bool {
		_, zone, _ := split(key)
		return zone == "." || zone == ""
	})
}

// Upstream reads a target of a forward that is an address; another, such as a
// file, is none. https://coredns.io/plugins/forward/
func Upstream(target string) (address netip.Addr, port string, ok bool) {
	scheme, host, port := split(target)
	if scheme == "tls" && !strings.HasSuffix(target, ":"+port) {
		port = "853"
	}
	address, err := netip.ParseAddr(host)
	return address, port, err == nil && (scheme == "dns" || scheme == "tls")
}

// All returns the plugins of that name.
func (b Block) All(name string) []Plugin {
	var out []Plugin
	for _, p := range b.Plugins {
		if p.Name == name {
			out = append(out, p)
		}
	}
	return out
}

// Option returns the first line of that name inside the braces of a plugin.
func (p Plugin) Option(name string) (Plugin, bool) {
	for _, o := range p.Body {
		if o.Name == name {
			return o, true
		}
	}
	return Plugin{}, false
}

// token is a word with its line.
type token struct {
	text string
	line int
}

func tokens(text string) []token {
	d := caddyfile.NewDispenser("Corefile", strings.NewReader(text))
	var out []token
	for d.Next() {
		out = append(out, token{d.Val(), d.Line()})
	}
	return out
}

type parser struct {
	tokens   []token
	snippets map[string][]Plugin
}

func (p *parser) done() bool { return len(p.tokens) == 0 }

func (p *parser) next() token {
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *parser) take(text string) bool {
	if p.done() || p.tokens[0].text != text {
		return false
	}
	p.next()
	return true
}

// keys reads the words before the braces of a server block. Commas part them.
func (p *parser) keys() (keys []string, line int) {
	line = p.tokens[0].line
	for !p.done() && p.tokens[0].text != "{" {
		for key := range strings.SplitSeq(p.next().text, ",") {
			if key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys, line
}

// maxDepth bounds how deep braces may stand in each other.
const maxDepth = 32

// body reads lines up to the brace that closes them.
func (p *parser) body(opened int) ([]Plugin, *Error) { return p.nested(opened, maxDepth) }

func (p *parser) nested(opened, depth int) ([]Plugin, *Error) {
	var out []Plugin
	for !p.done() {
		if p.take("}") {
			return out, nil
		}
		first := p.next()
		if first.text == "{" || depth == 0 {
			return nil, &Error{first.line, "a brace without a plugin"}
		}
		plugin := Plugin{Name: first.text, Line: first.line}
		for !p.done() && p.tokens[0].line == first.line && p.tokens[0].text != "{" && p.tokens[0].text != "}" {
			plugin.Args = append(plugin.Args, p.next().text)
		}
		if !p.done() && p.tokens[0].line == first.line && p.take("{") {
			var err *Error
			if plugin.Body, err = p.nested(first.line, depth-1); err != nil {
				return nil, err
			}
		}
		out = append(out, plugin)
	}
	return nil, &Error{opened, "the brace is not closed"}
}

// resolve puts snippets in the place of their imports. incomplete is set when
// something else is imported.
func (p *parser) resolve(plugins []Plugin) (out []Plugin, incomplete bool) {
	for _, x := range plugins {
		if x.Name != "import" {
			out = append(out, x)
			continue
		}
		lines, known := p.snippets[strings.Join(x.Args, " ")]
		for _, line := range lines {
			incomplete = incomplete || line.Name == "import"
		}
		out = append(out, lines...)
		incomplete = incomplete || !known
	}
	return out, incomplete
}
