package lbc

import "fmt"

// JWTValidation is the value of jwt-validation.
type JWTValidation struct {
	JWKSEndpoint     string     `json:"jwksEndpoint"`
	Issuer           string     `json:"issuer"`
	AdditionalClaims []JWTClaim `json:"additionalClaims"`
}

// JWTClaim is a claim that a token must hold besides the usual ones.
type JWTClaim struct {
	Format string   `json:"format"`
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// ParseJWTValidation reads the value of jwt-validation. The result is filled as
// far as the value can be decoded.
func ParseJWTValidation(value string) (JWTValidation, []Issue) {
	jwt, issue := decode[JWTValidation](value)
	if issue != nil {
		return jwt, []Issue{*issue}
	}
	var issues []Issue
	if jwt.JWKSEndpoint == "" {
		issues = append(issues, at("jwksEndpoint", "jwksEndpoint is missing"))
	}
	if jwt.Issuer == "" {
		issues = append(issues, at("issuer", "issuer is missing"))
	}
	return jwt, issues
}

// Cognito is the value of auth-idp-cognito.
type Cognito struct {
	UserPoolARN      string            `json:"userPoolARN"`
	UserPoolClientID string            `json:"userPoolClientID"`
	UserPoolDomain   string            `json:"userPoolDomain"`
	ExtraParams      map[string]string `json:"authenticationRequestExtraParams"`
}

// ParseCognito reads the value of auth-idp-cognito. Missing fields are warnings:
// the controller passes them on to AWS, and only when auth-type is cognito.
func ParseCognito(value string) (Cognito, []Issue) {
	idp, issue := decode[Cognito](value)
	if issue != nil {
		return idp, []Issue{*issue}
	}
	return idp, missingFields([]field{
		{"userPoolARN", idp.UserPoolARN},
		{"userPoolClientID", idp.UserPoolClientID},
		{"userPoolDomain", idp.UserPoolDomain},
	})
}

// OIDC is the value of auth-idp-oidc. SecretName is a Secret in the namespace of
// the Ingress.
type OIDC struct {
	Issuer                string            `json:"issuer"`
	AuthorizationEndpoint string            `json:"authorizationEndpoint"`
	TokenEndpoint         string            `json:"tokenEndpoint"`
	UserInfoEndpoint      string            `json:"userInfoEndpoint"`
	SecretName            string            `json:"secretName"`
	ExtraParams           map[string]string `json:"authenticationRequestExtraParams"`
}

// ParseOIDC reads the value of auth-idp-oidc. Missing fields are warnings: the
// controller passes them on to AWS, and only when auth-type is oidc.
func ParseOIDC(value string) (OIDC, []Issue) {
	idp, issue := decode[OIDC](value)
	if issue != nil {
		return idp, []Issue{*issue}
	}
	return idp, missingFields([]field{
		{"issuer", idp.Issuer},
		{"authorizationEndpoint", idp.AuthorizationEndpoint},
		{"tokenEndpoint", idp.TokenEndpoint},
		{"userInfoEndpoint", idp.UserInfoEndpoint},
		{"secretName", idp.SecretName},
	})
}

type field struct{ name, value string }

func missingFields(fields []field) []Issue {
	var issues []Issue
	for _, f := range fields {
		if f.value == "" {
			issues = append(issues, softAt(AWS, f.name, "%s is missing", f.name))
		}
	}
	return issues
}

// MutualAuthentication is one item of mutual-authentication: how clients of a
// port present certificates.
type MutualAuthentication struct {
	Port                          int32  `json:"port"`
	Mode                          string `json:"mode"`
	TrustStore                    string `json:"trustStore"`
	IgnoreClientCertificateExpiry *bool  `json:"ignoreClientCertificateExpiry"`
	AdvertiseTrustStoreCANames    string `json:"advertiseTrustStoreCaNames"`
}

// ParseMutualAuthentication reads the value of mutual-authentication. The result
// is nil when the value cannot be decoded.
func ParseMutualAuthentication(value string) ([]MutualAuthentication, []Issue) {
	items, issue := decode[[]MutualAuthentication](value)
	if issue != nil {
		return nil, []Issue{*issue}
	}
	if len(items) == 0 {
		return nil, []Issue{at("", "%s lists no port", quote(value))}
	}
	var issues []Issue
	for i, item := range items {
		issues = append(issues, item.check(fmt.Sprintf("[%d]", i))...)
	}
	return items, issues
}

func (m MutualAuthentication) check(path string) []Issue {
	var issues []Issue
	if outside(int64(m.Port), 1, 65535) {
		issues = append(issues, at(path+".port", "port %d is outside 1 to 65535", m.Port))
	}
	switch m.Mode {
	case "verify":
		if m.TrustStore == "" {
			issues = append(issues, at(path+".trustStore", "mode verify has no trustStore"))
		}
	case "off", "passthrough":
		if m.TrustStore != "" {
			issues = append(issues, at(path+".trustStore", "mode %s takes no trustStore", m.Mode))
		}
		if m.IgnoreClientCertificateExpiry != nil {
			issues = append(issues, at(path+".ignoreClientCertificateExpiry", "mode %s takes no ignoreClientCertificateExpiry", m.Mode))
		}
	default:
		modes := []string{"off", "passthrough", "verify"}
		issue := at(path+".mode", "mode %s is not %s", quote(m.Mode), oneOf(modes))
		issues = append(issues, withSuggestion(issue, m.Mode, modes))
	}
	if onOff := m.AdvertiseTrustStoreCANames; onOff != "" && onOff != "on" && onOff != "off" {
		issues = append(issues, softAt(AWS, path+".advertiseTrustStoreCaNames", "%s is not on or off", quote(onOff)))
	}
	return issues
}
