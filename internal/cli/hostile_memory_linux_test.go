package cli

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/internal/hostile"
)

// No answer takes a gigabyte: commands run one after the other in a process of
// their own, whose peak the operating system tells.
func TestMemoryUnderAnyAnswer(t *testing.T) {
	if os.Getenv("ROLECALL_HOSTILE_CHILD") == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryUnderAnyAnswer$", "-test.v")
		cmd.Env = append(os.Environ(), "ROLECALL_HOSTILE_CHILD=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10 // kibibytes on Linux
		t.Logf("peak %d MiB", peak>>20)
		if peak > 1<<30 {
			t.Errorf("peak %d MiB", peak>>20)
		}
		return
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	long := strings.Repeat("x", 60_000)
	for _, k := range append(heavyAnswers(), hostile.Endless("NextToken", func(n int64, like any) any {
		g, ok := like.(map[string]any)
		if !ok {
			return fmt.Sprint(like, n)
		}
		g = maps.Clone(g)
		for _, key := range []string{"GroupId", "DisplayName", "Description", "UserId", "UserName", "MembershipId", "PrincipalId"} {
			if _, has := g[key]; has {
				g[key] = fmt.Sprintf("%d%s", n, long)
			}
		}
		return g
	})) {
		for _, args := range [][]string{{"plan"}, {"doctor", "--config"}, {"verify"}} {
			synctest.Test(t, func(t *testing.T) {
				b := newBetween(t, "entra")
				b.toAWS.Kind, b.toIdP.Kind = &k, &k
				b.toAWS.On = func(r *http.Request) bool {
					return strings.Contains(r.Header.Get("X-Amz-Target"), ".List") && !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListInstances")
				}
				if code, out := b.run(append(args, b.dir)...); code == Done {
					t.Errorf("%v, %s: %s", args, k.Name, out)
				}
			})
		}
	}
}

// heavyAnswers are just within the bounds of one answer, or have none.
func heavyAnswers() []hostile.Kind {
	var out []hostile.Kind
	for _, k := range hostile.Answers() {
		if strings.Contains("without end; a failure without end; packed; too many values; lists in lists; objects in objects; elements in elements", k.Name) {
			out = append(out, k)
		}
	}
	return append(out, hostile.Changed("large items", func(_ int64, doc map[string]any) {
		for key, value := range doc {
			if list, ok := value.([]any); ok && len(list) > 0 {
				for len(list) < 30_000 {
					list = append(list, list[0])
				}
				doc[key] = list
			}
		}
	}))
}
