package rule

// Module is a rule written in Rego, or a library of such rules.
type Module struct {
	// Path is where the module was written, for messages: ingress/x.rego.
	Path   string
	Source string
	// Meta is empty for a library.
	Meta Meta
}
