package config_test

// ignoreText says what the setting `ignore` covers, below the table of settings.
const ignoreText = `
### What ` + "`" + `ignore` + "`" + ` protects

Whatever a pattern matches, in the config or in AWS, under its name or its former one, is left as it is:

| A pattern that matches | keeps |
|---|---|
| a permission set | everything on it, its tags, its record, and all its assignments |
| a group | its name, description and members, and all its account assignments |
| a user | their attributes, their memberships in any group, and the account assignments of their own |
| an account | all assignments in it, and what the roles in it allow |

What has to stay for that, stays too, and the plan says so: a permission set that still has such an assignment, a group that still has such an assignment or such a member, though the config has neither any more.

**Shared permission sets.** AWS keeps one content of a permission set for everybody who has it, and provisions an account as a whole. So where a group, a user or an account that a pattern matches
has one of your permission sets, rolecall does not edit that permission set (policies, boundary, session duration, relay state, description; tags and the record give nobody anything) and does not provision it there.
The plan says who has it, by which pattern, and what to do: give them a permission set of their own, or take the pattern out. What needs the edit waits; the rest of the plan goes on. Whoever the pattern matches keeps exactly what they have. Accounts that are not active hold nothing up: AWS changes nothing there.

What ` + "`" + `ignore` + "`" + ` does **not** protect:

- What a user gets or loses as a member of a group that no pattern matches: ` + "`" + `"user:jane"` + "`" + ` keeps Jane's memberships, not what her groups have.
- A member who is in ` + "`" + `removed_users` + "`" + ` and whom no pattern matches: they are deleted, and AWS takes them out of every group, also of an ignored one.
- Who joins a group that no pattern matches gets what that group has, also in an ignored account.
- Anything from others: rolecall does not repair what it ignores.
`
