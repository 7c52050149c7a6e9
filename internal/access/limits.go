package access

import (
	"fmt"
	"strings"
	"unicode"
)

// What AWS takes. The lengths are in characters. Source, where none is named:
// AWS's service models of sso-admin (2020-07-20) and identitystore
// (2020-06-15).
const (
	MaxSetDescription = 700
	MaxRelayState     = 240
	// MaxInlinePolicy counts all characters, MaxInlinePolicyDense the bytes
	// that are not white space (IAM Identity Center User Guide, quotas).
	MaxInlinePolicy      = 32768
	MaxInlinePolicyDense = 10240
	// MaxPolicies counts AWS managed and customer managed policies of a set;
	// MaxRolePolicies is IAM's own default quota on a role, which has to be
	// raised in each account (IAM Identity Center User Guide, quotas).
	MaxPolicies     = 20
	MaxRolePolicies = 10
	// MaxSets is a quota that AWS raises on request (same source).
	MaxSets        = 3500
	MaxPolicyName  = 128
	MaxPolicyPath  = 512
	MaxPolicyARN   = 2048
	MaxTags        = 75
	MaxTagKey      = 128
	MaxTagValue    = 256
	MaxUserName    = 128
	MaxUserText    = 1024
	MaxGroupName   = 1024
	MaxDescription = 1024 // of a group
	// MaxAccountName is of the Organizations model (2016-11-28).
	MaxAccountName = 128
	// MinSession and MaxSession are in seconds (IAM Identity Center User
	// Guide, "Set session duration").
	MinSession = 3600
	MaxSession = 43200
	// MaxMark is the most that the owner's mark adds to a group's
	// description: " [rolecall:" + 18 + " terraform unfinished-" + 8 + "]".
	MaxMark = 60
)

// ownTags are the tags that rolecall itself may write on a set: the owner, the
// groups, the identity source, the front door, the unfinished mark, and the
// record of up to fifteen.
const ownTags = 20

// reservedNames are refused by AWS for users and groups (identitystore API
// Reference, CreateUser and CreateGroup).
func reservedNames() []string { return []string{"Administrator", "AWSAdministrators"} }

// partitions are those that AWS has published (AWS SDK, partitions.json).
func partitions() []string {
	return []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
}

// legalNameRune is identitystore's class for user names: no blanks, and no
// invisible characters.
func legalNameRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P)
}

// legalTextRune is its class for the other texts of users and groups.
func legalTextRune(r rune) bool {
	return legalNameRune(r) || strings.ContainsRune("\t\n\r \u00a0\u3000", r)
}

// legalGroupRune is its class for a group's display name.
func legalGroupRune(r rune) bool { return legalNameRune(r) || strings.ContainsRune("\t\n\r \u00a0", r) }

// legalSetDescriptionRune is sso-admin's PermissionSetDescription: Latin-1.
func legalSetDescriptionRune(r rune) bool {
	return strings.ContainsRune("\t\n\r", r) || r >= 0x20 && r <= 0x7e || r >= 0xa1 && r <= 0xff
}

// legalRelayRune is sso-admin's RelayState.
func legalRelayRune(r rune) bool {
	return r < 0x7f && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`&$@#\/%?=~-_'"|!:,.;*+[] (){}`, r))
}

// legalPolicyRune is sso-admin's PermissionSetPolicyDocument.
func legalPolicyRune(r rune) bool { return strings.ContainsRune("\t\n\r", r) || r >= 0x20 && r <= 0xff }

// Unseen returns the first character that shows as a blank and is none, or does not
// show at all: a no-break space, a byte order mark. It is named as for
// a text that AWS refuses.
func Unseen(text string) (at int, name string, ok bool) {
	for i, r := range text {
		if unseen(r) && !strings.ContainsRune(" \t\r\n", r) {
			return i, describeRune(r), true
		}
	}
	return 0, "", false
}

// describeRune names a character so that it can be found, even where it cannot
// be seen.
func describeRune(r rune) string {
	name := map[rune]string{
		'\t': "tab", '\n': "line break", '\r': "carriage return", ' ': "blank",
		0x00a0: "no-break space", 0x00ad: "soft hyphen", 0x200b: "zero-width space", 0x200c: "zero-width non-joiner",
		0x200d: "zero-width joiner", 0x2010: "hyphen", 0x2011: "non-breaking hyphen", 0x2012: "figure dash",
		0x2013: "en dash", 0x2014: "em dash", 0x2018: "left single quote", 0x2019: "right single quote",
		0x201c: "left double quote", 0x201d: "right double quote", 0x2022: "bullet", 0x2026: "ellipsis",
		0x202f: "narrow no-break space", 0x3000: "ideographic space", 0xfeff: "byte order mark", 0xfffd: "replacement character",
	}[r]
	code := fmt.Sprintf("U+%04X", r)
	switch {
	case name != "" && unicode.IsGraphic(r) && !unicode.IsSpace(r):
		return fmt.Sprintf("%s %s (%c)", code, name, r)
	case name != "":
		return code + " " + name
	case unicode.IsGraphic(r):
		return fmt.Sprintf("%s (%c)", code, r)
	default:
		return code
	}
}
