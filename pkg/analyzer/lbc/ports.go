package lbc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Listener is one port of a load balancer. Protocol is HTTP or HTTPS.
type Listener struct {
	Port     int
	Protocol string
}

// ListenPorts reads the value of listen-ports: a list of objects, each with
// HTTP or HTTPS keys and port numbers. The listeners come in the order written,
// each once. They are nil when the value is refused.
//
// Two cases are warnings. A list of empty objects makes a load balancer without
// listeners. One port under both protocols becomes one listener: that written
// last, or either when both stand in one object; both are returned.
func ListenPorts(value string) ([]Listener, []Issue) {
	entries, issue := decode[[]json.RawMessage](value)
	if issue != nil {
		issue.Message += `; want a list such as [{"HTTP": 80}, {"HTTPS": 443}]`
		return nil, []Issue{*issue}
	}
	if len(entries) == 0 {
		return nil, []Issue{at("", `%s lists no port; want a list such as [{"HTTP": 80}]`, quote(value))}
	}
	var listeners []Listener
	var issues []Issue
	for i, entry := range entries {
		path := fmt.Sprintf("[%d]", i)
		pairs, issue := portPairs(path, entry)
		if issue != nil {
			issues = append(issues, *issue)
			continue
		}
		for _, pair := range pairs {
			listener, wrong := pair.listener(path)
			issues = append(issues, wrong...)
			if !slices.Contains(listeners, listener) {
				listeners = append(listeners, listener)
			}
		}
	}
	if Refused(issues) {
		return nil, issues
	}
	return listeners, append(issues, softPorts(listeners)...)
}

// softPorts warns about what the controller accepts in silence.
func softPorts(listeners []Listener) []Issue {
	if len(listeners) == 0 {
		return []Issue{softAt(Controller, "", "the list names no port, so the load balancer has no listener")}
	}
	var issues []Issue
	for i, listener := range listeners {
		if slices.ContainsFunc(listeners[:i], func(l Listener) bool { return l.Port == listener.Port }) {
			issues = append(issues, softAt(Controller, "",
				"port %d is listed as HTTP and as HTTPS; only one of them takes effect", listener.Port))
		}
	}
	return issues
}

// portPair is one key of an object with the text of its value.
type portPair struct {
	protocol string
	port     json.RawMessage
	replaced bool // by a later equal key
}

// portPairs reads the pairs of one object in their order. A map would lose it.
func portPairs(path string, entry json.RawMessage) ([]portPair, *Issue) {
	if bytes.Equal(entry, []byte("null")) {
		return nil, nil
	}
	if entry[0] != '{' {
		issue := at(path, `%s is not an object such as {"HTTP": 80}`, quote(string(entry)))
		return nil, &issue
	}
	var pairs []portPair
	decoder := json.NewDecoder(bytes.NewReader(entry))
	_, _ = decoder.Token() // the brace
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			break // not reached: the whole value was found to be JSON
		}
		pair := portPair{}
		pair.protocol, _ = key.(string)
		if err := decoder.Decode(&pair.port); err != nil {
			break
		}
		for i := range pairs {
			pairs[i].replaced = pairs[i].replaced || pairs[i].protocol == pair.protocol
		}
		pairs = append(pairs, pair)
	}
	return slices.DeleteFunc(pairs, func(p portPair) bool { return p.replaced && isWholeNumber(p.port) }), nil
}

// isWholeNumber reports whether the controller can decode the text as a port, in
// range or not. A null decodes to zero.
func isWholeNumber(text json.RawMessage) bool {
	return string(text) == "null" || isInteger(string(text))
}

// listener turns a pair into a listener, or says what is wrong with it.
func (p portPair) listener(path string) (Listener, []Issue) {
	var issues []Issue
	if p.protocol != "HTTP" && p.protocol != "HTTPS" {
		issue := at(path, "key %s is not HTTP or HTTPS", quote(p.protocol))
		issues = append(issues, withSuggestion(issue, p.protocol, []string{"HTTP", "HTTPS"}))
	}
	path += "." + p.protocol
	text := string(p.port)
	n, err := strconv.ParseInt(text, 10, 32)
	switch {
	case text[0] == '"':
		issues = append(issues, at(path, "port %s is a string; want a number without quotes", text))
	case text != "null" && err != nil:
		issues = append(issues, at(path, "port %s is not a whole number from 1 to 65535", quote(text)))
	case n < 1 || n > 65535:
		issues = append(issues, at(path, "port %s is outside 1 to 65535", text))
	}
	return Listener{Port: int(n), Protocol: p.protocol}, issues
}
