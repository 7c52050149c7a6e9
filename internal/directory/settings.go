package directory

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/rolecall-dev/rolecall/internal/trust"
)

// Settings are the block of a connector in rolecall.hcl. No field has a secret:
// those are in the environment variables and files that it names.
type Settings struct {
	Kind            string
	Organization    string
	Application     string
	Cloud           string // Entra: "" for the global one
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
	// Dir is the folder that files are in, and relative to.
	Dir string
	// Machine is what the environment allows beyond what any config may ask for.
	Machine trust.Machine
	// Getenv and ReadFile look things up; nil means the process's own.
	Getenv   func(string) string
	ReadFile func(string) ([]byte, error)
}

// Invalid returns the error of a setting.
func (s Settings) Invalid(system, needs, format string, args ...any) error {
	return &Error{Kind: BadSetting, System: system, Message: fmt.Sprintf(format, args...), Needs: needs}
}

// Require returns an error that names the first key of the block that is empty.
// keys are names and values in turn.
func (s Settings) Require(system string, keys ...string) error {
	for i := 0; i+1 < len(keys); i += 2 {
		if keys[i+1] == "" {
			return s.Invalid(system, fmt.Sprintf("Add it to connector %q in rolecall.hcl; docs/idp says what it is.", s.Kind), "the setting %q is missing", keys[i])
		}
	}
	return nil
}

// Secret returns the content of the environment variable env, or else of the file;
// "" where neither is named. Its errors show neither name: either may be the
// secret itself, written in the wrong place.
func (s Settings) Secret(system, env, file string) (string, error) {
	if env != "" {
		if err := s.Machine.Variable(trust.VendorOf(s.Kind), env); err != nil {
			return "", s.untrusted(system, s.keyOf(env), err)
		}
		getenv := s.Getenv
		if getenv == nil {
			getenv = os.Getenv
		}
		if value := getenv(env); value != "" {
			return value, nil
		}
		return "", s.Invalid(system, unset(env), "%s is not set", trust.Named(env, s.keyOf(env)))
	}
	if file == "" {
		return "", nil
	}
	text, err := s.File(file, maxKey)
	switch refusal := (*trust.Refusal)(nil); {
	case errors.As(err, &refusal):
		return "", s.untrusted(system, s.keyOf(file), err)
	case err != nil:
		return "", s.Invalid(system, "Correct the path in rolecall.hcl, or the file's permissions. "+trust.Replace, "the file that %s names cannot be read: %v", s.keyOf(file), cause(err))
	}
	if len(text) > maxKey {
		return "", s.Invalid(system, "Correct the path in rolecall.hcl.", "the file that %s names is larger than a key can be", s.keyOf(file))
	}
	return string(text), nil
}

// unset says what to do about a variable that is not set.
func unset(env string) string {
	if trust.IsPlain(env) {
		return "Set it, for this process only."
	}
	return "Set it, for this process only. " + trust.Replace
}

// untrusted returns the error of a setting that is not followed.
func (s Settings) untrusted(system, key string, err error) error {
	needs := ""
	if r := (*trust.Refusal)(nil); errors.As(err, &r) {
		needs = r.Do
	}
	return s.Invalid(system, needs, "%s in rolecall.hcl %v", key, err)
}

// Host reads the address in a setting that is to get the vendor's secret.
func (s Settings) Host(system, key, text string) (*url.URL, error) {
	u, err := s.Machine.URL(trust.VendorOf(s.Kind), text)
	if err != nil {
		return nil, s.untrusted(system, key, err)
	}
	return u, nil
}

// keyOf says which key has this value.
func (s Settings) keyOf(value string) string {
	for _, k := range [][2]string{{"token_env", s.TokenEnv}, {"client_secret_env", s.ClientSecretEnv}, {"private_key_env", s.PrivateKeyEnv}, {"credentials_env", s.CredentialsEnv},
		{"private_key_file", s.PrivateKeyFile}, {"credentials_file", s.CredentialsFile}} {
		if k[1] == value {
			return k[0]
		}
	}
	return "a setting"
}

// cause leaves out the path, which is a setting's value.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// maxKey bounds a file that holds a secret, in bytes.
const maxKey = 1 << 20

// File reads a file that the settings name: one of the config's folder, links
// followed within it only, or one that the environment allows. Of a file with
// more than most bytes, it returns one byte more than that.
func (s Settings) File(name string, most int64) ([]byte, error) {
	file, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most+1))
}

func (s Settings) open(name string) (io.ReadCloser, error) {
	if err := s.Machine.Path(name); err != nil {
		return nil, err
	}
	dir := cmp.Or(s.Dir, ".")
	if s.ReadFile != nil {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		text, err := s.ReadFile(name)
		return io.NopCloser(bytes.NewReader(text)), err
	}
	if filepath.IsAbs(name) {
		return os.Open(name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(name)
}
