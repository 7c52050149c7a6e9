package config_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// evaluated reads a config of locals, and how many bytes that took.
func evaluated(locals string, files fstest.MapFS) (*config.Result, []string, uint64) {
	fsys := fstest.MapFS{"inputs.hcl": {Data: []byte("locals {\n" + locals + "\n}\n")}}
	for name, f := range files {
		fsys[name] = f
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res, found := config.LoadFS(fsys, "", config.Options{})
	runtime.ReadMemStats(&after)
	var texts []string
	for _, d := range found {
		texts = append(texts, string(d.Code)+" "+d.Summary+" "+d.Hint+" "+d.Range.String())
	}
	return res, texts, after.TotalAlloc - before.TotalAlloc
}

// TestExpressionsAreBounded: what would grow without end is refused before it
// has grown, also where try would hide that, with its place.
func TestExpressionsAreBounded(t *testing.T) {
	doubled := "x0 = \"" + strings.Repeat("a", 30_000) + "\"\n"
	listed := "x0 = [\"a\"]\n"
	for i := range 40 {
		doubled += fmt.Sprintf("x%d = \"${local.x%d}${local.x%d}\"\n", i+1, i, i)
		listed += fmt.Sprintf("x%d = concat(%s)\n", i+1, strings.Repeat(fmt.Sprintf("local.x%d, ", i), 10))
	}
	nested := "local.big"
	for range 40 {
		nested = "[for a in range(2) : " + nested + "]"
	}
	lines := strings.Repeat("1,", 5) + "\n"
	for name, tt := range map[string]struct{ expr, more string }{
		"a width":              {`[format("%999999999d", 1)]`, ""},
		"a width in a list":    {`formatlist("%999999d", range(1000))`, ""},
		"a precision":          {`[format("%.999999f", 1)]`, ""},
		"a numbered argument":  {`[format("${join("", [for i in range(1000) : "%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s"])}", local.text)]`, ""},
		"replace":              {`[replace(local.text, "a", local.text)]`, ""},
		"replace of nothing":   {`[replace(local.text, "", local.text)]`, ""},
		"replace by a pattern": {`[replace(local.text, "/a/", local.text)]`, ""},
		"indent":               {`[indent(1000000, local.lines)]`, ""},
		"indent a little":      {`[for i in range(1000) : indent(100000, local.lines)]`, ""},
		"join":                 {`[join(local.text, split("", local.text))]`, ""},
		"join in try":          {`try([join(local.text, split("", local.text))], [])`, ""},
		"join in can":          {`can(join(local.text, split("", local.text))) ? [] : []`, ""},
		"setproduct":           {`[for x in setproduct(range(1000), range(1000), range(1000)) : x[0]]`, ""},
		"flatten":              {`flatten([for x in range(1000) : local.thousand])`, "thousand = range(1000)"},
		"for in for":           {`[for x in range(1000) : [for y in range(1000) : [for z in range(1000) : [z, z, z]]]]`, ""},
		"for in try in for":    {`[for x in range(1000) : try([for y in range(1000) : try([for z in range(1000) : "${local.text}${z}"], 1)], 1)]`, ""},
		"nested for":           {nested, "big = range(1000)"},
		"doubled texts":        {"[local.x40]", doubled},
		"doubled lists":        {"local.x40", listed},
		"a template":           {`["%{for x in range(1000)}%{for y in range(1000)}${local.text}%{endfor}%{endfor}"]`, ""},
		"jsonencode":           {`[for x in range(1000) : jsonencode([for y in range(1000) : local.text])]`, ""},
		"jsondecode":           {`jsondecode("[${join(",", [for x in range(1000) : local.thousand])}]")[*][*][*][*]`, `thousand = join(",", range(1000))`},
		"digits":               {`[parseint(join("", [for x in range(1000) : local.text]), 36)]`, ""},
		"digits of a number":   {`[1 + join("", [for x in range(1000) : "${join("", range(1000))}"])]`, ""},
		"a power of ten":       {`["${1e999999999}"]`, ""},
		"a product":            {`["${1e70 * 1e70}"]`, ""},
		"a division by zero":   {`["${1 / 0}"]`, ""},
		"one in try":           {`[try(tostring(1 / 0), "x")]`, ""},
		"nothing":              {`[format("%d", 1 / 0 - 1 / 0)]`, ""},
		"csvdecode":            {`[for r in csvdecode(join("", [for x in range(1000) : local.table])) : "${r.a}${r.a}"]`, ""},
		"regexall":             {`[for m in range(1000) : regexall("", join("", [for x in range(1000) : local.text]))]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			_, found, bytes := evaluated("removed_users = "+tt.expr+"\ntext = \""+strings.Repeat("a", 20_000)+"\"\nlines = <<E\n"+strings.Repeat("a\n", 5000)+"E\ntable = <<E\na\n"+strings.Repeat(lines, 1000)+"E\n"+tt.more, nil)
			if !slices.ContainsFunc(found, func(s string) bool {
				return strings.Contains(s, "config.too-much") || strings.Contains(s, "too large to be written") || strings.Contains(s, "of that size")
			}) || !strings.Contains(strings.Join(found, " "), "inputs.hcl:") {
				t.Errorf("found %.300q", found)
			}
			if took := time.Since(begun); bytes > 4<<30 || took > time.Minute {
				t.Errorf("it took %s and %d MB in all", took, bytes>>20)
			}
		})
	}
}

// TestUsedOften: what is written once and used very often is read in the time that
// reading takes, or refused: nothing grows with the product of both.
func TestUsedOften(t *testing.T) {
	const uses, parts = 10_000, 4_000
	numbered := func(format string) string {
		lines := make([]string, parts)
		for i := range lines {
			lines[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(lines, "\n")
	}
	env := fstest.MapFS{"env.hcl": {Data: []byte("locals {\n" + numbered(`k%d = "x"`) + "\n}\n")}}
	more := "o = {\n" + numbered(`k%d = "x"`) + "\n}\nl = [\n" + numbered(`"x%d",`) + "\n]\nm = merge(local.o, {})\ncat = concat(local.l, [])\n" +
		"deep = { a = [for i in range(1000) : [for j in range(50) : \"x\"]] }\nc = read_terragrunt_config(\"env.hcl\")\nfive = 5\n"
	for _, use := range []string{
		`local.deep.a[0][0]`, `local.deep.a[local.five][0]`, `local.deep["a"][0][1]`, `(local.deep.a)[0][0]`,
		`local.o.k%d`, `local.o["k%d"]`, `local.o["k${local.five}"]`, `local.m.k%d`, `lookup(local.o, "k%d", "y")`, `merge(local.o, {}).k%d`,
		`local.l[%d]`, `local.cat[%d]`, `concat(local.l, [])[%d]`, `element(local.l, %d)`,
		`local.c.locals.k%d`, `local.c.locals["k%d"]`, `try(local.c.locals.zzzz, "a")`, `try(local.c.locals.zzzz%d, "a")`, `try(local.c.inputs.zzzz%d, "a")`,
		`read_terragrunt_config("env.hcl").locals.k%d`, `try(local.o.zzzz%d, "a")`, `local.o == {} ? "a" : "b"`, `try(local.c, {}) == {} ? "a" : "b"`,
		`length(local.l) > 0 ? "a" : "b"`, `join("", [local.o.k1, local.l[2]])`, `contains(local.l, "x%d") ? "a" : "b"`,
		`slice(local.l, 0, 1)[0]`, `coalesce(try(local.o.k1, ""), "b")`, `can(local.c) ? "a" : "b"`, `one([local.o]).k1`,
	} {
		t.Run(use, func(t *testing.T) {
			list := make([]string, uses)
			for i := range list {
				list[i] = strings.ReplaceAll(use, "%d", fmt.Sprint(i*7%parts))
			}
			begun := time.Now()
			_, found, bytes := evaluated("removed_users = [\n"+strings.Join(list, ",\n")+"\n]\n"+more, env)
			if took := time.Since(begun); bytes > 3<<30 || took > time.Minute {
				t.Errorf("it took %s and %d MB in all; found %.100q", took, bytes>>20, found)
			}
		})
	}
}

// TestListsOfManyGroups: a long list that many groups have is as much as it is in all
// of them.
func TestListsOfManyGroups(t *testing.T) {
	group := `{ name = "g", description = "d", accounts_names = local.l }`
	list := "access_groups = [" + strings.Repeat(group+",\n", 3000) + "]\nl = [" + strings.Repeat(`"a",`, 3000) + "]\n"
	_, found, bytes := evaluated(list, nil)
	if len(found) != 1 || !strings.Contains(found[0], "config.too-much") || bytes > 3<<30 {
		t.Errorf("%d MB, found %.300q", bytes>>20, found)
	}
}

// TestOrdinaryExpressions: what people compute is within the bounds.
func TestOrdinaryExpressions(t *testing.T) {
	for _, expr := range []string{
		`[for i in setproduct(range(100), range(100)) : format("%03d-%s@company.com", i[0], i[1])]`,
		`[for u in csvdecode(file("users.csv")) : lower(replace(u.email, "/\\s+/", ""))]`,
		`distinct(flatten([for i in range(200) : [for j in range(200) : "u${j}@company.com"]]))`,
		`[for i in range(100) : "u${i}@company.com" if !contains([for j in range(100) : "x${j}"], i)]`,
		`sort(values({ for i in range(1000) : format("%05d", i) => upper("u${i}") }))`,
		"[for u in local.many : \"u${u}@company.com\" if contains(local.many, u)]\nmany = concat(range(700), range(700))",
		`[lookup({ for i in range(1000) : "k${i}" => "v" }, "k7", "w"), tostring(10 / 4), format("%5.2f%%|%-8s|%q|%v", 1.5, "a", "b", [1])]`,
	} {
		_, found, _ := evaluated("removed_users = "+expr, fstest.MapFS{"users.csv": {Data: []byte("name,email\n" + strings.Repeat("Jane Doe,Jane.Doe@company.com\n", 20_000))}})
		if len(found) > 0 {
			t.Errorf("%s: found %.300q", expr, found)
		}
	}
}

// TestNoGoInTexts: no mark of Go's own fmt, and no infinity, becomes a text.
func TestNoGoInTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		verb := "%" + rapid.StringMatching(`[-+ 0#]{0,2}(\[[0-3]\])?[0-9*]{0,7}(\.[0-9*]{0,7})?`).Draw(t, "flags") + rapid.SampledFrom(strings.Split("v#d#s#q#t#f#g#e#x#X#o#b#c#z#!#%#T#p#U", "#")).Draw(t, "verb")
		arg := rapid.SampledFrom([]string{`1`, `-1.5`, `"a"`, `"12"`, `true`, `null`, `[1, "b"]`, `{ a = 1 }`, `1 / 0`, `-1 / 0`, `1e300`, `1e-300`, `2e76`, `[]`, `"\u0000"`, `[null]`}).Draw(t, "argument")
		call := rapid.SampledFrom([]string{`format(%q, %s)`, `join("", formatlist(%q, [%s]))`, `tostring(%[2]s)`, `"%.0[1]s${%[2]s}"`, `jsonencode(%[2]s)`, `format(%q, %s, 2)`}).Draw(t, "call")
		res, _, _ := evaluated("removed_users = [try("+fmt.Sprintf(call, strings.ReplaceAll(verb, "${", ""), arg)+", \"-\")]", nil)
		for _, text := range res.Config.RemovedUsers.Items {
			if strings.Contains(text.Value, "%!") || strings.Contains(text.Value, "Inf") || strings.Contains(text.Value, "NaN") || len(text.Value) > 3000 {
				t.Fatalf("%s of %s in %s returns %q", verb, arg, call, text.Value)
			}
		}
	})
}
