package emulator

// Access keys of the callers that every estate has unless it defines a caller of
// the same key. Any secret key and session token go with them. Every other key is
// taken for [ManagementKey].
const (
	ManagementKey = "AKIAEMULATORMGMT0000" // administrator in the management account
	DelegatedKey  = "AKIAEMULATORDELEG000" // administrator in the delegated administrator's account
	MemberKey     = "AKIAEMULATORMEMBER00" // administrator in an ordinary member account
	ExpiredKey    = "AKIAEMULATOREXPIRED0" // ExpiredTokenException on every call
	InvalidKey    = "AKIAEMULATORINVALID0" // UnrecognizedClientException on every call
	DeniedKey     = "AKIAEMULATORDENIED00" // in the management account, and allowed nothing
)
