package main

import (
	"fmt"
	"strconv"
	"strings"
)

// data is a confusables.txt: the version it states and its mappings.
type data struct {
	version  string
	mappings map[rune]string
}

// parse reads lines of the form "0430 ;	0061 ;	MA	# comment".
func parse(text string) (data, error) {
	d := data{mappings: map[rune]string{}}
	for n, line := range strings.Split(text, "\n") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "# Version: "); ok {
			d.version = v
		}
		line, _, _ = strings.Cut(strings.TrimPrefix(line, "\uFEFF"), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		from, to, err := mapping(line)
		if err != nil {
			return data{}, fmt.Errorf("line %d: %w", n+1, err)
		}
		d.mappings[from] = to
	}
	if d.version == "" || len(d.mappings) == 0 {
		return data{}, fmt.Errorf("find a version and mappings: there are none")
	}
	return d, nil
}

func mapping(line string) (from rune, to string, err error) {
	fields := strings.Split(line, ";")
	if len(fields) < 2 {
		return 0, "", fmt.Errorf("read %q: want two fields", line)
	}
	source, err := characters(fields[0])
	if err != nil {
		return 0, "", err
	}
	target, err := characters(fields[1])
	if err != nil {
		return 0, "", err
	}
	if len(source) != 1 || len(target) == 0 {
		return 0, "", fmt.Errorf("read %q: want one character and what it looks like", line)
	}
	return source[0], string(target), nil
}

func characters(field string) ([]rune, error) {
	var out []rune
	for _, hex := range strings.Fields(field) {
		n, err := strconv.ParseUint(hex, 16, 21)
		if err != nil {
			return nil, fmt.Errorf("read code point %q: %w", hex, err)
		}
		out = append(out, rune(n))
	}
	return out, nil
}
