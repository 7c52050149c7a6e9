package directory

import "encoding/json"

// AssertionType is what a signed assertion is called in a token request
// (RFC 7523).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// OAuthError reads the error of a token endpoint (RFC 6749, 5.2).
func OAuthError(body []byte) (code, message string) {
	var e struct {
		Code    string `json:"error"`
		Message string `json:"error_description"`
	}
	if json.Unmarshal(body, &e) != nil {
		return "", ""
	}
	return e.Code, e.Message
}
