package helm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"
)

// chance stands in for everything that differs from one rendering to the next: random
// texts, keys, certificates, the clock, and the order of a map. What it gives depends
// on its turn and on what was asked before, so that a chart renders to the same text
// each time it is checked, and to one that differs in the second turn.
type chance struct {
	turn int
	// asks counts the questions.
	asks int
	// open is set when something rests on what the user has to fill in.
	open bool
	// asked is set when the cluster was asked for an object.
	asked bool
}

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// certificate is what the functions of certificates give.
type certificate struct{ Cert, Key string }

func (c *chance) functions() template.FuncMap {
	some := func(alphabet string) func(int) (string, error) {
		return func(n int) (string, error) { return c.text(alphabet, n) }
	}
	signed := func(...any) certificate { return certificate{c.pem("CERTIFICATE"), c.pem("PRIVATE KEY")} }
	hash := func(string) (string, error) { return c.text(letters+digits, 60) }
	return template.FuncMap{
		"randAlphaNum": some(letters + digits), "randAlpha": some(letters),
		"randNumeric": some(digits), "randAscii": some(letters + digits),
		"randBytes": some(letters), "randInt": c.number, "shuffle": c.shuffled,
		"uuidv4": c.uuid,
		"genCA":  signed, "genCAWithKey": signed, "genSelfSignedCert": signed,
		"genSelfSignedCertWithKey": signed, "genSignedCert": signed, "genSignedCertWithKey": signed,
		"buildCustomCert": signed,
		"genPrivateKey":   func(string) string { return c.pem("PRIVATE KEY") },
		"bcrypt":          hash,
		"htpasswd": func(user, password string) (string, error) {
			text, err := hash(password)
			return user + ":" + text, err
		},
		"encryptAES": func(_, text string) (string, error) { return c.text(letters, len(text)+24) },
		"keys":       c.keys, "values": c.values,
		"now": c.now, "ago": c.ago, "date": c.date, "dateInZone": c.dateInZone, "date_in_zone": c.dateInZone,
		"htmlDate":       func(value any) string { return c.date(time.DateOnly, value) },
		"htmlDateInZone": func(value any, zone string) string { return c.dateInZone(time.DateOnly, value, zone) },
	}
}

// text gives n characters, each of which is another one in another turn.
func (c *chance) text(alphabet string, n int) (string, error) {
	if n < 0 || n > maxText {
		return "", errTooLong
	}
	c.asks++
	var b strings.Builder
	for i := range n {
		b.WriteByte(alphabet[(c.turn+c.asks*7+i*3)%len(alphabet)])
	}
	return b.String(), nil
}

func (c *chance) pem(what string) string {
	c.asks++
	// The text is far below what is too long.
	text, _ := c.text(letters+digits, 64)
	return fmt.Sprintf("-----BEGIN %s-----\n%s\n-----END %s-----\n", what, text, what)
}

func (c *chance) uuid() string {
	c.asks++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", c.asks*2+c.turn, c.asks*2+c.turn)
}

func (c *chance) number(low, high int) (int, error) {
	if high <= low {
		return 0, errors.New("there is no number below the maximum")
	}
	c.asks++
	if c.turn == 0 {
		return low, nil
	}
	return high - 1, nil
}

func (c *chance) shuffled(text string) string {
	c.asks++
	if c.turn == 0 {
		return text
	}
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

func (c *chance) keys(from ...map[string]any) []string {
	var out []string
	for _, m := range from {
		out = append(out, c.order(m)...)
	}
	return out
}

func (c *chance) values(m map[string]any) []any {
	var out []any
	for _, key := range c.order(m) {
		out = append(out, m[key])
	}
	return out
}

func (c *chance) order(m map[string]any) []string {
	out := slices.Sorted(maps.Keys(m))
	if len(out) < 2 {
		return out
	}
	c.asks++
	if c.turn > 0 {
		slices.Reverse(out)
	}
	return out
}

// now gives a time that has no part in common with that of the other turn.
func (c *chance) now() time.Time {
	c.asks++
	if c.turn == 0 {
		return time.Date(2021, time.March, 5, 7, 9, 11, 123456789, time.UTC)
	}
	return time.Date(2034, time.November, 26, 18, 42, 53, 987654321, time.UTC)
}

func (c *chance) ago(value any) string {
	return c.now().Sub(c.when(value)).Round(time.Second).String()
}

// date takes the time of the machine for UTC.
func (c *chance) date(layout string, value any) string { return c.dateInZone(layout, value, "UTC") }

func (c *chance) dateInZone(layout string, value any, zone string) string {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		location = time.UTC
	}
	return c.when(value).In(location).Format(layout)
}

// when reads a time. What is none is taken for now.
func (c *chance) when(value any) time.Time {
	switch v := value.(type) {
	case time.Time:
		return v
	case *time.Time:
		return *v
	case int64:
		return time.Unix(v, 0)
	case int32:
		return time.Unix(int64(v), 0)
	case int:
		return time.Unix(int64(v), 0)
	default:
		return c.now()
	}
}
