package lbc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

func TestParseJWTValidation(t *testing.T) {
	t.Parallel()
	jwt, issues := lbc.ParseJWTValidation(`{"jwksEndpoint":"https://a/keys","issuer":"https://a","additionalClaims":[{"format":"single-string","name":"n","values":["v"]}]}`)
	want := lbc.JWTValidation{
		JWKSEndpoint: "https://a/keys", Issuer: "https://a",
		AdditionalClaims: []lbc.JWTClaim{{Format: "single-string", Name: "n", Values: []string{"v"}}},
	}
	if diff := cmp.Diff(want, jwt); diff != "" || issues != nil {
		t.Errorf("(-want +got):\n%s%v", diff, issues)
	}
	missing := []lbc.Issue{keyed("jwksEndpoint", hard("jwksEndpoint is missing")), keyed("issuer", hard("issuer is missing"))}
	for _, value := range []string{`{}`, `null`, `{"issuer":""}`} {
		if _, issues := lbc.ParseJWTValidation(value); !cmp.Equal(missing, issues) {
			t.Errorf("%s: %+v", value, issues)
		}
	}
	if _, issues := lbc.ParseJWTValidation(`[]`); !cmp.Equal([]lbc.Issue{hard("the value is a list, not an object")}, issues) {
		t.Errorf("list: %+v", issues)
	}
}

func TestParseIdentityProviders(t *testing.T) {
	t.Parallel()
	oidc, issues := lbc.ParseOIDC(`{"issuer":"i","authorizationEndpoint":"a","tokenEndpoint":"t","userInfoEndpoint":"u","secretName":"s"}`)
	if oidc.SecretName != "s" || issues != nil {
		t.Errorf("ParseOIDC = %+v, %v", oidc, issues)
	}
	_, issues = lbc.ParseOIDC(`{"issuer":"i","authorizationEndpoint":"a","tokenEndpoint":"t","userInfoEndpoint":"u"}`)
	if diff := cmp.Diff([]lbc.Issue{keyed("secretName", soft(lbc.AWS, "secretName is missing"))}, issues); diff != "" {
		t.Error(diff)
	}
	_, issues = lbc.ParseCognito(`{"userPoolARN":"a","UserPoolClientId":"b"}`)
	if diff := cmp.Diff([]lbc.Issue{keyed("userPoolDomain", soft(lbc.AWS, "userPoolDomain is missing"))}, issues); diff != "" {
		t.Error(diff)
	}
	if _, issues = lbc.ParseCognito(`{`); !lbc.Refused(issues) {
		t.Error("broken JSON is accepted")
	}
}

func TestParseMutualAuthentication(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value string
		want  []lbc.Issue
	}{
		{`[{"port":443,"mode":"verify","trustStore":"t","ignoreClientCertificateExpiry":true,"advertiseTrustStoreCaNames":"on"}]`, nil},
		{`[{"port":443,"mode":"passthrough"},{"port":80,"mode":"off"}]`, nil},
		{`[]`, []lbc.Issue{hard(`"[]" lists no port`)}},
		{`{}`, []lbc.Issue{hard("the value is an object, not a list")}},
		{`[{"mode":"off"}]`, []lbc.Issue{keyed("[0].port", hard("port 0 is outside 1 to 65535"))}},
		{`[{"port":1,"mode":"off","trustStore":"t"}]`, []lbc.Issue{keyed("[0].trustStore", hard("mode off takes no trustStore"))}},
		{`[{"port":1,"mode":"off","ignoreClientCertificateExpiry":false}]`, []lbc.Issue{keyed("[0].ignoreClientCertificateExpiry", hard("mode off takes no ignoreClientCertificateExpiry"))}},
		{`[{"port":1,"mode":"verfy"}]`, []lbc.Issue{keyed("[0].mode", suggesting(hard(`mode "verfy" is not off, passthrough or verify; did you mean "verify"?`), "verify"))}},
		{`[{"port":1,"mode":"verify","trustStore":"t","advertiseTrustStoreCaNames":"yes"}]`, []lbc.Issue{keyed("[0].advertiseTrustStoreCaNames", soft(lbc.AWS, `"yes" is not on or off`))}},
		{`[{"port":"443","mode":"off"}]`, []lbc.Issue{keyed("port", hard("port is a string, not a whole number in range"))}},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			t.Parallel()
			_, got := lbc.ParseMutualAuthentication(tt.value)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
