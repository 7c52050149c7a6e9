package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

func (k *checker) checkGroups() {
	ours, theirs := k.groupLists()
	k.groups = newNames(len(ours) + len(theirs))
	for _, g := range ours {
		k.checkGroup(g, k.keys.In("access_groups"))
		k.checkOwnGroup(g)
	}
	for _, g := range theirs {
		k.checkGroup(g, k.keys.In("external_groups"))
	}
	r := renames{kind: "group", defined: k.groups, former: map[string]Text{}, moved: map[string]bool{}}
	for _, g := range slices.Concat(ours, theirs) {
		r.note(g.Name, g.Previously)
	}
	for _, g := range slices.Concat(ours, theirs) {
		k.checkPreviously(g.Previously, g.Name, r)
	}
}

func groupCalled(g GroupSpec) string { return called("group", g.Name) }

// called names something in a sentence, also where its name is missing.
func called(what string, name Text) string {
	if name.Value != "" {
		return fmt.Sprintf("the %s %q", what, name.Value)
	}
	return "a " + what
}

func (k *checker) checkGroup(g GroupSpec, kind *Kind) {
	k.checkKeys(kind, &g, groupCalled(g))
	if g.Name.Value != "" {
		k.checkReserved(g.Name, "group")
		if first, dup := k.groups.add(g.Name); dup {
			k.duplicate("group", CodeDuplicateGroup, "Merge the two, or rename one of them.", g.Name, first)
		}
	}
	k.checkAccounts(g)
	k.checkSession(g.SessionDuration)
	k.checkTags(g.Tags)
	k.checkPolicies(g)
	k.checkInline(g)
}

// checkOwnGroup has the rules of groups that rolecall creates. Their
// description also goes to the group, with the owner's mark, which fits:
// MaxSetDescription and MaxMark are less than MaxDescription.
func (k *checker) checkOwnGroup(g GroupSpec) {
	if _, mark := ParseMark(g.Description.Value); mark.Owner != "" {
		k.errorf(CodeReservedMark, g.Description.Range, "Remove the brackets at its end: rolecall writes the owner's mark there itself.",
			"the description ends in an owner's mark")
	}
	for _, r := range g.Description.Value {
		if legalSetDescriptionRune(r) && !legalTextRune(r) {
			k.errorf(CodeRefusedRune, g.Description.Range, "Replace it.", "AWS refuses the character %s in a group's description", describeRune(r))
			break
		}
	}
}

func (k *checker) checkAccounts(g GroupSpec) {
	switch {
	case !g.AccountsNames.Set():
		k.errorf(CodeMissingKey, g.Range, "Add accounts_names = [\"...\"], the names of AWS accounts.", "%s lacks accounts_names", groupCalled(g))
	case len(g.AccountsNames.Items) == 0:
		k.warnf(CodeNoAccounts, g.AccountsNames.Range, "Add its accounts, or remove the group.", "%s has no account, so it grants nothing", groupCalled(g))
	}
	for _, a := range g.AccountsNames.Items {
		k.checkAccount(a)
	}
}

// likelyID is how many digits are rather an id that lost its zeros than a name.
const likelyID = 6

func (k *checker) checkAccount(a Text) {
	switch id := SpacedID(strings.TrimSpace(a.Value)); { // blanks at the ends are told of for every name
	case id != "":
		k.warnf(CodeAccountID, a.Range, writeID(id),
			"%q looks like an account id and would be read as a name", a.Value)
	case LostZeros(a.Value) != "" && len(a.Value) >= likelyID:
		k.warnf(CodeAccountID, a.Range, writeZeros(LostZeros(a.Value)),
			"%q is read as a name, because an account id has 12 digits", a.Value)
	case strings.HasPrefix(a.Value, "<") && strings.HasSuffix(a.Value, ">"):
		k.warnf(CodePlaceholder, a.Range, "Write the name of one of your accounts.", "%q looks like a placeholder", a.Value)
	}
}

func (k *checker) checkSession(t Text) {
	if t.Value == "" {
		return
	}
	seconds, ok := DurationSeconds(t.Value)
	switch {
	case !ok:
		k.errorf(CodeSessionDuration, t.Range, SessionHint(t.Value), "%q is not a duration that AWS accepts", t.Value)
	case seconds < MinSession || seconds > MaxSession:
		k.errorf(CodeSessionDuration, t.Range, SessionHint(t.Value), "a session cannot last %s", t.Value)
	}
}

func (k *checker) checkTags(tags List[TagSpec]) {
	if n := len(tags.Items); n > MaxTags-ownTags {
		k.errorf(CodeTooManyTags, tags.Range, fmt.Sprintf("Remove %d.", n-(MaxTags-ownTags)), "a permission set can have %d tags besides rolecall's own %d; this one has %d", MaxTags-ownTags, ownTags, n)
	}
	const allowed = "AWS accepts letters, digits, spaces and _ . : / = + - @ in tags."
	for _, t := range tags.Items {
		lower := strings.ToLower(t.Key.Value)
		switch {
		case t.Key.Value == "":
			k.errorf(CodeEmptyText, t.Value.Range, "Give the tag a key, or remove it.", "a tag has an empty key")
		case strings.HasPrefix(lower, "rolecall:") || strings.HasPrefix(lower, "aws:"):
			k.errorf(CodeReservedTag, t.Key.Range, "Choose another key.", "the tag %q has a reserved prefix", t.Key.Value)
		}
		k.checkText(t.Key, textRule{what: "a tag's key", max: MaxTagKey, legal: legalTagRune, allowed: allowed})
		k.checkText(t.Value, textRule{what: "a tag's value", max: MaxTagValue, legal: legalTagRune, allowed: allowed})
	}
}

// checkReferences looks for names in users[].groups and members that nothing
// defines. They may exist in AWS, so these are warnings; each name once.
func (k *checker) checkReferences() {
	ours, theirs := k.groupLists()
	former := map[string]Text{}
	for _, g := range slices.Concat(ours, theirs) {
		if g.Previously.Value != "" {
			former[g.Previously.Value] = g.Name
		}
	}
	if k.usersCount() {
		missing := newMissing()
		for _, u := range k.config.Users.Items {
			missing.collect(u.Groups.Items, k.groups)
		}
		k.reportMissing("group", CodeUndefinedGroup, missing, former, func(name string) string {
			return k.groups.mean(name, ", and would be two groups", "Correct the name or define the group; if AWS has such a group, members are added to it and none removed.")
		})
	}
	k.checkMembers(ours)
}

// missing are names that nothing defines, with all places that use them.
type missing struct {
	order  []Text
	ranges map[string][]diag.Range
}

func newMissing() *missing { return &missing{ranges: map[string][]diag.Range{}} }

func (m *missing) collect(used []Text, defined *nameTable) {
	for _, t := range used {
		if t.Value == "" || defined.has(t.Value) {
			continue
		}
		if m.ranges[t.Value] == nil {
			m.order = append(m.order, t)
		}
		m.ranges[t.Value] = append(m.ranges[t.Value], t.Range)
	}
}

// reportMissing warns of names that nothing defines, each with a hint. One that something
// else of the config was called is refused: as long as it is written, nothing is renamed,
// and who has access by it loses it.
func (k *checker) reportMissing(what string, code diag.Code, m *missing, former map[string]Text, hint func(name string) string) {
	for _, t := range m.order {
		others := m.ranges[t.Value][1:]
		if now, ok := former[t.Value]; ok {
			k.add(diag.Error, CodeFormerName, t.Range, fmt.Sprintf("Write %q here.", now.Value),
				fmt.Sprintf("the %s %q is called %q now, by `previously`", what, t.Value, now.Value), others...)
		} else {
			k.add(diag.Warning, code, t.Range, hint(t.Value), fmt.Sprintf("no %s %q is defined", what, t.Value), others...)
		}
	}
}

// meanUser is mean for a user, whom people also write by the address, or without what is
// behind the @.
func (k *checker) meanUser(name, otherwise string) string {
	if k.written == nil {
		k.written = map[string]string{}
		for _, u := range slices.Backward(k.config.Users.Items) { // the first of several counts
			called := u.UserName().Value
			for _, start := range []string{names.BeforeAt(called), names.BeforeAt(u.Email.Value)} {
				k.written[start] = called
			}
			k.written[fold(u.Email.Value)] = called
		}
	}
	if _, same := k.users.fold[fold(name)]; !same {
		if meant := cmp.Or(k.written[fold(name)], k.written[names.BeforeAt(name)]); meant != "" {
			return fmt.Sprintf("Did you mean %q? %s", meant, otherwise)
		}
	}
	return k.users.mean(name, "", otherwise)
}

func (k *checker) checkMembers(groups []GroupSpec) {
	removed := newNames(len(k.config.RemovedUsers.Items))
	for _, t := range k.config.RemovedUsers.Items {
		removed.add(t)
	}
	missing := newMissing()
	for _, g := range groups {
		for _, m := range g.Members.Items {
			if first, ok := removed.exact[m.Value]; ok {
				k.add(diag.Error, CodeRemovedUserKept, m.Range, "Remove the member, or the name from `removed_users`.",
					fmt.Sprintf("the user %q is to be removed and is a member of %s", m.Value, groupCalled(g)), first.Range)
			}
		}
		if k.usersCount() { // else the identity provider knows the users
			missing.collect(g.Members.Items, k.users)
		}
	}
	former := map[string]Text{}
	for _, u := range k.config.Users.Items {
		if u.Previously.Value != "" {
			former[u.Previously.Value] = u.UserName()
		}
	}
	missing.order = slices.DeleteFunc(missing.order, func(t Text) bool { return removed.has(t.Value) })
	k.reportMissing("user", CodeUndefinedUser, missing, former, func(name string) string {
		return k.meanUser(name, "Correct the name or define the user; if AWS has such a user, nothing needs to be done.")
	})
}
