package directory

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Settings are the block of a connector in rolecall.hcl. No field has a secret:
// those are in the environment variables and files that it names.
type Settings struct {
	Kind            string
	Organization    string
	Application     string
	ClientID        string
	KeyID           string
	Subject         string
	Path            string
	TokenEnv        string
	ClientSecretEnv string
	PrivateKeyEnv   string
	PrivateKeyFile  string
	CredentialsEnv  string
	CredentialsFile string
	// Dir is the folder that files are relative to.
	Dir string
	// Getenv and ReadFile look things up; nil means the process's own.
	Getenv   func(string) string
	ReadFile func(string) ([]byte, error)
}

// Invalid gives the error of a setting.
func (s Settings) Invalid(system, needs, format string, args ...any) error {
	return &Error{Kind: BadSetting, System: system, Message: fmt.Sprintf(format, args...), Needs: needs}
}

// Require gives an error that names the first key of the block that is empty.
// keys are names and values in turn.
func (s Settings) Require(system string, keys ...string) error {
	for i := 0; i+1 < len(keys); i += 2 {
		if keys[i+1] == "" {
			return s.Invalid(system, fmt.Sprintf("Add it to connector %q in rolecall.hcl; docs/idp says what it is.", s.Kind), "the setting %q is missing", keys[i])
		}
	}
	return nil
}

// Secret gives the content of the environment variable env, or else of the file;
// "" where neither is named.
func (s Settings) Secret(system, env, file string) (string, error) {
	if env != "" {
		getenv := s.Getenv
		if getenv == nil {
			getenv = os.Getenv
		}
		if value := getenv(env); value != "" {
			return value, nil
		}
		return "", s.Invalid(system, "Set it, for this process only.", "the environment variable %q is not set", env)
	}
	if file == "" {
		return "", nil
	}
	text, err := s.File(file)
	if err != nil {
		return "", s.Invalid(system, "Correct the path in rolecall.hcl, or the file's permissions.", "read %q: %v", file, err)
	}
	return string(text), nil
}

// File reads a file that the settings name.
func (s Settings) File(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(cmp.Or(s.Dir, "."), name)
	}
	if s.ReadFile != nil {
		return s.ReadFile(name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSettingsFile+1))
	if len(text) > maxSettingsFile {
		return nil, fmt.Errorf("it has more than %d MB", maxSettingsFile>>20)
	}
	return text, err
}

// maxSettingsFile bounds keys, credentials and exports, in bytes: 100,000 users
// are about 20 MB.
const maxSettingsFile = 64 << 20
